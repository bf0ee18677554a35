import type { BoardError } from '../contract/errors.ts';
import type { Result } from '../contract/result.ts';
import type { BoardInventory, BoardReading, EnergyReply, EnergyRequest } from '../runner/board-reading.ts';
import type {
  BoardConditions,
  BoardIdentity,
  ProfileReply,
  ProfileRequest,
  SessionSettings,
  SustainPart,
  SustainReply,
  SustainRequest,
  TimeReply,
  TimeRequest,
  TrialPart,
  TrialReply,
  TrialRequest,
} from '../runner/protocol.ts';

/** A connected board with its runner started. Every call can fail with the link. */
export interface Board {
  /** `local`, or `ssh://user@host:port`. */
  readonly address: string;
  readonly identity: BoardIdentity;
  /** Bytes copied to install the runner at this connect; 0 when it was there. */
  readonly installedBytes: number;
  /** State of the board as it is now. */
  conditions(signal?: AbortSignal): Promise<Result<BoardConditions, BoardError | RuntimeRefusal>>;
  /** What the board is made of. */
  inventory(signal?: AbortSignal): Promise<Result<BoardInventory, BoardError | RuntimeRefusal>>;
  /** Everything about its state; takes half a second. */
  reading(signal?: AbortSignal): Promise<Result<BoardReading, BoardError | RuntimeRefusal>>;
  /** What models take there, where it has a sensor of power. */
  energy(
    request: EnergyRequest,
    signal?: AbortSignal,
  ): Promise<Result<EnergyReply, BoardError | RuntimeRefusal>>;
  /** Sends the models that the board has not got; sha256 → bytes. */
  putModels(models: ReadonlyMap<string, Uint8Array>): Promise<Result<void, BoardError | RuntimeRefusal>>;
  time(request: TimeRequest, signal?: AbortSignal): Promise<Result<TimeReply, BoardError | RuntimeRefusal>>;
  /** `onPart` gets what was measured as it comes, so that a failure loses none of it; a stop is an answer too. */
  sustain(
    request: SustainRequest,
    onPart: (part: SustainPart) => void,
    signal?: AbortSignal,
  ): Promise<Result<SustainReply, BoardError | RuntimeRefusal>>;
  /** As `sustain`: what was found comes through `onPart`. */
  trial(
    request: TrialRequest,
    onPart: (part: TrialPart) => void,
    signal?: AbortSignal,
  ): Promise<Result<TrialReply, BoardError | RuntimeRefusal>>;
  profile(
    request: ProfileRequest,
    signal?: AbortSignal,
  ): Promise<Result<ProfileReply & { readonly optimizedModel: Uint8Array }, BoardError | RuntimeRefusal>>;
  /** Resident set at its highest, bytes, of a fresh process that loads the model and runs it. */
  peakMemory(sha256: string, settings: SessionSettings): Promise<Result<number, BoardError | RuntimeRefusal>>;
  run(
    sha256: string,
    settings: SessionSettings,
    inputs: Uint8Array,
  ): Promise<Result<Uint8Array, BoardError | RuntimeRefusal>>;
  close(): Promise<void>;
}

/** The board is well, but its runtime would not take the model, or the person cancelled. */
export type RuntimeRefusal =
  | { readonly kind: 'modelFailsToRun'; readonly path: string; readonly reason: string }
  | { readonly kind: 'cancelled' };

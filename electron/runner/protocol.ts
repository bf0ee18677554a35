import type { EnergyRequest } from './board-reading.ts';

/**
 * What the app and the runner say to each other. A frame is
 * `uint32 LE length of the rest · uint32 LE length of the header · header (JSON, UTF-8) · body (bytes)`.
 * The app sends `Request` headers, the runner answers each with one `Reply` of the same `id`
 * (and any number of `Progress` before it).
 */
export const protocolVersion = 1;

/** Optimization level of the runtime's graph optimizer. */
export type OptimizationLevel = 'disabled' | 'basic' | 'extended' | 'all';

/** How a session is made; part of the key of every measurement. */
export interface SessionSettings {
  readonly threads: number;
  readonly level: OptimizationLevel;
}

/** One frame from the app. Models are named by their sha256 and put once. */
export type Request = { readonly id: number } & RequestCall;
export type RequestCall =
  | { readonly method: 'hello' }
  /** Reply: `BoardConditions` as they are now. */
  | { readonly method: 'conditions' }
  /** Reply: `BoardInventory`. */
  | { readonly method: 'inventory' }
  /** Reply: `BoardReading`, after watching for a moment what else runs there. */
  | { readonly method: 'reading' }
  /** Reply: `EnergyReply`. */
  | ({ readonly method: 'energy' } & EnergyRequest)
  | { readonly method: 'missingModels'; readonly sha256s: readonly string[] }
  /** Body: the ONNX bytes. Refused unless their sha256 matches. */
  | { readonly method: 'putModel'; readonly sha256: string }
  | ({ readonly method: 'time' } & TimeRequest)
  | ({ readonly method: 'profile' } & ProfileRequest)
  /** `Progress.part`: `SustainPart`. Cancelled, it answers with what was measured until then. */
  | ({ readonly method: 'sustain' } & SustainRequest)
  /** `Progress.part`: `TrialPart`. Cancelled, it answers with what was run until then. */
  | ({ readonly method: 'trial' } & TrialRequest)
  | { readonly method: 'peakMemory'; readonly sha256: string; readonly settings: SessionSettings }
  /** Body: float32 LE inputs, in the order of the model's inputs, for one call. Reply body: the outputs likewise. */
  | { readonly method: 'run'; readonly sha256: string; readonly settings: SessionSettings }
  /** Stops the request `target` after its current block. */
  | { readonly method: 'cancel'; readonly target: number }
  | { readonly method: 'exit' };

/**
 * Times models against each other: all sessions resident, warmed up, then `blocks` blocks. In a block each
 * model runs in a seeded random order, then again in the reverse order (ABBA), `iterations` calls each time.
 */
export interface TimeRequest {
  readonly sha256s: readonly string[];
  readonly settings: SessionSettings;
  readonly blocks: number;
  /** Calls per visit; 0 lets the runner choose for each model so that its visit lasts about `visitMs`. */
  readonly iterations: number;
  readonly visitMs: number;
  readonly warmupMs: number;
  readonly seed: number;
}

/** One block: for model i, the mean time of a call over its two visits. */
export interface TimedBlock {
  readonly wallUs: readonly number[];
  /** Process CPU time per call, same order. */
  readonly cpuUs: readonly number[];
}

export interface TimeReply {
  readonly blocks: readonly TimedBlock[];
  readonly iterations: readonly number[];
  /** Single-call wall times of each model, in the order they were taken (at most 2,000 each). */
  readonly callsUs: readonly (readonly number[])[];
  /** Blocks dropped because the board was throttled or its clock changed, with the reason. */
  readonly dropped: readonly { readonly block: number; readonly reason: string }[];
  /** Models that failed to load or run: index and the runtime's message; they have no times (NaN is sent as null). */
  readonly failed: readonly { readonly model: number; readonly reason: string }[];
  readonly conditions: BoardConditions;
  /** Conditions over the time that the blocks took, a sample at most every second; missing in what an earlier runner sent. */
  readonly conditionsLog?: readonly ConditionsSample[];
}

/** Conditions at one moment of a measurement; what cannot be read is null. */
export interface ConditionsSample {
  /** Since the first block began. */
  readonly seconds: number;
  /** Highest clock of all cores. */
  readonly clockMHz: number | null;
  /** Highest temperature of all sensors. */
  readonly temperatureC: number | null;
  readonly throttled: boolean | null;
}

/**
 * Times models against each other for as long as is asked: all sessions resident, blocks in random ABBA order as in
 * `TimeRequest`, and none is dropped, since how a board that grows hot goes on is what is measured.
 */
export interface SustainRequest {
  readonly sha256s: readonly string[];
  readonly settings: SessionSettings;
  /** Longer where a dozen blocks take longer. */
  readonly durationMs: number;
  readonly visitMs: number;
  readonly warmupMs: number;
  readonly seed: number;
}

/** One block with the state of the board around it. */
export interface SustainedBlock extends TimedBlock {
  /** From the first block to the middle of this one. */
  readonly atMs: number;
  readonly temperatureC: number | null;
  readonly clockMHz: number | null;
  /** The board was held back before, during or after it; null where it does not tell. */
  readonly throttled: boolean | null;
  readonly load1: number;
  /** Resident set of the runner after it. */
  readonly rssBytes: number;
}

/** All calls of one model until now; the quantiles are within 0.5 %. */
export interface CallFigures {
  readonly calls: number;
  readonly p50Us: number;
  readonly p90Us: number;
  readonly p99Us: number;
}

/** Told about every second while a `sustain` goes on. */
export interface SustainPart {
  /** Those since the last part. */
  readonly blocks: readonly SustainedBlock[];
  /** One a model, in the order of the request. */
  readonly models: readonly CallFigures[];
}

/** Its blocks went out as parts before it. */
export interface SustainReply {
  readonly ended: 'complete' | 'cancelled';
  /** Models that failed to load or run, which ends the whole. */
  readonly failed: readonly { readonly model: number; readonly reason: string }[];
  readonly conditions: BoardConditions;
}

/** Lets B shadow A on inputs that lie on the board. */
export interface TrialRequest {
  readonly sha256A: string;
  readonly sha256B: string;
  readonly settings: SessionSettings;
  /** Names its folder on the board: lower-case letters, digits and `-`. */
  readonly trial: string;
  /** File name of A: what `dataset.json` says for one model goes by it. */
  readonly modelName: string;
  /** Absolute path on the board. */
  readonly inputs: string;
  /** Where the answers of A go as `.npy`, absolute; null: nowhere. */
  readonly outputs: string | null;
  /** Inputs after which it ends; 0: all. */
  readonly most: number;
  /** Goes on with what is put into the folder, until it is cancelled. */
  readonly watch: boolean;
}

/** Told at every change of the counts, at most a few times a second. */
export interface TrialPart {
  readonly counts: TrialCounts;
  /** Those since the last part. */
  readonly disagreements: readonly TrialDisagreement[];
  /** Those since the last part, at most so many as are named. */
  readonly malformed: readonly TrialMalformed[];
}

/** What a trial has seen until now. */
export interface TrialCounts {
  /** Inputs that both models were run on. */
  readonly inputs: number;
  readonly agreed: number;
  readonly malformed: number;
  /** Inputs on which A answered and B failed; they count as disagreements. */
  readonly failedB: number;
  readonly a: CallFigures;
  readonly b: CallFigures;
  /** Smallest cosine and largest difference of any output; null before the first input. */
  readonly smallestCosine: number | null;
  readonly largestDifference: number | null;
  /** By what the answers are compared: the largest score of each, or the outputs as they are. */
  readonly by: 'top-1' | 'outputs' | null;
}

/** One input on which A and B say different things. */
export interface TrialDisagreement {
  /** File name, with `[n]` for one of several inputs in it. */
  readonly input: string;
  /** Index of the largest score; null where outputs are compared as they are. */
  readonly top1A: number | null;
  readonly top1B: number | null;
  /** 0 where B failed. */
  readonly cosine: number;
  readonly largestDifference: number | null;
  /** All outputs one after the other, the first values of them; `outputB` is empty where B failed. */
  readonly outputA: readonly number[];
  readonly outputB: readonly number[];
  /** The runtime's message where B failed. */
  readonly reason: string | null;
}

/** A file that could not be used as an input. */
export interface TrialMalformed {
  readonly file: string;
  readonly reason: string;
}

export interface TrialReply {
  readonly ended: 'complete' | 'cancelled';
  readonly counts: TrialCounts;
  /** Why it could not begin; empty where it did. */
  readonly refused: string;
  /** The model that was refused by the runtime, which ends the whole. */
  readonly failed: { readonly model: 0 | 1; readonly reason: string } | null;
  /** Where the disagreements lie on the board. */
  readonly folder: string;
}

export interface ProfileRequest {
  readonly sha256: string;
  readonly settings: SessionSettings;
  readonly iterations: number;
  readonly warmupMs: number;
}

/** Reply of `profile`. Body: the optimized model as the runtime saved it (may be empty). */
export interface ProfileReply {
  /** End-to-end times of the clean pass (no profiling), microseconds, one a call. */
  readonly cleanUs: readonly number[];
  /** End-to-end times of the instrumented pass. */
  readonly instrumentedUs: readonly number[];
  readonly events: readonly ProfileEvent[];
}

/** One node of the graph as the runtime executed it, over all instrumented calls. */
export interface ProfileEvent {
  /** The runtime's node name, without its `_kernel_time` suffix. */
  readonly name: string;
  readonly type: string;
  /** Kernel time of each call, microseconds. */
  readonly callsUs: readonly number[];
  readonly outputBytes: number;
  /** As the runtime counts: 0 where it packed the weights anew. The model file is the better witness. */
  readonly parameterBytes: number;
}

/** State of the board around a measurement; what cannot be read is null. */
export interface BoardConditions {
  readonly governor: string | null;
  readonly clockMHz: readonly number[] | null;
  readonly temperatureC: number | null;
  readonly throttled: boolean | null;
  readonly load1: number;
}

/** Who the board says it is. */
export interface BoardIdentity {
  /** Stable for the board: machine-id, or a hash of what is readable. */
  readonly id: string;
  readonly name: string;
  readonly arch: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly os: string;
  readonly nodeVersion: string;
  readonly runtimeVersion: string;
  readonly serialNumber: string | null;
}

export interface HelloReply {
  readonly protocol: number;
  readonly identity: BoardIdentity;
}

/** One frame from the runner. */
export type Reply =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  | {
      readonly id: number;
      readonly ok: false;
      readonly kind: 'modelFailsToRun' | 'diskFull' | 'hashMismatch' | 'cancelled' | 'internal';
      readonly reason: string;
    };

/** Sent between a request and its reply. */
export interface Progress {
  readonly id: number;
  readonly progress: { readonly done: number; readonly total: number };
  /** What long work has found since the last one, so that a link that goes loses nothing. */
  readonly part?: unknown;
}

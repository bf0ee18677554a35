import { setTimeout as delay } from 'node:timers/promises';
import type { Board, RuntimeRefusal } from '../board/board.ts';
import type { AppError, BoardError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import type { RunWarning } from '../contract/run-notes.ts';

/** How a board is reached again, and whom it is told to. */
export interface Reopening {
  /** Connects once more to the same address; the key of the host is checked as at every connect. */
  reopen(signal: AbortSignal): Promise<Result<Board, AppError>>;
  /** Ends when the person wants the work to stop. */
  readonly signal: AbortSignal;
  tell(warning: RunWarning): void;
  /** What a person calls a board. */
  nameOf(board: Board): string;
}

/** How hard it is tried; tests are less patient. */
export interface Patience {
  /** Time before each try. */
  readonly pausesMs: readonly number[];
  /** For all of them together. */
  readonly totalMs: number;
  /** How often one and the same request may lose the board before it is taken for the cause. */
  readonly lossesOfOne: number;
}

/** How long a lost link is waited for, unless a test is less patient. */
export const usualPatience: Patience = { pausesMs: [1_000, 4_000, 10_000], totalMs: 60_000, lossesOfOne: 3 };

type CallFailure = BoardError | RuntimeRefusal;

/**
 * A board that outlasts its link: when it is lost in the middle of a request, it is connected to again, its host key
 * is checked again, it must be the very same board, and the request is made once more. Errors beside those of the
 * board: `boardIsAnother`, and what else a connect refuses; the loss itself when nobody answered in time.
 */
export function makeLastingBoard(first: Board, reopening: Reopening, patience = usualPatience): Board {
  let board = first;
  let models: ReadonlyMap<string, Uint8Array> | null = null;
  let reconnecting: Promise<Result<Board, CallFailure>> | null = null;
  const closing = new AbortController();

  const reconnect = async (lost: Board, loss: CallFailure): Promise<Result<Board, CallFailure>> => {
    const reason = 'reason' in loss ? loss.reason : loss.kind;
    reopening.tell({ kind: 'linkLost', board: first.address, reason });
    await lost.close();
    const stop = AbortSignal.any([reopening.signal, closing.signal, AbortSignal.timeout(patience.totalMs)]);
    for (const pauseMs of patience.pausesMs) {
      await delay(pauseMs, undefined, { signal: stop }).catch(() => undefined);
      if (stop.aborted) break;
      const opened = await reopening.reopen(stop);
      if (!opened.ok) {
        if (isPassing(opened.error)) continue;
        return stop.aborted ? gaveUp(loss) : fail(asCallFailure(opened.error, loss));
      }
      const found = opened.value;
      if (found.identity.id !== first.identity.id) {
        await found.close();
        return fail(anotherBoard(first, found, reopening));
      }
      const sent = models ? await found.putModels(models) : ok(undefined);
      if (!sent.ok) {
        await found.close();
        if (sent.error.kind === 'boardLost') continue;
        return sent;
      }
      board = found;
      reopening.tell({ kind: 'linkBack', board: first.address });
      return ok(found);
    }
    return gaveUp(loss);
  };
  const gaveUp = (loss: CallFailure): Result<never, CallFailure> =>
    fail(reopening.signal.aborted ? { kind: 'cancelled' } : loss);

  const lasting = async <T>(
    request: (board: Board) => Promise<Result<T, CallFailure>>,
  ): Promise<Result<T, CallFailure>> => {
    for (let losses = 1; ; losses++) {
      const used = board;
      const result = await request(used);
      if (result.ok || result.error.kind !== 'boardLost') return result;
      if (closing.signal.aborted || reopening.signal.aborted || losses >= patience.lossesOfOne) return result;
      // Another request may have lost the same link, and found it again by now.
      if (board !== used) continue;
      reconnecting ??= reconnect(used, result.error).finally(() => {
        reconnecting = null;
      });
      const again = await reconnecting;
      if (!again.ok) return again;
    }
  };

  return {
    address: first.address,
    identity: first.identity,
    installedBytes: first.installedBytes,
    conditions: (signal) => lasting((now) => now.conditions(signal)),
    inventory: (signal) => lasting((now) => now.inventory(signal)),
    reading: (signal) => lasting((now) => now.reading(signal)),
    energy: (request, signal) => lasting((now) => now.energy(request, signal)),
    putModels: (sent) => {
      models = sent;
      return lasting((now) => now.putModels(sent));
    },
    time: (request, signal) => lasting((now) => now.time(request, signal)),
    // What was told of these in parts must not be told twice: whoever asked for them keeps what came.
    sustain: (request, onPart, signal) => board.sustain(request, onPart, signal),
    trial: (request, onPart, signal) => board.trial(request, onPart, signal),
    profile: (request, signal) => lasting((now) => now.profile(request, signal)),
    peakMemory: (sha256, settings) => lasting((now) => now.peakMemory(sha256, settings)),
    run: (sha256, settings, inputs) => lasting((now) => now.run(sha256, settings, inputs)),
    async close() {
      closing.abort();
      await reconnecting;
      await board.close();
    },
  };
}

/** Whether another try may go better: the board may still be starting. */
const isPassing = ({ kind }: AppError): boolean =>
  kind === 'boardUnreachable' || kind === 'boardLost' || kind === 'runnerFailed';

/** Every failure to connect again is one of the board; others of this computer leave the loss as it was. */
function asCallFailure(error: AppError, loss: CallFailure): CallFailure {
  switch (error.kind) {
    case 'hostKeyUnknown':
    case 'hostKeyRefused':
    case 'hostKeyChanged':
    case 'knownHostsUnreadable':
    case 'sshConfigBroken':
    case 'authenticationFailed':
    case 'boardIsAnother':
    case 'boardUnsupported':
    case 'boardDiskFull':
    case 'cancelled':
      return error;
    default:
      return loss;
  }
}

function anotherBoard(first: Board, found: Board, { nameOf }: Reopening): BoardError {
  const [expectedName, foundName] = [nameOf(first), nameOf(found)];
  const isSameName = expectedName === foundName;
  const apart = (name: string, { identity }: Board): string =>
    isSameName ? `${name} (${identity.id.slice(0, 8)})` : name;
  return {
    kind: 'boardIsAnother',
    address: first.address,
    expectedName: apart(expectedName, first),
    foundName: apart(foundName, found),
    foundId: found.identity.id,
  };
}

import type { Board } from '../board/board.ts';
import type { AppError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import type { TimingPurpose } from '../engine/host.ts';
import { type SpeedFindings, speedFindingsOf } from '../engine/stages/measuring/compare.ts';
import { pairsOf } from '../engine/verify/ratio.ts';
import { worstCase } from '../engine/verify/worst-case.ts';
import type { TimeReply } from '../runner/protocol.ts';
import { sha256Of } from '../store/blobs.ts';
import { isOfBoard, type LeftOut } from './connecting-several.ts';
import type { Measuring } from './measuring.ts';

/** One of several boards with the way to measure on it alone. */
export interface Member {
  readonly board: Board;
  readonly measuring: Measuring;
}

/** How a board of the group stands at the end. */
export interface Standing {
  readonly address: string;
  /** Null: it could not be connected. */
  readonly board: Board | null;
  /** Why the work went on without it; null: it was measured to the end. */
  readonly lost: AppError | null;
  /** What the last claim came to there; null where none was made. */
  readonly speed: SpeedFindings | null;
  /** Bytes, by the sha256 of what was sent; null where the board does not tell. */
  readonly peakMemory: ReadonlyMap<string, number | null>;
}

/** Several boards that answer as one: as the one where each model gains least. */
export interface BoardGroup extends Measuring {
  /** Every board that was asked for, in the order of asking. */
  standings(): readonly Standing[];
  /** The board whose times spoke in the last claim, or the first that is left where none was made. */
  deciding(): Board;
}

interface Seat extends Member {
  lost: AppError | null;
  speed: SpeedFindings | null;
  readonly peakMemory: Map<string, number | null>;
}

/**
 * Makes one of several boards. What is asked goes to all at once; one that fails is told to `onLost` and left out from
 * then on, until none is left. Errors: those of the last board, of a write of the store, and cancelled.
 */
export function makeBoardGroup(
  members: readonly [Member, ...Member[]],
  left: readonly LeftOut[],
  onLost: (left: LeftOut) => void,
): BoardGroup {
  const seats = members.map(
    (member): Seat => ({ ...member, lost: null, speed: null, peakMemory: new Map() }),
  );
  let decided: Board | null = null;
  const present = (): Seat[] => seats.filter(({ lost }) => lost === null);
  const lose = (seat: Seat, error: AppError): void => {
    seat.lost = error;
    onLost({ address: seat.board.address, error });
  };
  /** Boards of one image bear one name. */
  const nameOf = ({ board }: Seat): string => {
    const { name } = board.identity;
    const others = seats.filter((seat) => seat.board.identity.name === name);
    return others.length > 1 ? `${name} (${board.address})` : name;
  };

  /** Asks all that are left at once; only what failed on every one of them has failed. */
  const askAll = async <T>(
    ask: (seat: Seat) => Promise<Result<T, AppError>>,
  ): Promise<Result<readonly [Answer<T>, ...Answer<T>[]], AppError>> => {
    const asked = await Promise.all(present().map(async (seat) => ({ seat, result: await ask(seat) })));
    const good: Answer<T>[] = [];
    const failures: { readonly seat: Seat; readonly error: AppError }[] = [];
    for (const { seat, result } of asked) {
      if (result.ok) good.push({ seat, value: result.value });
      else failures.push({ seat, error: result.error });
    }
    const stopping = failures.find(({ error }) => !isOfBoard(error));
    if (stopping) return fail(stopping.error);
    const [first, ...others] = good;
    const [failure] = failures;
    if (!first) return fail(failure?.error ?? { kind: 'cancelled' });
    for (const { seat, error } of failures) lose(seat, error);
    return ok([first, ...others]);
  };

  return {
    async time(models, request, purpose: TimingPurpose = 'screening') {
      const isClaim = purpose === 'claim';
      const answers = await askAll(async (seat) => {
        const timed = await seat.measuring.time(models, request);
        const error = timed.ok && isClaim ? notComparable(seat.board, timed.value) : null;
        return error ? fail(error) : timed;
      });
      if (!answers.ok) return answers;
      const [first, ...others] = answers.value.map(({ seat, value }) => ({
        board: nameOf(seat),
        reply: value,
      }));
      if (!first) throw new Error('Nobody answered');
      if (!isClaim) return ok(worstCase([first, ...others]));
      for (const { seat, value } of answers.value) seat.speed = speedFindingsOf(value, request.seed);
      const [worst] = [...answers.value].sort((a, b) => compareClaims(a.seat.speed, b.seat.speed));
      decided = (worst ?? answers.value[0]).seat.board;
      return ok((worst ?? answers.value[0]).value);
    },

    async profile(model, request, round) {
      const answers = await askAll(({ measuring }) => measuring.profile(model, request, round));
      if (!answers.ok) return answers;
      const [first, ...others] = answers.value;
      return ok({ ...first.value, others: others.map(({ value }) => value) });
    },

    async peakMemory(model, settings) {
      const answers = await askAll(({ measuring }) => measuring.peakMemory(model, settings));
      if (!answers.ok) return answers;
      const sha256 = sha256Of(model);
      for (const { seat, value } of answers.value) seat.peakMemory.set(sha256, value);
      const told = answers.value.flatMap(({ value }) => value ?? []);
      return ok(told.length === 0 ? null : Math.max(...told));
    },

    standings: () => [
      ...seats.map(({ board, lost, speed, peakMemory }) => ({
        address: board.address,
        board,
        lost,
        speed,
        peakMemory,
      })),
      ...left.map(({ address, error }) => ({
        address,
        board: null,
        lost: error,
        speed: null,
        peakMemory: new Map<string, number | null>(),
      })),
    ],
    deciding: () => decided ?? (present()[0] ?? members[0]).board,
  };
}

interface Answer<T> {
  readonly seat: Seat;
  readonly value: T;
}

/** Why no claim can be made of what a board answered; null where one can. */
function notComparable({ address }: Board, { failed, blocks }: TimeReply): AppError | null {
  const [refused] = failed;
  const unsteady = 'no block of the comparison was steady';
  if (!refused && [1, 2].every((place) => pairsOf(blocks, place).length > 0)) return null;
  return { kind: 'runnerFailed', board: address, reason: refused?.reason ?? unsteady };
}

/** The least certain to be faster comes first: a board where it is not shown to be, then the lower bound. */
function compareClaims(a: SpeedFindings | null, b: SpeedFindings | null): number {
  const rank = (speed: SpeedFindings | null): number => (speed?.verdict === 'faster' ? 1 : 0);
  return rank(a) - rank(b) || (a?.interval95[0] ?? 0) - (b?.interval95[0] ?? 0);
}

import { parseBoardAddress } from '../board/address.ts';
import type { Board } from '../board/board.ts';
import { writtenAddress } from '../board/written-address.ts';
import type { BoardChoice, Listener, RunEvent } from '../contract/api.ts';
import type { AppError, BoardError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import { connect, reach } from './connecting.ts';
import type { AppParts } from './parts.ts';

/** A board that was asked for and that the work goes on without. */
export interface LeftOut {
  /** As it was asked for, or as it is known. */
  readonly address: string;
  readonly error: AppError;
}

/** The boards that answered, in the order they were asked for; at least one. */
export interface Connected {
  readonly boards: readonly [Board, ...Board[]];
  readonly left: readonly LeftOut[];
}

/**
 * Connects to all boards at once as the one stage `connect`. One that cannot be connected is left out with a warning,
 * unless none can. Errors: boardTwice, boardAddress, and those of `connect`.
 */
export async function connectBoards(
  parts: AppParts,
  choices: readonly [BoardChoice, ...BoardChoice[]],
  listener: Listener,
): Promise<Result<Connected, AppError>> {
  const [only, ...others] = choices;
  if (others.length === 0) {
    const connected = await connect(parts, only, listener);
    return connected.ok ? ok({ boards: [connected.value], left: [] }) : connected;
  }
  const distinct = checkAddresses(choices);
  if (!distinct.ok) return distinct;
  const started = performance.now();
  listener.onEvent({ kind: 'stageStarted', stage: 'connect' });
  const askInTurn = oneAtATime();
  const { ask } = listener;
  // A failure that has nothing to do with one board ends the waiting for the others.
  const stop = new AbortController();
  const answers = await Promise.all(
    choices.map(async ({ address, ...choice }) => {
      const own: Listener = {
        signal: AbortSignal.any([listener.signal, stop.signal]),
        onEvent: (event) => listener.onEvent(namingBoard(event, address)),
        confirmHostKey: (board, fingerprint) => askInTurn(() => listener.confirmHostKey(board, fingerprint)),
        ask: ask && ((question) => askInTurn(() => ask(question))),
      };
      const reached = await reach(parts, { address, ...choice }, own);
      if (!reached.ok && !isOfBoard(reached.error)) stop.abort();
      return { address, reached };
    }),
  );
  const boards = answers.flatMap(({ reached }) => (reached.ok ? [reached.value] : []));
  const left = answers.flatMap(({ address, reached }) =>
    reached.ok ? [] : [{ address, error: reached.error }],
  );
  const giveUp = async (error: AppError): Promise<Result<never, AppError>> => {
    await Promise.all(boards.map((board) => board.close()));
    return fail(error);
  };
  const stopping = left.filter(({ error }) => !isOfBoard(error));
  // What made the others stop says more than that they stopped.
  const cause = stopping.find(({ error }) => error.kind !== 'cancelled') ?? stopping[0];
  if (cause) return giveUp(cause.error);
  const [first, ...more] = boards;
  if (!first) return giveUp(left[0]?.error ?? { kind: 'cancelled' });
  const twice = boards.find((board, i) => boards.findIndex((b) => b.identity.id === board.identity.id) < i);
  if (twice) {
    const known = boards.find(({ identity }) => identity.id === twice.identity.id);
    return giveUp({ kind: 'boardTwice', board: twice.address, other: known?.address ?? twice.address });
  }
  for (const { address, error } of left)
    listener.onEvent({ kind: 'warning', warning: { kind: 'boardLeftOut', board: address, error } });
  listener.onEvent({
    kind: 'stageFinished',
    stage: 'connect',
    seconds: (performance.now() - started) / 1000,
    summary: {
      kind: 'connectedSeveral',
      boards: boards.map(({ identity }) => identity.name),
      asked: choices.length,
    },
  });
  return ok({ boards: [first, ...more], left });
}

/** Whether a failure is of one board, so that others may go on. */
export const isOfBoard = (error: AppError): boolean =>
  'board' in error || error.kind === 'boardIsAnother' || error.kind === 'modelFailsToRun';

/** Refuses an address that is malformed or that stands there twice, before anything is connected. */
function checkAddresses(choices: readonly BoardChoice[]): Result<void, BoardError> {
  const seen = new Map<string, string>();
  for (const { address } of choices) {
    const parsed = parseBoardAddress(address);
    if (!parsed.ok) return parsed;
    const text = writtenAddress(address);
    const other = seen.get(text);
    if (other !== undefined) return fail({ kind: 'boardTwice', board: address, other });
    seen.set(text, address);
  }
  return ok(undefined);
}

/** Runs one after the other, however many ask at once: a person answers one question at a time. */
function oneAtATime(): <T>(work: () => Promise<T>) => Promise<T> {
  let queue: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = queue.then(work);
    // What failed has told its own asker.
    queue = result.catch(() => undefined);
    return result;
  };
}

const namingBoard = (event: RunEvent, board: string): RunEvent =>
  event.kind === 'progress' && event.note.kind === 'runnerBytes'
    ? { ...event, note: { ...event.note, board } }
    : event.kind === 'installStarting'
      ? { ...event, board }
      : event;

import type { Board } from '../board/board.ts';
import type { CompareCall, ComparedBoard, CompareResult, Listener } from '../contract/api.ts';
import { boardsOfCall } from '../contract/boards-of-call.ts';
import type { AppError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import { accuracyOf, compare, openPair } from './compare.ts';
import { connectBoards, isOfBoard } from './connecting-several.ts';
import { usualPatience } from './lasting-board.ts';
import { type AppParts, orCancelled } from './parts.ts';

/**
 * Times two models against each other on one board or on several at once; see `Api.compare`. A board that fails is
 * left out, unless all do.
 */
export async function compareOnBoards(
  parts: AppParts,
  call: CompareCall,
  listener: Listener,
): Promise<Result<CompareResult, AppError>> {
  if (boardsOfCall(call).length === 1) return compare(parts, call, listener);
  return orCancelled(await onSeveral(parts, call, listener), listener);
}

async function onSeveral(
  parts: AppParts,
  call: CompareCall,
  listener: Listener,
): Promise<Result<CompareResult, AppError>> {
  const models = openPair(parts, call);
  if (!models.ok) return models;
  const connected = await connectBoards(parts, boardsOfCall(call), listener);
  if (!connected.ok) return connected;
  const { boards, left } = connected.value;
  const evaluate = async () =>
    call.dataPath === undefined ? ok(null) : accuracyOf(parts, call, models.value, listener);
  // Data that cannot be used is found before many minutes of measuring, and not after them.
  const early = call.minutes === undefined ? null : await evaluate();
  if (early && !early.ok) {
    await Promise.all(boards.map((board) => board.close()));
    return early;
  }
  const timed = await timeOnAll(parts, call, boards, listener);
  const stopping = timed.find(({ error }) => error !== null && !isOfBoard(error));
  if (stopping?.error) return fail(stopping.error);
  const compared: readonly ComparedBoard[] = [
    ...timed,
    ...left.map(({ address, error }) => ({ address, error, comparison: null })),
  ];
  const [worst] = timed.flatMap(({ comparison }) => comparison ?? []).sort(leastCertainFirst);
  if (!worst) return fail(timed[0]?.error ?? { kind: 'cancelled' });
  for (const { address, error } of timed)
    if (error)
      listener.onEvent({ kind: 'warning', warning: { kind: 'boardLeftOut', board: address, error } });
  const accuracy = early ?? (await evaluate());
  return accuracy.ok ? ok({ ...worst, accuracy: accuracy.value, boards: compared }) : accuracy;
}

/** Compares on every board at once as the one stage `compare`; each board is closed by its own comparison. */
async function timeOnAll(
  parts: AppParts,
  { dataPath: _, boards: __, ...call }: CompareCall,
  boards: readonly Board[],
  listener: Listener,
): Promise<readonly ComparedBoard[]> {
  const started = performance.now();
  listener.onEvent({ kind: 'stageStarted', stage: 'compare' });
  const timed = await Promise.all(
    boards.map(async (board, i): Promise<ComparedBoard> => {
      const { address, identity } = board;
      const own: Listener = {
        ...listener,
        signal: listener.signal,
        // All go on alike, so the first speaks for them.
        onEvent: (event) => {
          const isProgress = event.kind === 'progress' && event.stage === 'compare';
          if (event.kind === 'warning' || (i === 0 && isProgress)) listener.onEvent(event);
        },
      };
      // The board takes up a lost link by itself; what it says is lost after that is not asked again.
      const patience = { ...usualPatience, lossesOfOne: 1 };
      const there = { ...parts, patience, connectBoard: async () => ok(board) };
      const choice = { address, acceptBoard: identity.id };
      const compared = await compare(there, { ...call, board: choice }, own);
      return compared.ok
        ? { address, error: null, comparison: compared.value }
        : { address, error: compared.error, comparison: null };
    }),
  );
  const pairs = timed.reduce((sum, { comparison }) => sum + (comparison?.pairs ?? 0), 0);
  if (pairs > 0)
    listener.onEvent({
      kind: 'stageFinished',
      stage: 'compare',
      seconds: (performance.now() - started) / 1000,
      summary: { kind: 'paired', pairs },
    });
  return timed;
}

/** A board where B is not shown to be faster comes first, then the lowest lower bound. */
function leastCertainFirst(a: CompareResult, b: CompareResult): number {
  const rank = ({ verdict }: CompareResult): number => (verdict === 'faster' ? 1 : 0);
  return rank(a) - rank(b) || a.speedupInterval95[0] - b.speedupInterval95[0];
}

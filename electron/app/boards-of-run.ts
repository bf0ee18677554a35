import type { AppError } from '../contract/errors.ts';
import type { BoardOfRun, RunResult } from '../contract/run-result.ts';
import type { OptimizeJob, OptimizeOutcome } from '../engine/host.ts';
import { explain } from '../engine/stages/judging/explain.ts';
import type { SpeedFindings } from '../engine/stages/measuring/compare.ts';
import type { BoardIdentity } from '../runner/protocol.ts';
import type { Standing } from './board-group.ts';

/** A board as `result.json` has it. */
export const boardBlock = (
  identity: BoardIdentity,
  { threads, level }: Pick<OptimizeJob, 'threads' | 'level'>,
): RunResult['board'] => ({
  id: identity.id,
  name: identity.name,
  arch: identity.arch,
  cpu: identity.cpu,
  os: identity.os,
  runtimeVersion: identity.runtimeVersion,
  threads,
  level,
});

/** The boards of a run with several as `result.json` has them; `sha256s` are those of A and B as they were sent. */
export const boardsBlock = (
  standings: readonly Standing[],
  job: Pick<OptimizeJob, 'threads' | 'level'>,
  sha256s: { readonly a: string; readonly b: string },
): BoardOfRun[] =>
  standings.map(({ address, board, lost, speed, peakMemory }) => ({
    address,
    board: board && boardBlock(board.identity, job),
    leftOut: lost && reasonOf(lost),
    originalPeakMemoryBytes: peakMemory.get(sha256s.a) ?? null,
    optimizedPeakMemoryBytes: peakMemory.get(sha256s.b) ?? null,
    comparison: speed && comparisonBlock(speed),
  }));

function comparisonBlock({
  a,
  b,
  speedup,
  interval95,
  verdict,
  evidence,
}: SpeedFindings): NonNullable<BoardOfRun['comparison']> {
  const { noiseFloor = 0, pairs, droppedBlocks, conditions } = evidence;
  return {
    originalUs: a,
    optimizedUs: b,
    speedup,
    speedupInterval95: [...interval95],
    verdict,
    noiseFloor,
    pairs,
    droppedBlocks,
    governor: conditions?.governor ?? null,
    temperatureC: conditions?.temperatureC ?? null,
    throttled: conditions?.throttled ?? null,
    load1: conditions?.load1 ?? 0,
  };
}

/** Why a board was left out, in words for a file that has no face to word it. */
function reasonOf(error: AppError): string {
  switch (error.kind) {
    case 'hostKeyUnknown':
    case 'hostKeyRefused':
      return 'its host key was not accepted';
    case 'hostKeyChanged':
      return 'its host key has changed';
    case 'boardIsAnother':
      return `another board (${error.foundName}) answered in its place`;
    case 'authenticationFailed':
      return 'it refused the sign-in';
    case 'boardUnsupported':
      return `${error.missing} is missing there`;
    case 'boardDiskFull':
      return `its disk is full in ${error.folder}`;
    default:
      return 'reason' in error ? error.reason : error.kind;
  }
}

/**
 * What an outcome says when it was found on several boards: where B is not proven, where it was not faster, and times
 * of operators that agree with the board that the result names.
 */
export function tellBoards(
  { result, details, ...outcome }: OptimizeOutcome,
  standings: readonly Standing[],
): OptimizeOutcome {
  const measured = standings.filter(({ lost }) => lost === null);
  const nameOf = ({ board, address }: Standing): string => {
    const name = board?.identity.name;
    const others = standings.filter((other) => other.board?.identity.name === name);
    return name === undefined || others.length > 1 ? address : name;
  };
  const { reason } = details;
  const withBoards =
    reason?.kind === 'notFaster'
      ? {
          ...reason,
          boards: measured.filter(({ speed }) => speed?.verdict === reason.verdict).map(nameOf),
        }
      : reason;
  const left = standings.filter(({ lost }) => lost !== null);
  const latencyUs = (share: number): number => share * result.original.latencyUs.p50;
  return {
    ...outcome,
    details: { ...details, ...(withBoards && { reason: withBoards }) },
    result: {
      ...result,
      explanation: withBoards ? explain(withBoards) : result.explanation,
      operators: result.operators.map((row) => ({ ...row, latencyUs: latencyUs(row.share) })),
      notes: [
        ...result.notes,
        `Each candidate was timed on ${measured.length} boards and counted as fast as on the one where it gains least; shares of operators are means over the boards.`,
        ...left.map(
          (standing) =>
            `B is not proven on ${nameOf(standing)}, which was left out: ${standing.lost ? reasonOf(standing.lost) : ''}.`,
        ),
      ],
    },
  };
}

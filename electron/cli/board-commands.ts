import type { Command } from 'commander';
import type { Api } from '../contract/api.ts';
import type { AppError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import { parseDuration } from './durations.ts';
import { type BoardsFound, boardsLines } from './tables/found-boards.ts';
import type { Work } from './work.ts';

const shortestSearchSeconds = 1;
const longestSearchSeconds = 60;

/** Reads `--timeout`; refuses what is no time a person would wait. */
export function readSearchSeconds(text: string): Result<number, AppError> {
  const seconds = parseDuration(text);
  return seconds !== null && seconds >= shortestSearchSeconds && seconds <= longestSearchSeconds
    ? ok(seconds)
    : fail({ kind: 'usage', option: '--timeout', value: text, expected: 'a time from 1s to 60s such as 5s' });
}

/** Adds `boards`, which lists what was found and what is known. Further commands on boards go below it. */
export function addBoardsCommand(program: Command): Command {
  return program
    .command('boards')
    .description('list the boards that are found now and those used before')
    .option('--timeout <time>', 'how long to look, such as 5s', '5s');
}

/** What `boards` does. */
export const boardsWork = (seconds: number): Pick<Work<BoardsFound>, 'call' | 'lines'> => ({
  call: (api, { signal }) => untilAborted(signal, findBoards(api, seconds)),
  lines: boardsLines,
});

async function findBoards(api: Api, seconds: number): Promise<Result<BoardsFound, AppError>> {
  const search = await api.query('boards.discover', { seconds, wait: true });
  if (!search.ok) return search;
  const known = await api.query('boards.list', {});
  return known.ok ? ok({ known: known.value, search: search.value }) : known;
}

/** Closing the app stops the search itself. */
function untilAborted<T>(
  signal: AbortSignal,
  work: Promise<Result<T, AppError>>,
): Promise<Result<T, AppError>> {
  const aborted = new Promise<Result<T, AppError>>((resolve) => {
    const stop = (): void => resolve(fail({ kind: 'cancelled' }));
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  return Promise.race([work, aborted]);
}

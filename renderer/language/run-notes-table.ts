import type { AppError } from '../../electron/contract/errors.ts';
import type {
  LogEntry,
  NothingFound,
  ProgressNote,
  RunWarning,
  SearchObstacle,
  StageSummary,
} from '../../electron/contract/run-notes.ts';
import type { Quantities } from './quantities.ts';

type Said<U extends { readonly kind: string }, Helpers extends readonly unknown[]> = {
  readonly [K in U['kind']]: (said: Extract<U, { readonly kind: K }>, ...helpers: Helpers) => string;
};

/** What a line of the log is put together from, in the language of the line. */
export interface LogParts {
  readonly quantities: Quantities;
  /** `Search: 908 proposed, 598 timed` without its time. */
  finished(entry: Extract<LogEntry, { readonly kind: 'stageFinished' }>): string;
  warning(warning: RunWarning): string;
  /** What happened and why. */
  error(error: AppError): string;
}

/** The words for all that long work says, in one language. What they get is fit to be shown. */
export interface RunNotesTable {
  readonly notes: Said<ProgressNote, [Quantities]>;
  readonly summaries: Said<StageSummary, [Quantities]>;
  /** Without a full stop, as all of the log. */
  readonly warnings: Said<RunWarning, [error: (error: AppError) => string]>;
  /** Whole sentences; `obstacle` is the one of `noSearch` in words. */
  readonly reasons: Said<NothingFound, [Quantities, obstacle: string]>;
  readonly obstacles: Said<SearchObstacle, []>;
  readonly log: Said<LogEntry, [LogParts]>;
  /** A stage's name beside its summary. */
  finished(stage: string, summary: string): string;
  /** What happened beside why. */
  failed(happened: string, why: string): string;
}

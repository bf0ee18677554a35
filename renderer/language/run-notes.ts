import type { StageName } from '../../electron/contract/api.ts';
import type { AppError } from '../../electron/contract/errors.ts';
import type {
  LogEntry,
  NothingFound,
  ProgressNote,
  RunWarning,
  StageSummary,
} from '../../electron/contract/run-notes.ts';
import { wordsForError } from './errors.ts';
import { fitToShow } from './foreign-text.ts';
import { type Language, useLanguage } from './language.ts';
import { quantitiesOf } from './quantities.ts';
import { runNotesEn } from './run-notes-en.ts';
import { runNotesJa } from './run-notes-ja.ts';
import type { LogParts, RunNotesTable } from './run-notes-table.ts';
import { stageTexts } from './stages.ts';

/** Says what long work tells, in one language. */
export interface RunWords {
  stage(name: StageName): string;
  note(note: ProgressNote): string;
  summary(summary: StageSummary): string;
  /** Why a run found nothing, in a sentence. */
  reason(reason: NothingFound): string;
  /** A line of the log. */
  log(entry: LogEntry): string;
}

const tables: { readonly [L in Language]: RunNotesTable } = { en: runNotesEn, ja: runNotesJa };
const makers: { readonly [L in Language]: RunWords } = { en: make('en'), ja: make('ja') };

/** The words of a language. */
export const runWordsOf = (language: Language): RunWords => makers[language];

/** The words in the language of the window. */
export const useRunWords = (): RunWords => runWordsOf(useLanguage());

function make(language: Language): RunWords {
  const table = tables[language];
  const quantities = quantitiesOf(language);
  const stage = (name: StageName): string => stageTexts[language][name];
  const summary = (said: StageSummary): string => sayBy(table.summaries, said, quantities);
  const failure = (error: AppError): string => {
    const { happened, why } = wordsForError(error, language);
    return table.failed(happened, why);
  };
  const warning = (said: RunWarning): string => sayBy(table.warnings, said, failure);
  const parts: LogParts = {
    quantities,
    finished: (entry) => table.finished(stage(entry.stage), summary(entry.summary)),
    warning,
    error: failure,
  };
  return {
    stage,
    note: (note) => sayBy(table.notes, note, quantities),
    summary,
    reason: (reason) => {
      const obstacle = reason.kind === 'noSearch' ? sayBy(table.obstacles, reason.obstacle) : '';
      return sayBy(table.reasons, reason, quantities, obstacle);
    },
    log: (entry) => sayBy(table.log, entry, parts),
  };
}

/** Looks up the words for a kind. */
function sayBy<U extends { readonly kind: string }, H extends readonly unknown[]>(
  table: { readonly [K in U['kind']]: (said: Extract<U, { readonly kind: K }>, ...helpers: H) => string },
  said: U,
  ...helpers: H
): string {
  // The compiler cannot see that the row found under a kind is the one for this.
  const say = table[said.kind as U['kind']] as (said: U, ...helpers: H) => string;
  return say(fitToShow(said), ...helpers);
}

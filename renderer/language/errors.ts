import { useCallback } from 'react';
import type { AppError } from '../../electron/contract/errors.ts';
import { errorsEn } from './errors-en.ts';
import { errorsJa } from './errors-ja.ts';
import type { ErrorTable, ErrorText } from './errors-table.ts';
import { fitToShow } from './foreign-text.ts';
import { type Language, useLanguage } from './language.ts';
import { type Quantities, quantitiesOf } from './quantities.ts';

const tables: { readonly [L in Language]: ErrorTable } = { en: errorsEn, ja: errorsJa };

/** Says in a language what happened, why, and what to do now. */
export function wordsForError(error: AppError, language: Language): ErrorText {
  // The compiler cannot see that the row found under a kind is the one for this error.
  const say = tables[language][error.kind] as (error: AppError, quantities: Quantities) => ErrorText;
  return say(fitToShow(error), quantitiesOf(language));
}

/** Puts failures into the language of the window. */
export function useErrorText(): (error: AppError) => ErrorText {
  const language = useLanguage();
  return useCallback((error: AppError) => wordsForError(error, language), [language]);
}

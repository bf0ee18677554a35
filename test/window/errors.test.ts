import { describe, expect, test } from 'vitest';
import type { AppError } from '../../electron/contract/errors.ts';
import { wordsForError } from '../../renderer/language/errors.ts';
import { foreignText } from '../../renderer/language/foreign-text.ts';
import { languages } from '../../renderer/language/language.ts';
import { everyError } from '../cli/every-error.ts';

const errors: readonly AppError[] = Object.values(everyError);
const cases = languages.flatMap((language) => errors.map((error) => ({ language, kind: error.kind, error })));
const whole = (error: AppError, language: 'en' | 'ja'): string =>
  Object.values(wordsForError(error, language)).join('\n');

const saidInWords: ReadonlySet<string> = new Set([
  'problem',
  'since',
  'quietSeconds',
  'breakable',
  'step',
  'healthy',
  'trial',
  'at',
]);

/** The data of an error that a person needs to see; what only the program needs is left out. */
function shownData(error: AppError): readonly string[] {
  return (
    Object.entries(error)
      .filter(([key]) => key !== 'kind' && !(error.kind === 'boardBusy' && key === 'job'))
      // Said in words of their own.
      .filter(([key]) => !(error.kind.startsWith('deploy') && saidInWords.has(key)))
      .filter(([key]) => !(error.kind.startsWith('console') && (key === 'found' || key === 'cause')))
      .flatMap(([key, value]): readonly string[] => {
        // The beginning of a hash is enough for people.
        if (key === 'sha256' || key === 'active') return [String(value).slice(0, 12)];
        // The last class stands there, not their number.
        if (key === 'classes') return [String(Number(value) - 1)];
        // Which of two sentences it is.
        if (typeof value === 'boolean') return [];
        if (typeof value === 'number') return key.endsWith('Bytes') ? [] : [String(value)];
        if (Array.isArray(value)) return value.map((item) => foreignText(String(item)));
        return [foreignText(String(value))];
      })
  );
}

describe('The words for a failure', () => {
  test.each(cases)('say in $language what happened, why and what to do for $kind', ({ error, language }) => {
    const { happened, why, todo } = wordsForError(error, language);
    for (const part of [happened, why, todo]) expect(part.length).toBeGreaterThan(3);
    expect(new Set([happened, why, todo]).size).toBe(3);
  });

  test.each(cases)('show in $language the data of $kind', ({ error, language }) => {
    for (const data of shownData(error)) expect(whole(error, language)).toContain(data);
  });

  test.each(cases)('let nothing of a program through in $language for $kind', ({ error, language }) => {
    const text = whole(error, language).replaceAll('\n', ' ');
    expect(text).not.toMatch(/\p{Cc}| at \S+ ?\(.*:\d+|undefined|\[object|NaN(?! or|、| または)|\{\{/u);
  });

  test('give sizes with their unit', () => {
    expect(whole(everyError.modelTooLarge, 'en')).toContain('3.22 GB');
    expect(whole(everyError.boardDiskFull, 'ja')).toContain('62.0 MB');
  });

  test('differ for every kind, and between the languages', () => {
    const all = cases.map(({ error, language }) => whole(error, language));
    expect(new Set(all).size).toBe(all.length);
  });

  test('keep what is endless short', () => {
    expect(whole({ kind: 'engineDied', reason: 'x'.repeat(100_000) }, 'en').length).toBeLessThan(600);
  });

  test('say that nothing could be tried where there was no key', () => {
    const error = { ...everyError.authenticationFailed, tried: [] };
    expect(wordsForError(error, 'en').why).toContain('no key');
    expect(wordsForError(error, 'ja').why).toContain('鍵がありません');
  });
});

describe('Foreign text', () => {
  test('loses control and bidirectional characters, colours, stacks and its full stop', () => {
    expect(foreignText('a\u001b[31mb\u001b[0m\u202ec\nd.\n    at run (/srv/x.js:1:2)')).toBe('abc d');
  });

  test('keeps markup as it is, to be shown as text', () => {
    expect(foreignText('<img onerror=alert(1)>')).toBe('<img onerror=alert(1)>');
  });
});

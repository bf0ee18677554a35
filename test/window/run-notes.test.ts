import { describe, expect, test } from 'vitest';
import { stageNames } from '../../electron/contract/api.ts';
import { languages } from '../../renderer/language/language.ts';
import { runWordsOf } from '../../renderer/language/run-notes.ts';
import { everyEntry, everyNote, everyReason, everySummary } from '../cli/every-note.ts';

const all = <E extends Readonly<Record<string, readonly unknown[]>>>(every: E) =>
  Object.values(every).flat() as E[keyof E][number][];

/** All that long work can say, in a language. */
function saidIn(language: 'en' | 'ja'): readonly { readonly said: unknown; readonly text: string }[] {
  const words = runWordsOf(language);
  return [
    ...all(everyNote).map((said) => ({ said, text: words.note(said) })),
    ...all(everySummary).map((said) => ({ said, text: words.summary(said) })),
    ...all(everyReason).map((said) => ({ said, text: words.reason(said) })),
    ...all(everyEntry).map((said) => ({ said, text: words.log(said) })),
  ];
}

describe('What long work says', () => {
  test.each(languages)('has words of its own in %s for every kind', (language) => {
    const texts = saidIn(language).map(({ text }) => text);
    for (const text of texts) {
      expect(text.length).toBeGreaterThan(2);
      expect(text).not.toMatch(/\p{Cc}| at \S+ ?\(.*:\d+|undefined|\[object|NaN|\{\{/u);
    }
    // What the log says of a warning or a point is said nowhere else.
    expect(new Set(texts).size).toBe(texts.length);
  });

  test('is Japanese in Japanese: beside names and units no two English words stand together', () => {
    const foreign = [
      'bench-pi',
      'bench pi',
      'lstm_1',
      'LSTM has no definition',
      'first second red',
      'Match exec',
      'Debian',
    ];
    for (const { text } of saidIn('ja')) {
      const own = foreign.reduce((rest, name) => rest.replaceAll(name, ''), text);
      expect(own).not.toMatch(/[a-z]{2,} [a-z]{2,}/);
      expect(own).toMatch(/[\u3040-\u30ff\u4e00-\u9fff]/);
    }
  });

  test('names every stage in both languages', () => {
    for (const name of stageNames) {
      expect(runWordsOf('en').stage(name)).toMatch(/^[A-Z]/);
      expect(runWordsOf('ja').stage(name)).toMatch(/[\u3040-\u30ff\u4e00-\u9fff]/);
    }
  });
});

describe('The log', () => {
  const confirmed = everyEntry.point.at(-1)!;
  const finished = everyEntry.stageFinished.find(({ summary }) => summary.kind === 'searched')!;

  test('has a number’s unit, base and interval beside it', () => {
    const { log } = runWordsOf('en');
    expect(log(confirmed)).toBe(
      'Confirmed by a new measurement: 2.00× as fast as the original, 95 % [1.90, 2.10], accuracy 81.0 %, 95 % [79.0, 83.0]',
    );
    expect(log(finished)).toBe('Search: 908 proposed, 598 timed (1 min 1 s)');
    expect(log(everyEntry.ranking[0]!)).toBe(
      'One inference takes 1.12 ms; conv_2 (Conv) takes the most, 10.0 %',
    );
    expect(log(everyEntry.failed[0]!)).toBe(
      'The connection to bench-pi was lost. The reason given: first second red.',
    );
  });

  test('says the same in Japanese', () => {
    const { log } = runWordsOf('ja');
    expect(log(confirmed)).toBe(
      '新たな測定で確認：元モデルの 2.00 倍の速さ、95 % [1.90, 2.10]、精度 81.0 %、95 % [79.0, 83.0]',
    );
    expect(log(finished)).toBe('探索：提案 908 件、計測 598 件（1 min 1 s）');
  });
});

test('Why nothing was found is said with what was allowed and what was lost', () => {
  const [lost] = everyReason.accuracyLost;
  expect(runWordsOf('en').reason(lost!)).toBe(
    'More accuracy was lost on data kept aside than the 1 point allowed: 2.12× as fast at −1.62 points; 1.52× as fast at −1.18 points.',
  );
  expect(runWordsOf('ja').reason(lost!)).toBe(
    '取り置いたデータで、精度が許容の 1 ポイントより大きく低下しました：A の 2.12 倍の速さで −1.62 ポイント、A の 1.52 倍の速さで −1.18 ポイント。',
  );
});

import { expect, test } from 'vitest';
import type { RunResult } from '../../electron/contract/run-result.ts';
import { limitsOf } from '../../electron/report/limits.ts';
import { nameOfB, verdictDetail, verdictSentence, verdictWord } from '../../electron/report/verdict.ts';
import { sampleExtras, sampleResult } from './sample-result.ts';

const withComparison = (comparison: Partial<RunResult['comparison']>): RunResult => ({
  ...sampleResult,
  comparison: { ...sampleResult.comparison, ...comparison },
});

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

test('A gain is stated with its interval and the place where it was measured.', () => {
  expect(plain(verdictSentence(sampleResult))).toMatch(
    /^On Gate 7 \(Raspberry Pi 5\), the optimized gate-camera is 2\.31 times as fast as the original \(95 % interval 2\.25 to 2\.36\)/,
  );
  expect(plain(verdictDetail(sampleResult))).toBe(
    'A typical inference takes 4.79 ms instead of 11.0 ms (medians).',
  );
});

test('Where the interval of the accuracy contains none, neither a loss nor its absence is claimed.', () => {
  const sentence = plain(verdictSentence(sampleResult));
  expect(sentence).toContain(
    'its accuracy differs by −0.63 points, which 3 002 samples cannot tell from no change (95 % interval −1.40 to +0.13)',
  );
  const same = plain(
    verdictSentence(withComparison({ accuracyChange: 0, accuracyChangeInterval95: [-1.5, 1.5] })),
  );
  expect(same).toContain('cannot tell from no change');
  for (const text of [sentence, same, ...limitsOf(sampleResult, sampleExtras)])
    expect(text).not.toMatch(/no loss|lossless|without loss|unchanged|same accuracy/i);
});

test('A loss or gain that the interval supports is named as one.', () => {
  expect(
    plain(verdictSentence(withComparison({ accuracyChange: -1.2, accuracyChangeInterval95: [-2.3, -0.1] }))),
  ).toContain('its accuracy is lower by 1.20 points (95 % interval −2.30 to −0.10)');
  expect(
    plain(verdictSentence(withComparison({ accuracyChange: 3.5, accuracyChangeInterval95: [2.1, 4.9] }))),
  ).toContain('its accuracy is higher by 3.50 points (95 % interval +2.10 to +4.90)');
});

test('A ratio that could be noise is called inconclusive, and a slower model slower.', () => {
  const unsure = withComparison({
    verdict: 'inconclusive',
    speedup: 1.0123,
    speedupInterval95: [0.9871, 1.0402],
  });
  expect(verdictWord(unsure)).toBe('Inconclusive');
  expect(verdictSentence(unsure)).toContain(
    'could not be told apart from the original in speed (measured 1.012 times as fast as the original, 95 % interval 0.987 to 1.040)',
  );
  const slower = withComparison({ verdict: 'slower', speedup: 0.8, speedupInterval95: [0.78, 0.82] });
  expect(verdictWord(slower)).toBe('Slower');
  expect(verdictSentence(slower)).toContain('is slower, 0.80 times as fast');
});

test('A run that found nothing says so first, then why, and praises nothing.', () => {
  const explanation = 'No candidate kept the accuracy.';
  const none = { ...sampleResult, explanation };
  expect(verdictWord(none)).toBe('No improvement');
  expect(verdictSentence(none)).toBe('No improvement was found for gate-camera on Gate 7 (Raspberry Pi 5).');
  expect(verdictDetail(none)).toContain(explanation);
  expect(nameOfB(sampleResult)).toBe('B, optimized');
  expect(nameOfB(none)).toBe('B, not good enough');
  const unmade = { ...none, optimized: none.original };
  expect(verdictDetail(unmade)).toBe(explanation);
  expect(nameOfB(unmade)).toBe('B, the original again');
  expect(limitsOf(unmade, {}).join(' ')).toContain('B is the same file as A');
});

test('Agreement without labels is not called accuracy.', () => {
  const accuracy = {
    metric: 'agreement',
    value: 97.25,
    samples: 400,
    interval95: [95.1, 98.6] as [number, number],
  };
  const unlabelled = {
    ...sampleResult,
    original: { ...sampleResult.original, accuracy: { ...accuracy, value: 100 } },
    optimized: { ...sampleResult.optimized, accuracy },
  };
  const sentence = plain(verdictSentence(unlabelled));
  expect(sentence).toContain(
    'gives the original’s answer on 97.25 % of 400 samples (95 % interval 95.10 to 98.60 %)',
  );
  expect(sentence).not.toContain('accuracy');
  expect(limitsOf(unlabelled, {}).join(' ')).toContain('no labels');
});

test('The limits name what fine-tuning alone would have earned, dropped blocks and the run’s own notes.', () => {
  const limits = plain(limitsOf(sampleResult, sampleExtras).join('\n'));
  expect(limits).toContain('from 91.24 % to 91.47 %');
  expect(limits).toContain('2 blocks of the comparison were dropped');
  expect(limits).toContain('11.8 % more time');
  expect(limits).toContain(sampleResult.notes[0]);
});

import { describe, expect, test } from 'vitest';
import { formatEnergy } from '../../electron/cli/quantities.ts';
import { compareLines } from '../../electron/cli/tables/compare.ts';
import { effortLines } from '../../electron/cli/tables/effort.ts';
import { historyLines } from '../../electron/cli/tables/history.ts';
import { optimizeLines } from '../../electron/cli/tables/optimize.ts';
import { profileLines } from '../../electron/cli/tables/profile.ts';
import {
  bar,
  displayWidth,
  noPaint,
  shorten,
  tableLines,
  wrapText,
} from '../../electron/cli/tables/text-table.ts';
import { lossSentence, verdictSentence } from '../../electron/cli/tables/verdict.ts';
import type { View } from '../../electron/cli/tables/view.ts';
import type { SearchEffort } from '../../electron/contract/run-notes.ts';
import { sampleResult, severalResult } from '../report/sample-result.ts';
import { effort } from './every-note.ts';
import { compareResult, optimizeResult, profileResult, runSummaries } from './sample-results.ts';

const view: View = { width: 80, paint: noPaint, folder: '/data' };
const plain = (lines: readonly string[]): string => lines.join('\n');

describe('the text table', () => {
  test('aligns columns, and numbers to the right', () => {
    const lines = tableLines(
      [{ title: 'Name' }, { title: 'Time', align: 'right' }],
      [
        ['a', '1 ms'],
        ['bcdef', '12 ms'],
      ],
      80,
      noPaint,
    );
    expect(lines).toEqual(['Name    Time', 'a       1 ms', 'bcdef  12 ms']);
  });

  test('counts East Asian characters as two columns', () => {
    expect(displayWidth('畳み込み1')).toBe(9);
    expect(displayWidth(shorten('畳み込み層の名前', 9))).toBeLessThanOrEqual(9);
  });

  test('keeps both ends of what it shortens', () => {
    expect(shorten('stage_one_conv_17', 9)).toBe('stag…v_17');
  });

  test('wraps at spaces and never beyond the width', () => {
    const lines = wrapText('one two three four', 9, '  ');
    expect(lines).toEqual(['  one two', '  three', '  four']);
  });

  test('draws bars in eighths of a column, within bounds', () => {
    expect([bar(0, 4), bar(0.5, 4), bar(1 / 32, 4), bar(9, 4), bar(-1, 4)]).toEqual([
      '',
      '██',
      '▏',
      '████',
      '',
    ]);
  });
});

describe('what a search took', () => {
  const lines = (of: SearchEffort): string => plain(effortLines(of));

  test('is told with what was spared, checked and foretold, beside a fixed count', () => {
    expect(lines(effort)).toBe(
      [
        'Measured         412 structures, 96 spared (36 by memory, 60 by prediction; 9 more checked, 1 a gain after all)',
        'Inferences       27,677 to time them (39,020 at a fixed count), 60 to rank operators (480)',
        'Prediction       off by 7 % on groups held out (90th percentile 28 %), from 500 structures',
      ].join('\n'),
    );
    expect(lines({ ...effort, predictor: null, checksOfSpared: 0 })).toMatch(
      /60 by prediction\)\n.*\nPrediction {7}none: too few measurements to learn from$/,
    );
  });

  test('stands in a run that knows it, found or not, and in no other', () => {
    const { result } = optimizeResult;
    const known = { ...optimizeResult, result: { ...result, search: { ...result.search, effort } } };
    expect(plain(optimizeLines(known, 1, view))).toContain('off by 7 % on groups held out');
    expect(plain(optimizeLines({ ...known, improved: false }, 1, view))).toContain('412 structures');
    expect(plain(optimizeLines(optimizeResult, 1, view))).not.toContain('Measured');
  });
});

describe('every ending', () => {
  const endings = {
    profile: profileLines(profileResult, view),
    optimize: optimizeLines(optimizeResult, 1, view),
    compare: compareLines(compareResult, view),
    history: historyLines(runSummaries, view),
  };

  test.each(Object.entries(endings))(
    'of %s fits into 80 columns without control characters',
    (_name, lines) => {
      for (const line of lines) {
        expect(displayWidth(line), line).toBeLessThanOrEqual(80);
        expect(line).not.toMatch(/\p{Cc}/u);
        expect(line).not.toMatch(/undefined|NaN/);
      }
    },
  );
});

describe('the profile', () => {
  const text = plain(profileLines(profileResult, view));

  test('shows the slowest first with latency, share and what it absorbed', () => {
    expect(text).toMatch(
      /a\/very.*Conv_1 +Conv +224 µs +20\.0 % +█{14}\n {2}with BatchNormalization_2, Relu_3/,
    );
    expect(text.indexOf('Conv_1')).toBeLessThan(text.indexOf('conv_2'));
  });

  test('sums up what it does not list, and sets the rows of the runtime apart', () => {
    expect(text).toMatch(/2 more operators: \d+\.\d µs, 3\.0 % together/);
    expect(text).toMatch(/Put in by the runtime, not in your model\n.*\nReorderOutput/);
  });

  test('tells the unexplained rest, the overhead and what is uncertain', () => {
    expect(text).toContain('Not explained by any operator: −30.0 µs (−2.7 %)');
    expect(text).toContain('Overhead of profiling: 12.0 %');
    expect(text).toContain('The order is not certain yet');
    expect(text).toContain('mystery_token_3');
    expect(text).toContain('  out/profile.json');
  });
});

describe('the optimization', () => {
  test('sets A beside B with units and intervals, and names the files from here', () => {
    const text = plain(optimizeLines(optimizeResult, 1, view));
    expect(text).toMatch(/Latency p50 +1\.12 ms +430 µs/);
    expect(text).toMatch(/Accuracy \(top-1\) +81\.2 % \[79\.8, 82\.6\] +80\.9 % \[79\.5, 82\.3\]/);
    expect(text).toContain('2.60× [2.51, 2.69]');
    expect(text).toContain('−0.3 points [−0.9, +0.3] on 3,000 samples');
    expect(text).toContain('Faster: 62 % less time than A (60 to 63 %).');
    expect(text).toContain('A loss of more than 1.0 points is excluded at 95 %.');
    expect(text).toContain('A tuned likewise 81.9 %');
    expect(text).toContain('  out/resnet20-r7/optimized.onnx\n  /elsewhere/report.html');
    expect(text).toMatch(/conv_5, conv_7: saves 310 µs by itself\n {4}from {2}conv 3×3/);
  });

  test('shows no B and no speed-up when nothing was found, but why', () => {
    const nothing = {
      ...optimizeResult,
      improved: false,
      explanation: 'every candidate lost more than 1 point.',
    };
    const text = plain(optimizeLines(nothing, 1, view));
    expect(text).toContain('No improvement found: every candidate lost more than 1 point.');
    expect(text).not.toMatch(/Speed-up|Replaced|optimized\)/);
  });
});

describe('the comparison', () => {
  test('says what the data supports and no more', () => {
    const text = plain(compareLines(compareResult, view)).replaceAll('\n', ' ');
    expect(text).toContain('Inconclusive: B may be 3.8 % faster to 1.0 % slower than A');
    expect(text).toContain('40 pairs, 2 blocks dropped as disturbed; A against itself ±1.2 %');
    expect(text).toContain('(McNemar p = 0.340)');
  });

  test('does without accuracy where there was no data', () => {
    expect(plain(compareLines({ ...compareResult, accuracy: null }, view))).not.toContain('ccuracy');
  });
});

describe('the verdict', () => {
  test('keeps "no difference" and "not known" apart', () => {
    expect(verdictSentence(1, [0.99, 1.01], 'inconclusive')).toMatch(/^No practical difference/);
    expect(verdictSentence(1, [0.9, 1.1], 'inconclusive')).toMatch(/^Inconclusive/);
  });

  test('names the base of a slowdown', () => {
    expect(verdictSentence(0.8, [0.75, 0.85], 'slower')).toBe('Slower: 25 % more time than A (18 to 33 %).');
  });

  test('does not exclude a loss that the interval allows', () => {
    expect(lossSentence([-1.7, 0.2], 1)).toContain('not excluded (up to 1.7 at 95 %)');
  });
});

describe('the history', () => {
  test('lists runs, tells how to continue, and neutralises names (fault 49)', () => {
    const text = plain(historyLines(runSummaries, { ...view, width: 100 }));
    expect(text).toMatch(/r7 +2026-11-25 05:00 +bench-pi +resnet20\.onnx +improved +2\.60× +−0\.3 points/);
    expect(text).toContain('fieldtune resume r8');
    expect(text).not.toContain('\u001b');
  });

  test('says how to begin when there is nothing', () => {
    expect(historyLines([], view)).toEqual(['No runs yet: start one with fieldtune optimize.']);
  });
});

test('A run on several boards has a line with its verdict for each, and says where B is not proven.', () => {
  const text = plain(optimizeLines({ ...optimizeResult, result: severalResult }, 1, { ...view, width: 110 }));
  expect(text).toMatch(/ssh:\/\/pi@gate-7:22\)\s+11\.\d+ ms\s+4\.79 ms\s+2\.31×\s+2\.25 to 2\.36\s+faster/);
  expect(text).toMatch(/ssh:\/\/pi@gate-9:22\s+left out/);
  expect(text).toContain('B is not proven on ssh://pi@gate-9:22: No route to host.');
  const { boards: _, ...one } = severalResult;
  expect(plain(optimizeLines({ ...optimizeResult, result: one }, 1, view))).not.toContain('Verdict');
});

describe('energy', () => {
  const { energy } = sampleResult.comparison;
  const wide: View = { ...view, width: 120 };

  test('stands beside the other figures with its interval, its sensor and the idle power', () => {
    const told = plain(
      compareLines({ ...compareResult, energy: { kind: 'measured', energy: energy! } }, wide),
    );
    expect(told).toContain('Energy per inference  61.4 mJ [60.9 mJ, 61.8 mJ]');
    expect(told).toContain('above idle');
    expect(told).toContain(
      'Energy, A over B 2.26× [2.23, 2.29] in total, by ina226 VDD_IN (the whole board), 6 rounds; idle 2.32 W',
    );
    const result = {
      ...optimizeResult.result,
      comparison: { ...optimizeResult.result.comparison, energy: energy! },
    };
    expect(plain(optimizeLines({ ...optimizeResult, result }, 1, wide))).toContain(
      '27.1 mJ [26.8 mJ, 27.4 mJ]',
    );
  });

  test('is said not to be measured, and why; a result from before it was kept says nothing', () => {
    const lines = (reason: 'noSensor' | 'sensorTooSlow', sensor: string | null) =>
      plain(compareLines({ ...compareResult, energy: { kind: 'notMeasured', reason, sensor } }, wide));
    expect(lines('noSensor', null)).toMatch(/Energy per inference +not measured +not measured/);
    expect(lines('noSensor', null)).toContain(
      'Energy was not measured: the board has no sensor of power that can be read',
    );
    expect(lines('sensorTooSlow', 'BAT0\n\u001b[2J')).toMatch(/changes too seldom .* \(BAT0 ?\)/);
    expect(plain(compareLines(compareResult, wide))).not.toContain('Energy');
    const comparison = { ...optimizeResult.result.comparison, energy: null };
    const result = { ...optimizeResult.result, comparison };
    expect(plain(optimizeLines({ ...optimizeResult, result }, 1, wide))).toMatch(
      /Energy per inference +not measured/,
    );
  });

  test('is written in the unit that suits it', () => {
    expect([0.85, 12.34, 1250, -0.2, 105.2].map(formatEnergy)).toEqual([
      '850 µJ',
      '12.3 mJ',
      '1.25 J',
      '−200 µJ',
      '105 mJ',
    ]);
  });
});

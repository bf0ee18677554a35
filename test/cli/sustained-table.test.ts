import { describe, expect, test } from 'vitest';
import { compareLines } from '../../electron/cli/tables/compare.ts';
import { sparkline, sustainedLines } from '../../electron/cli/tables/sustained.ts';
import { noPaint } from '../../electron/cli/tables/text-table.ts';
import type { View } from '../../electron/cli/tables/view.ts';
import { compareResult, sustainedResult } from './sample-results.ts';

const view: View = { width: 80, paint: noPaint, folder: '/data' };
const shown = (changes: Partial<typeof sustainedResult> = {}): string =>
  sustainedLines({ ...sustainedResult, ...changes }, view).join('\n');

describe('a comparison over minutes in the terminal', () => {
  test('shows each part of the time with its verdict, and that the ranking turned', () => {
    const text = shown();
    expect(text).toMatch(/Whole +0\.0–30\.0 +1\.18× \[1\.16, 1\.21\] +faster +±0\.4 %/);
    expect(text).toMatch(/Last third +20\.0–30\.0 +0\.94× \[0\.92, 0\.96\] +slower/);
    expect(text).toContain('TURNED: the last third says the opposite of the first minutes');
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test('shows drift, heat, throttling and memory, and what the board does not tell', () => {
    const text = shown();
    expect(text).toContain('Drift of A       +0.42 % a minute [+0.31, +0.53]');
    expect(text).toContain('Drift of B       too short to tell');
    expect(text).toContain('48 → 80 °C (48 to 81)');
    expect(text).toContain('2400 → 1800 MHz (1500 to 2400)');
    expect(text).toContain('41.3 % of the blocks');
    expect(text).toContain('82.0 MB → 83.0 MB (+1.2 %), flat within 5 %');
    const untold = shown({ temperatureC: null, clockMHz: null, throttledShare: null, memory: null });
    expect(untold.match(/not told by the board/g)).toHaveLength(3);
    expect(untold).toContain('Runner memory    too short to tell');
  });

  test('says how it ended when that was early, and what a board says stays on one line', () => {
    expect(shown()).not.toMatch(/Stopped|lost/);
    expect(shown({ ended: 'stopped', minutes: 12.3 })).toContain('Stopped after 12.3 of 30 minutes');
    const lost = shown({ ended: 'linkLost', minutes: 3, reason: 'un\nplugged \u001b[31mred' });
    expect(lost.replaceAll('\n', ' ')).toContain(
      'The board was lost after 3.0 of 30 minutes (un plugged red)',
    );
  });

  test('ends in one verdict', () => {
    const faster = { speedup: 1.18, speedupInterval95: [1.16, 1.21], verdict: 'faster' } as const;
    const lines = compareLines({ ...compareResult, ...faster, sustained: sustainedResult }, view);
    expect(lines.at(-1)).toBe('Faster: 15 % less time than A (14 to 17 %).');
    expect(lines.filter((line) => line.startsWith('Speed-up  '))).toEqual([]);
  });
});

test('the sparkline shows the course between its ends', () => {
  expect(sparkline([1, 1.5, 2])).toBe('▁▅█ 1.00 to 2.00');
  expect(sparkline([1, 1])).toBe('▅▅ 1.00 to 1.00');
  expect(sparkline([1])).toBeNull();
  expect(sparkline(Array.from({ length: 500 }, (_, i) => i))?.split(' ')[0]).toHaveLength(60);
});

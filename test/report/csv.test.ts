import { expect, test } from 'vitest';
import type { RunResult } from '../../electron/contract/run-result.ts';
import { measurementsCsv } from '../../electron/report/csv.ts';
import { leavesOf } from './numbers-in.ts';
import { sampleExtras, sampleResult, severalResult } from './sample-result.ts';

/** Reads RFC 4180 back. */
function parse(csv: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end !== ',') rows.push([]);
  }
  return rows.slice(0, -1);
}

test.each([
  ['one board', sampleResult],
  ['several boards', severalResult],
])('Every line has the five columns, and every number of result.json stands in one, of %s.', (_, result) => {
  const rows = parse(measurementsCsv(result, sampleExtras));
  expect(rows[0]).toEqual(['kind', 'subject', 'statistic', 'value', 'unit']);
  expect(rows.filter((row) => row.length !== 5)).toEqual([]);
  const values = new Set(rows.map((row) => row[3]));
  const missing = leavesOf(result).filter(
    ({ leaf }) => typeof leaf === 'number' && !values.has(String(leaf)),
  );
  expect(missing).toEqual([]);
});

test('Operators before and after, and every block of the comparison, have their lines.', () => {
  const rows = parse(measurementsCsv(sampleResult, sampleExtras));
  const count = (kind: string) => rows.filter((row) => row[0] === kind).length;
  expect(count('operator before')).toBe(4 * sampleResult.operators.length);
  expect(count('operator after')).toBe(4 * sampleResult.operators.length);
  expect(count('block')).toBe(4 * 30);
  expect(rows).toContainEqual(['latency', 'B', 'p50', '4786.1', 'us']);
});

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '＝1+1', '=HYPERLINK("http://x","y")'])(
  'The text %j is no formula for a spreadsheet.',
  (text) => {
    const result: RunResult = {
      ...sampleResult,
      board: { ...sampleResult.board, name: text, cpu: text },
      operators: [{ name: text, type: text, share: 0.5, latencyUs: 2, parameters: 1 }],
    };
    const rows = parse(measurementsCsv(result));
    expect(rows.flat()).not.toContain(text);
    expect(rows.flat().filter((cell) => cell === `'${text}`).length).toBeGreaterThan(5);
  },
);

test('A negative number stays a number, and a missing one is an empty cell.', () => {
  const rows = parse(
    measurementsCsv(
      { ...sampleResult, optimized: { ...sampleResult.optimized, peakMemoryBytes: null } },
      { comparison: { ...sampleExtras.comparison!, blocks: [{ wallUs: [1, Number.NaN], cpuUs: [] }] } },
    ),
  );
  expect(rows).toContainEqual(['comparison', 'B against A', 'accuracy change', '-0.633', 'points']);
  expect(rows).toContainEqual(['memory', 'B', 'peak', '', 'bytes']);
  expect(rows).toContainEqual(['block', 'B block 1', 'wall', '', 'us']);
  expect(rows).toContainEqual(['block', 'A block 1', 'cpu', '', 'us']);
});

test('Text with commas, quotes and line ends comes back as it was.', () => {
  const name = 'a "b", c\nd';
  const rows = parse(measurementsCsv({ ...sampleResult, board: { ...sampleResult.board, name } }));
  expect(rows).toContainEqual(['board', name, 'arch', 'arm64', '']);
});

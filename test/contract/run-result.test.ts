import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runResultJsonSchema, runResultSchema } from '../../electron/contract/run-result.ts';
import { sampleResult, severalResult } from '../report/sample-result.ts';

test('The committed schema is the one of the code (else run resources/scripts/write-schema.ts).', () => {
  const committed = readFileSync(new URL('../../docs/result.schema.json', import.meta.url), 'utf8');
  expect(committed).toBe(runResultJsonSchema());
});

test('Every property of the schema that holds data is described.', () => {
  const undescribed: string[] = [];
  const visit = (node: unknown, path: string): void => {
    if (node === null || typeof node !== 'object') return;
    const { properties, items, description } = node as Record<string, unknown>;
    if (path !== '' && !path.endsWith('[]') && !description) undescribed.push(path);
    for (const [name, member] of Object.entries(properties ?? {})) visit(member, `${path}/${name}`);
    visit(items, `${path}[]`);
  };
  visit(JSON.parse(runResultJsonSchema()), '');
  expect(undescribed).toEqual([]);
});

test('A result with a property too many, too few or of the wrong unit’s type is refused.', () => {
  expect(runResultSchema.safeParse(sampleResult).success).toBe(true);
  const { seed: _, ...without } = sampleResult;
  for (const wrong of [
    without,
    { ...sampleResult, extra: 1 },
    { ...sampleResult, schema: 2 },
    { ...sampleResult, createdAt: 'yesterday' },
    { ...sampleResult, original: { ...sampleResult.original, sizeBytes: 1.5 } },
    { ...sampleResult, original: { ...sampleResult.original, sha256: 'x' } },
    { ...sampleResult, comparison: { ...sampleResult.comparison, speedupInterval95: [1] } },
    { ...sampleResult, comparison: { ...sampleResult.comparison, speedup: Number.POSITIVE_INFINITY } },
  ])
    expect(runResultSchema.safeParse(wrong).success).toBe(false);
});

test('A result is read with one board, as all were before there were several, and with several.', () => {
  expect(runResultSchema.parse(sampleResult)).toEqual(sampleResult);
  expect(runResultSchema.parse(severalResult)).toEqual(severalResult);
  const [first] = severalResult.boards!;
  expect(runResultSchema.safeParse({ ...sampleResult, boards: [first] }).success).toBe(false);
});

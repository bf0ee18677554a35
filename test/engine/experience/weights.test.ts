import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { weightOf, weightsFrom } from '../../../electron/engine/experience/weights.ts';
import type { Experience } from '../../../electron/store/experiences.ts';
import { trial } from '../../store/store-setup.ts';

const group = { operatorTypes: ['Conv', 'Relu'], features: { 'spatial multiply-adds': 1e6 } };
const tried = (form: string, ratio: number, changes: Partial<Experience> = {}): Experience => ({
  ...trial,
  forms: [form],
  ratio,
  where: 'here',
  ageDays: 1,
  ...changes,
});
const many = (experience: Experience): Experience[] => Array.from({ length: 10 }, () => experience);
const weight = (experiences: readonly Experience[], ...forms: string[]): number =>
  weightOf(weightsFrom(experiences, group), forms);

describe('the weight of a form', () => {
  test('is 1 where nobody tried it, more where it gained much, less where it gained nothing', () => {
    const past = [...many(tried('depthwise 3', 5)), ...many(tried('grouped 2', 1.05))];
    expect(weight(past, 'pooled')).toBe(1);
    expect(weight(past, 'depthwise 3')).toBeGreaterThan(2);
    expect(weight(past, 'grouped 2')).toBeLessThan(0.5);
    expect(weight(past, 'grouped 2')).toBeGreaterThan(0);
  });

  test('is that of its name where its own setting was never tried', () => {
    const past = many(tried('lowRank 0.25', 4));
    expect(weight(past, 'lowRank 0.5')).toBeGreaterThan(1);
    expect(weight(past, 'lowRank 0.25')).toBeGreaterThan(weight(past, 'lowRank 0.5'));
  });

  test('is less for the same gain at the cost of damage', () => {
    const [harmless, harmful] = [0, 3].map((damage) =>
      weight(many(tried('pooled', 3, { damage })), 'pooled'),
    );
    expect(harmful).toBeLessThan(harmless!);
  });

  test('counts for less what was seen on another board, on other operators or at another size', () => {
    const own = weight(many(tried('pooled', 5)), 'pooled');
    for (const changes of [
      { where: 'elsewhere' },
      { operatorTypes: ['MatMul', 'Add'] },
      { operatorTypes: ['Conv', 'Relu', 'Conv', 'Relu'] },
      { baselineFeatures: { 'spatial multiply-adds': 1e9 } },
    ] as const) {
      const other = weight(many(tried('pooled', 5, changes)), 'pooled');
      expect(other).toBeLessThan(own);
      expect(other).toBeGreaterThanOrEqual(1);
    }
  });

  test('of several edits lies between those of the edits', () => {
    const past = [...many(tried('depthwise 3', 5)), ...many(tried('grouped 2', 1))];
    const both = weight(past, 'depthwise 3', 'grouped 2');
    expect(both).toBeLessThan(weight(past, 'depthwise 3'));
    expect(both).toBeGreaterThan(weight(past, 'grouped 2'));
  });

  test('is positive and finite whatever was tried', () => {
    const experience = fc.record({
      form: fc.constantFrom('depthwise 3', 'lowRank 0.25', 'skip'),
      ratio: fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
      damage: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true })),
    });
    fc.assert(
      fc.property(fc.array(experience), (rows) => {
        const past = rows.map(({ form, ratio, damage }) => tried(form, ratio, { damage }));
        for (const form of ['depthwise 3', 'lowRank 0.5', 'skip', 'unheard of']) {
          const value = weight(past, form);
          expect(value).toBeGreaterThan(0);
          expect(value).toBeLessThan(1e3);
        }
      }),
    );
  });
});

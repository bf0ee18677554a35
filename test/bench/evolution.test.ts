import { expect, test } from 'vitest';
import { evolutionTable } from './evolution.ts';

test('the table of the evolution says at how many seeds of each model it did better', () => {
  const row = (model: string, seed: number, strategy: 'evolution' | 'random', area: number) => ({
    ...{ model, seed, strategy, area },
    timed: 60,
    generations: 4,
  });
  const table = evolutionTable([
    row('net', 1, 'evolution', 6.17),
    row('net', 1, 'random', 5.53),
    row('net', 2, 'random', 4.86),
    row('net', 2, 'evolution', 4.2),
    row('other', 1, 'evolution', 3),
    row('other', 1, 'random', 2),
  ]);
  expect(table).toContain('| net | 2 | random | 4.86 | 4 | 60 |');
  expect(table).toContain('net: evolution is ahead at 1 of 2 seeds.');
  expect(table).toContain('other: evolution is ahead at 1 of 1 seeds.');
});

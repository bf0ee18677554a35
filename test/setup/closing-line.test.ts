import { describe, expect, test } from 'vitest';
import { closingLine, countTests } from './closing-line.ts';

type Modules = Parameters<typeof countTests>[0];

function moduleOf(state: string, tests: readonly string[]): Modules[number] {
  const stub: unknown = {
    state: () => state,
    children: { allTests: () => tests.map((result) => ({ result: () => ({ state: result }) })) },
  };
  // The counting reads these two members of a module and nothing else.
  return stub as Modules[number];
}

describe('the closing line', () => {
  test('counts tests of all modules by outcome', () => {
    const modules = [
      moduleOf('failed', ['passed', 'failed', 'skipped']),
      moduleOf('passed', ['passed', 'pending']),
    ];
    expect(closingLine(countTests(modules, 0))).toBe('2 passed, 1 failed, 2 skipped');
  });

  test('counts a file that does not load as one failure', () => {
    expect(countTests([moduleOf('failed', [])], 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  test('counts errors outside of any test as failures', () => {
    expect(countTests([moduleOf('passed', ['passed'])], 2)).toEqual({ passed: 1, failed: 2, skipped: 0 });
  });
});

import { writeSync } from 'node:fs';
import type { Reporter, TestModule } from 'vitest/node';

/** Tests by outcome; a file that does not load and an error outside any test count as failed. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Counts the tests of finished modules. */
export function countTests(modules: readonly TestModule[], unhandledErrors: number): TestCounts {
  const counts = { passed: 0, failed: unhandledErrors, skipped: 0 };
  for (const module of modules) {
    let failedHere = 0;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      // A test that never ran, because the run was cut short, is not one that passed.
      if (state === 'passed') counts.passed += 1;
      else if (state === 'failed') failedHere += 1;
      else counts.skipped += 1;
    }
    if (failedHere === 0 && module.state() === 'failed') failedHere = 1;
    counts.failed += failedHere;
  }
  return counts;
}

/** The line that ends every test run. */
export function closingLine(counts: TestCounts): string {
  return `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
}

/** Prints the closing line as the very last of the run, whatever other reporters print. */
export class ClosingLineReporter implements Reporter {
  private line: string | null = null;

  /** Keeps the counts; printed when the process ends, since other reporters are not through yet. */
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    if (this.line === null) process.once('exit', () => writeSync(1, `${this.line}\n`));
    this.line = closingLine(countTests(modules, unhandledErrors.length));
  }
}

import { defineConfig } from 'vitest/config';
import { ClosingLineReporter } from './test/setup/closing-line.ts';
import { LongFirst } from './test/setup/long-first.ts';

export default defineConfig({
  test: {
    environment: 'node',
    include: ['test/**/*.test.{ts,tsx}'],
    // Tests measure latencies and start children of their own: more workers would disturb each other.
    maxWorkers: 2,
    sequence: { sequencer: LongFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A page on a busy machine takes its time.
    expect: { poll: { timeout: 15_000 } },
    reporters: ['default', new ClosingLineReporter()],
  },
});

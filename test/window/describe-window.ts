import { afterAll, beforeAll, describe } from 'vitest';
import { findChromium, withoutChromium } from './chromium.ts';
import { startWindowHarness, type WindowHarness } from './window-harness.ts';

const startMs = 120_000;

/** Tests of the window in Chromium, with one browser for all of them; skipped by name where there is none. */
export function describeWindow(title: string, tests: (harness: Pick<WindowHarness, 'open'>) => void): void {
  const isMissing = findChromium() === null;
  describe.skipIf(isMissing)(isMissing ? `${title} (${withoutChromium})` : title, () => {
    let started: WindowHarness;
    beforeAll(async () => {
      started = await startWindowHarness();
    }, startMs);
    afterAll(() => started.close());
    tests({ open: (...args) => started.open(...args) });
  });
}

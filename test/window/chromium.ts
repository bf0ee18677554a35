import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The Chromium on PATH; null where there is none and its tests are skipped. */
export function findChromium(): string | null {
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.flatMap((f) => names.map((n) => join(f, n))).find((path) => existsSync(path)) ?? null;
}

/** Why tests of the window are skipped, for their title. */
export const withoutChromium = 'skipped: Chromium is missing (apt-get install chromium)';

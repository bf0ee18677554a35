import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { _electron } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import type { Settings } from '../../electron/contract/views.ts';
import { buildShell } from '../../resources/scripts/build-shell.ts';
import { runMs, signposts, walkToExport } from './walk.ts';
import { buildWindow } from './window-harness.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Electron's program as its package names it; null where the package has only its scripts. */
async function findElectron(): Promise<string | null> {
  const folder = dirname(createRequire(import.meta.url).resolve('electron/package.json'));
  if (!existsSync(join(folder, 'path.txt'))) return null;
  const program = join(folder, 'dist', (await readFile(join(folder, 'path.txt'), 'utf8')).trim());
  return existsSync(program) ? program : null;
}

const program = await findElectron();
const title = 'A person without a manual, in Electron';
describe.skipIf(program === null)(
  program === null ? `${title} (skipped: Electron's binary is not there)` : title,
  () => {
    test.each(['en', 'ja'] as const)(
      'goes from the start to an exported result with at most 8 clicks and no text field (%s)',
      async (language) => {
        await Promise.all([buildWindow(), buildShell(join(root, 'dist', 'electron'))]);
        const folder = await mkdtemp(join(tmpdir(), 'fieldtune-electron-'));
        const electron = await _electron.launch({
          executablePath: program!,
          args: [root, ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
          cwd: folder,
          env: { ...process.env, FIELDTUNE_HOME: join(folder, 'state') } as Record<string, string>,
        });
        try {
          const target = join(folder, 'result.json');
          await electron.evaluate(({ session }, path) => {
            session.defaultSession.on('will-download', (_event, item) => item.setSavePath(path));
          }, target);
          const page = await electron.firstWindow();
          await page.getByRole('heading', { level: 1 }).waitFor();
          await page.evaluate(
            async (wanted) => {
              const before = await window.fieldtune!.call('settings.get', {});
              if (!before.ok) throw new Error(before.error.kind);
              await window.fieldtune!.call('settings.save', { ...(before.value as Settings), ...wanted });
            },
            { language, budgetSeconds: 30 },
          );
          await page.getByRole('link', { name: signposts[language].run, exact: true }).waitFor();
          expect(await walkToExport(page, language)).toBeLessThanOrEqual(8);
          await expect.poll(() => existsSync(target)).toBe(true);
        } finally {
          await electron.close();
          await rm(folder, { recursive: true, force: true });
        }
      },
      runMs + 60_000,
    );
  },
);

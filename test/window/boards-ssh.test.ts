import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PrivateSshd, sshdMissing, startPrivateSshd } from '../faults/private-sshd.ts';
import { findChromium, withoutChromium } from './chromium.ts';
import { openRealWindow, type RealWindow } from './real-window.ts';

const missing = findChromium() === null ? withoutChromium : sshdMissing;

describe.skipIf(missing !== '')(`A board over SSH in the real window${missing && ` (${missing})`}`, () => {
  let real: RealWindow;
  let sshd: PrivateSshd;
  let page: Page;
  const home = mkdtempSync(join(tmpdir(), 'fieldtune-home-'));
  const row = () => page.getByRole('article').filter({ hasText: sshd.address.replace('ssh://', '') });
  const question = () => page.getByRole('dialog', { name: /First connection to/ });

  beforeAll(async () => {
    // The runner goes into the home on the board, which here is not the person's own.
    sshd = await startPrivateSshd({ startUp: `HOME='${home}'; export HOME` });
    real = await openRealWindow();
    page = await (await real.person()).newPage();
    await page.goto(real.address('/boards'));
  }, 120_000);
  afterAll(async () => {
    await real?.close();
    await sshd?.stop();
    rmSync(home, { recursive: true, force: true });
  });

  test('asks about its key, is told to cancel, and says what to do', async () => {
    await page.getByLabel('Type an address …').fill(sshd.address.replace('ssh://', ''));
    await page.keyboard.press('Enter');
    await question().getByText(sshd.fingerprint).waitFor();
    await page.keyboard.press('Escape');
    await row().getByText('Not trusted', { exact: true }).waitFor();
    await row().getByRole('button', { name: 'Connect and compare the key' }).waitFor();
  });

  test('is trusted, refuses the sign-in, takes a key file, gets its runner and is in use', async () => {
    await row().getByRole('button', { name: 'Connect and compare the key' }).click();
    await question().getByRole('button', { name: 'Trust and connect' }).click();
    await row().getByText('Sign-in refused').waitFor();
    await row().getByLabel('Private key file').fill(sshd.identityFile);
    await page.keyboard.press('Enter');
    await row()
      .getByText(/Installing the runner: .* of .*MB/)
      .waitFor();
    await row().getByText('In use').waitFor({ timeout: 120_000 });
    await row()
      .getByRole('button', { name: /Details of/ })
      .click();
    await row()
      .getByText(/^Installed, .*MB sent$/)
      .waitFor();
    expect(await row().locator('dl').textContent()).toContain(sshd.fingerprint);
  }, 180_000);

  test('shows another key after a reinstallation, which is replaced only when told so', async () => {
    const before = sshd.fingerprint;
    await sshd.replaceHostKey();
    await row().getByRole('button', { name: 'Read the state again' }).click();
    await row().getByRole('button', { name: 'Compare the keys …' }).click();
    const dialog = page.getByRole('dialog', { name: /The key of .* has changed/ });
    await dialog.getByText(before).waitFor();
    await dialog.getByText(sshd.fingerprint).waitFor();
    await dialog.getByRole('button', { name: 'Replace key' }).click();
    await row().getByText('Was there already').waitFor({ timeout: 60_000 });
    expect(await question().count()).toBe(0);
    expect(await row().locator('dl').textContent()).toContain(sshd.fingerprint);
  }, 120_000);
});

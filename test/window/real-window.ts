import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext } from 'playwright-core';
import { createApp } from '../../electron/app/app.ts';
import type { Settings } from '../../electron/contract/views.ts';
import { type Service, startService } from '../../electron/service/server.ts';
import { buildWindow, launchChromium } from './window-harness.ts';

/** How a person's browser is set. */
export interface PersonOptions {
  readonly language?: 'en' | 'ja';
  readonly dark?: boolean;
  readonly size?: { readonly width: number; readonly height: number };
}

/** The real app behind the real service, in a folder of its own, with Chromium before it. */
export interface RealWindow {
  readonly service: Service;
  readonly folder: string;
  readonly browser: Browser;
  /** A browser that has opened the link of the service; pages of it are in. */
  person(options?: PersonOptions): Promise<BrowserContext>;
  address(path: string): string;
  saveSettings(change: Partial<Settings>): Promise<void>;
  close(): Promise<void>;
}

/** Starts everything on a fresh state folder, which `prepare` may fill before. */
export async function openRealWindow(prepare?: (stateFolder: string) => void): Promise<RealWindow> {
  await buildWindow();
  const folder = await mkdtemp(join(tmpdir(), 'fieldtune-window-'));
  const stateFolder = join(folder, 'state');
  prepare?.(stateFolder);
  const app = await createApp({ stateFolder, cwd: folder });
  if (!app.ok) throw new Error(app.error.kind);
  const api = app.value;
  const service = await startService({ api, stateFolder, face: 'browser' });
  const browser = await launchChromium();
  return {
    service,
    folder,
    browser,
    async person({ language = 'en', dark = false, size = { width: 1280, height: 800 } } = {}) {
      const context = await browser.newContext({
        locale: language === 'ja' ? 'ja-JP' : 'en-GB',
        colorScheme: dark ? 'dark' : 'light',
        viewport: size,
        reducedMotion: 'reduce',
        acceptDownloads: true,
      });
      const page = await context.newPage();
      await page.goto(service.newUrl());
      await page.close();
      return context;
    },
    address: (path) => `http://127.0.0.1:${service.port}${path}`,
    async saveSettings(change) {
      const before = await api.query('settings.get', {});
      if (!before.ok) throw new Error(before.error.kind);
      await api.query('settings.save', { ...before.value, ...change });
    },
    async close() {
      await browser.close();
      await service.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

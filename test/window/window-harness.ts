import { mkdirSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import type { CallArguments, CallName, CallValues, WindowEvent } from '../../electron/contract/calls.ts';
import { fail, ok, type Result } from '../../electron/contract/result.ts';
import { needsBuild } from '../../resources/scripts/window-build.ts';
import { findChromium } from './chromium.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const outDir = join(root, 'dist/renderer');
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

/** Answers of the app in a test: a value, or what makes one of the arguments; a call without one fails. */
export type Answers = {
  readonly [N in CallName]?:
    | CallValues[N]
    | ((args: CallArguments<N>) => CallValues[N] | Promise<CallValues[N]>);
};

/** How a page is opened. */
export interface PageOptions {
  readonly answers: Answers;
  readonly language?: 'en' | 'ja';
  readonly dark?: boolean;
  readonly size?: { readonly width: number; readonly height: number };
  /** What the person has chosen before, as `client/selection.ts` keeps it. */
  readonly selection?: unknown;
}

/** A page of the window whose app is played by the test. */
export interface TestPage {
  readonly page: Page;
  /** Calls that the page has made, the oldest first. */
  readonly calls: readonly { readonly name: CallName; readonly args: unknown }[];
  tell(event: WindowEvent): Promise<void>;
}

/** Chromium with the built window; close it at the end. */
export interface WindowHarness {
  open(path: string, options: PageOptions): Promise<TestPage>;
  close(): Promise<void>;
}

/** Builds the window where its sources are newer than the last build, and starts Chromium. */
export async function startWindowHarness(): Promise<WindowHarness> {
  await buildWindow();
  const server = createServer(async (request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://x').pathname);
    const file = join(outDir, extname(path) in types ? path : 'index.html');
    // Files of runs are the service's, which is not here.
    if (/^\/runs\/[^/]+\/./.test(path)) {
      response.writeHead(404).end();
      return;
    }
    try {
      const body = await readFile(file);
      response
        .writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream' })
        .end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const browser = await launchChromium();
  return {
    open: (path, options) => openPage(browser, origin + path, options),
    close: async () => {
      await browser.close();
      server.close();
    },
  };
}

/** Starts Debian's Chromium. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium()!,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}

/** Builds dist/renderer unless it is as new as its sources. */
export async function buildWindow(): Promise<void> {
  // Test files run side by side: one of them builds, the others wait for it.
  const lock = join(root, 'dist/.building');
  for (const until = Date.now() + 120_000; await needsBuild(root); ) {
    mkdirSync(join(root, 'dist'), { recursive: true });
    try {
      mkdirSync(lock);
    } catch {
      if (Date.now() > until) rmSync(lock, { recursive: true, force: true });
      await setTimeout(200);
      continue;
    }
    try {
      await buildForUse();
    } finally {
      rmSync(lock, { recursive: true, force: true });
    }
  }
}

/** As a person gets it: the test runner's own NODE_ENV would bundle React's development build. */
async function buildForUse(): Promise<void> {
  const own = process.env.NODE_ENV;
  process.env.NODE_ENV = 'production';
  try {
    await build({ configFile: join(root, 'vite.config.ts'), logLevel: 'error' });
  } finally {
    if (own === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = own;
  }
}

async function openPage(browser: Browser, url: string, options: PageOptions): Promise<TestPage> {
  const { answers, language = 'en', dark = false, size = { width: 1280, height: 800 }, selection } = options;
  const context = await browser.newContext({
    locale: language === 'ja' ? 'ja-JP' : 'en-GB',
    colorScheme: dark ? 'dark' : 'light',
    viewport: size,
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  const calls: { name: CallName; args: unknown }[] = [];
  const answer = async (name: CallName, args: unknown): Promise<Result<unknown, unknown>> => {
    calls.push({ name, args });
    const own = answers[name];
    if (own === undefined) return fail({ kind: 'internal', logId: `no answer to ${name} in this test` });
    try {
      return ok(typeof own === 'function' ? await (own as (args: unknown) => unknown)(args) : own);
    } catch (error) {
      // A test throws the AppError that the page should get.
      return fail(error);
    }
  };
  await page.exposeFunction('ftCall', answer);
  await page.addInitScript((chosen) => {
    if (chosen) localStorage.setItem('fieldtune.selection', JSON.stringify(chosen));
    const listeners = new Set<(event: unknown) => void>();
    Object.assign(window, {
      ftTell: (event: unknown) => {
        for (const listener of listeners) listener(event);
      },
      fieldtune: {
        call: (name: string, args: unknown) =>
          (window as unknown as { ftCall(name: string, args: unknown): Promise<unknown> }).ftCall(name, args),
        onEvent: (listener: (event: unknown) => void) => {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
      },
    });
  }, selection);
  await page.goto(url);
  return {
    page,
    calls,
    tell: async (event) => {
      await page.evaluate(
        (told) => (window as unknown as { ftTell(event: unknown): void }).ftTell(told),
        event as unknown,
      );
    },
  };
}

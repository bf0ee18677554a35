import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type AppOptions, createApp } from '../../electron/app/app.ts';
import type { Api, Listener, RunEvent } from '../../electron/contract/api.ts';
import type { Result } from '../../electron/contract/result.ts';
import type { RunWarning } from '../../electron/contract/run-notes.ts';
import { makeEngineRunner } from '../../electron/engine/client.ts';
import type { TimeRequest } from '../../electron/runner/protocol.ts';
import { openStore, type Store } from '../../electron/store/open-store.ts';
import { makeDenseModel } from '../board/tiny-models.ts';

const fakeEngine = new URL('./fake-engine.ts', import.meta.url);

/** A folder with a tiny model `tiny.onnx` and something that passes for data; it goes with the test. */
export function workFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fieldtune-app-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'tiny.onnx'), makeDenseModel(16, 2).bytes);
  writeFileSync(join(folder, 'data.npz'), 'data');
  return folder;
}

export const stateOf = (folder: string): string => join(folder, 'state');

/** A request whose blocks last as long as it takes to run at all: for tests in which no time is looked at. */
export const hasty = (request: TimeRequest): TimeRequest => ({ ...request, visitMs: 1, warmupMs: 1 });

/** The app on the state of a folder, closed after the test. */
export async function openApp(folder: string, options: Partial<AppOptions> = {}): Promise<Api> {
  const app = unwrap(
    await createApp({
      stateFolder: stateOf(folder),
      cwd: folder,
      runInEngine: makeEngineRunner({ entry: fakeEngine, graceMs: 300 }),
      ...options,
    }),
  );
  onTestFinished(() => app.close());
  return app;
}

/** The store beside the app. */
export function openBeside(folder: string): Store {
  const store = unwrap(openStore(stateOf(folder)));
  onTestFinished(() => store.close());
  return store;
}

/** A listener that keeps the events. */
export function listening(onEvent: (event: RunEvent) => void = () => undefined): Listener & {
  readonly events: RunEvent[];
  readonly controller: AbortController;
} {
  const events: RunEvent[] = [];
  const controller = new AbortController();
  return {
    events,
    controller,
    signal: controller.signal,
    confirmHostKey: async () => false,
    ask: null,
    onEvent: (event) => {
      events.push(event);
      onEvent(event);
    },
  };
}

/** The value of a result that must be ok. */
export function unwrap<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(`Unexpected failure: ${JSON.stringify(result.error)}`);
  return result.value;
}

/** The error of a result that must have failed. */
export function errorOf<E>(result: Result<unknown, E>): E {
  if (result.ok) throw new Error('Unexpected success');
  return result.error;
}

const nameIn = (warning: RunWarning): string => (warning.kind === 'otherBoard' ? warning.board : '');

/** The process id that the fake engine tells, in a warning for want of better. */
export function enginePid(events: readonly RunEvent[]): number {
  const found = events.flatMap((event) =>
    event.kind === 'warning' ? (/^engine (\d+)$/.exec(nameIn(event.warning))?.[1] ?? []) : [],
  );
  return Number(found.at(-1));
}

export function runOf(events: readonly RunEvent[]): string {
  const created = events.find((event) => event.kind === 'runCreated');
  if (!created) throw new Error('No run was created');
  return created.run;
}

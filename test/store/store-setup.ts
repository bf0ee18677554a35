import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';
import { onTestFinished } from 'vitest';
import type { Result } from '../../electron/contract/result.ts';
import type { BoardIdentity } from '../../electron/runner/protocol.ts';
import type { Trial } from '../../electron/store/experiences.ts';
import { openStore, type Store, type StoreOptions } from '../../electron/store/open-store.ts';

export const Sqlite = createRequire(import.meta.url)('better-sqlite3') as typeof BetterSqlite3;

export const shaA = 'a'.repeat(64);
export const shaB = 'b'.repeat(64);

/** A folder that goes with the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fieldtune-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The value of a result that must be ok. */
export function unwrap<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(`Unexpected failure: ${JSON.stringify(result.error)}`);
  return result.value;
}

/** A store that is closed after the test. */
export function openedStore(folder = temporaryFolder(), options: StoreOptions = {}): Store {
  const store = unwrap(openStore(folder, options));
  onTestFinished(() => store.close());
  return store;
}

export const identity: BoardIdentity = {
  id: 'c0ffee42',
  name: 'Bench Pi',
  arch: 'arm64',
  cpu: 'Cortex-A76',
  cores: 4,
  memoryBytes: 8_000_000_000,
  os: 'Debian 13',
  nodeVersion: '24.1.0',
  runtimeVersion: '1.30.0',
  serialNumber: '10000000abcdef',
};

/** A depthwise form timed in place of a convolution. */
export const trial: Trial = {
  baseline: shaA,
  structure: shaB,
  threads: 1,
  level: 'all',
  operatorTypes: ['Conv', 'Relu'],
  forms: ['depthwise 3'],
  baselineFeatures: { 'spatial multiply-adds': 1e6 },
  features: { 'depthwise multiply-adds': 1e4 },
  baselineUs: 100,
  latencyUs: 40,
  ratio: 2.5,
  damage: null,
};

/** Saves model A and makes a run of it. */
export function newRun(store: Store, boardAddress = 'local'): string {
  unwrap(
    store.models.save({
      sha256: shaA,
      name: 'keywords',
      path: '/m/keywords.onnx',
      sizeBytes: 100,
      parameters: 25,
    }),
  );
  return unwrap(
    store.runs.create({
      request: { budgetSeconds: 60 },
      modelSha256: shaA,
      boardAddress,
      out: 'out/x',
      seed: 7,
    }),
  );
}

/** Runs a program of this folder in a process of its own; `lines` yields what it prints. */
export function startProgram(name: string, ...args: string[]) {
  const child = spawn(process.execPath, [new URL(name, import.meta.url).pathname, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const ended = new Promise<void>((resolve) => child.on('close', () => resolve()));
  return { child, ended };
}

import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { AppOptions } from '../../../electron/app/app.ts';
import type { Board } from '../../../electron/board/board.ts';
import { quoteForShell } from '../../../electron/board/shell.ts';
import type { Listener, RunEvent } from '../../../electron/contract/api.ts';
import type { DeployCall, DeployPlan } from '../../../electron/contract/deploy.ts';
import { ok } from '../../../electron/contract/result.ts';
import type { RunWarning } from '../../../electron/contract/run-notes.ts';
import type { BoardIdentity } from '../../../electron/runner/protocol.ts';
import { makeDenseModel } from '../tiny-models.ts';

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** A "board" in a folder: a service folder, the state of an app, and models A, B and C of one form. */
export interface Scene {
  readonly folder: string;
  readonly state: string;
  /** What the customer's service reads. */
  readonly path: string;
  readonly home: string;
  readonly a: Uint8Array;
  readonly b: Uint8Array;
  readonly c: Uint8Array;
  /** Files of B and C on the laptop. */
  readonly bFile: string;
  readonly cFile: string;
}

/** A scene in which nothing is at the path yet; it goes with the test. */
export function makeScene(name = 'model.onnx', keep = false): Scene {
  const folder = mkdtempSync(join(tmpdir(), 'fieldtune-deploy-'));
  if (!keep) onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const service = join(folder, 'service');
  mkdirSync(service);
  const [a, b, c] = [1, 2, 3].map((layers) => makeDenseModel(16, layers).bytes);
  const scene: Scene = {
    folder,
    state: join(folder, 'state'),
    path: join(service, name),
    home: join(service, `.${name}.fieldtune`),
    a: a!,
    b: b!,
    c: c!,
    bFile: join(folder, 'b.onnx'),
    cFile: join(folder, 'c.onnx'),
  };
  writeFileSync(scene.bFile, scene.b);
  writeFileSync(scene.cFile, scene.c);
  return scene;
}

/** What the service would read now, by its hash; null: nothing. */
export const activeOf = ({ path }: Pick<Scene, 'path'>): string | null =>
  existsSync(path) ? sha256Of(readFileSync(path)) : null;

/** What the manifest beside the active model names; null where the path is not managed. */
export function manifestOf({ path }: Pick<Scene, 'path'>): {
  readonly active: { readonly sha256: string };
  readonly previous: { readonly sha256: string } | null;
  readonly history: readonly { readonly action: string; readonly by: string }[];
} | null {
  if (!lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return null;
  const release = dirname(join(dirname(path), readlinkSync(path)));
  return JSON.parse(readFileSync(join(release, 'manifest.json'), 'utf8'));
}

/** The call that puts a file there. */
export const deployCall = (scene: Scene, more: Partial<DeployCall> = {}): DeployCall => ({
  source: { kind: 'model', modelPath: scene.bFile },
  board: { address: 'local' },
  path: scene.path,
  manage: true,
  otherBoard: false,
  despiteTrial: false,
  breakLock: false,
  healthTimeoutSeconds: 5,
  ...more,
});

/** A person who agrees, unless told otherwise, and what they were shown and told. */
export function person(
  agrees: boolean | ((plan: DeployPlan) => boolean | Promise<boolean>) = true,
): Listener & {
  readonly plans: DeployPlan[];
  readonly events: RunEvent[];
  warnings(): RunWarning[];
  readonly controller: AbortController;
} {
  const plans: DeployPlan[] = [];
  const events: RunEvent[] = [];
  const controller = new AbortController();
  return {
    plans,
    events,
    controller,
    warnings: () => events.flatMap((event) => (event.kind === 'warning' ? [event.warning] : [])),
    signal: controller.signal,
    onEvent: (event) => void events.push(event),
    confirmHostKey: async () => false,
    ask: null,
    confirmDeployment: async (plan) => {
      plans.push(plan);
      return typeof agrees === 'boolean' ? agrees : agrees(plan);
    },
  };
}

/** Who the stand-in for the runner says it is. */
export const standInBoard: BoardIdentity = {
  id: 'c0ffee42',
  name: 'Bench Pi',
  arch: 'arm64',
  cpu: 'Cortex-A76',
  cores: 4,
  memoryBytes: 8_000_000_000,
  os: 'Debian 13',
  nodeVersion: '24.1.0',
  runtimeVersion: '1.30.0',
  serialNumber: null,
};

const wellSmoke = { ok: true, samples: 8, largestDifference: 0, relativeError: 0, medianUs: 100 };

/**
 * Parts of an app whose runner is a small script that answers at once, for what is not about the runner: it says who
 * it is, and of a model what stands in `smoke.json` of the scene's folder, or that all is well. Where the environment
 * says so, it kills the app that asks it to try a model.
 */
export function quickParts(scene: Scene): Pick<AppOptions, 'findRunner' | 'connectBoard'> {
  const script = join(scene.folder, 'runner.sh');
  writeFileSync(
    script,
    `case $1 in
--identity) echo '${JSON.stringify(standInBoard)}';;
--smoke) [ -z "$FIELDTUNE_TEST_KILL_AT_SMOKE" ] || kill -9 "$(cut -d ' ' -f 4 "/proc/$PPID/stat")"
  cat '${join(scene.folder, 'smoke.json')}' 2>/dev/null || echo '${JSON.stringify(wellSmoke)}';;
esac\n`,
  );
  const local: Partial<Board> = {
    putModels: async () => ok(undefined),
    run: async () => ok(new Uint8Array(64)),
    close: async () => undefined,
  };
  return {
    findRunner: async () => ok({ words: `sh ${quoteForShell(script)}`, root: scene.folder }),
    connectBoard: async () => ok(local as Board), // only what a smoke run asks of it
  };
}

/** What the stand-in for the runner says of the models that are tried from now on. */
export const saySmoke = (scene: Scene, reply: object): void =>
  writeFileSync(join(scene.folder, 'smoke.json'), `${JSON.stringify({ ...wellSmoke, ...reply })}\n`);

import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createApp } from '../../electron/app/app.ts';
import { openStore } from '../../electron/store/open-store.ts';
import {
  activeOf,
  makeScene,
  manifestOf,
  person,
  quickParts,
  type Scene,
  sha256Of,
} from '../board/deployment/deployment-setup.ts';
import { findProcesses } from './processes.ts';

const program = fileURLToPath(new URL('./deploying-program.ts', import.meta.url));

/** What is killed with -9: the app's process, or the board's shell with all that it started. */
export type Victim = 'app' | 'shell';

/** What one kill came to. */
export interface KillOutcome {
  readonly victim: Victim;
  /** After the deployment began. */
  readonly delayMs: number;
  /** Whether something was there to be killed before the deployment was over. */
  readonly hit: boolean;
  /** Which model was active afterwards. */
  readonly active: 'old' | 'new';
  /** What the app itself said at its end, and what the next start and the board said; kinds. */
  readonly said: readonly string[];
  /** What is not as promised; empty: nothing. */
  readonly wrong: readonly string[];
  /** How long the whole took when nothing was hit in time. */
  readonly tookMs: number;
}

/** A scene with A as a plain file; the caller removes its folder. */
export function killScene(): Scene {
  const scene = makeScene('model.onnx', true);
  writeFileSync(scene.path, scene.a);
  return scene;
}

/** Deploys another model than the active one in a process of its own, kills, starts the app anew, and looks. */
export async function killOnce(scene: Scene, victim: Victim, delayMs: number): Promise<KillOutcome> {
  const old = activeOf(scene);
  const isB = old === sha256Of(scene.b);
  const next = sha256Of(isB ? scene.c : scene.b);
  const child = spawn(process.execPath, [program, JSON.stringify(scene), isB ? scene.cFile : scene.bFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  let hit = false;
  let isOver = false;
  let ended: string | null | undefined;
  let begunMs = 0;
  let tookMs = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    const told = JSON.parse(line) as { readonly kind: string; readonly error?: string | null }; // by our own program
    if (told.kind === 'end') {
      isOver = true;
      ended = told.error ?? null;
      tookMs = performance.now() - begunMs;
    } else {
      begunMs = performance.now();
      void sleep(delayMs, undefined, { ref: false }).then(async () => {
        // Between two scripts there is no shell: the next one is taken.
        while (!isOver && !hit) {
          hit = victim === 'app' ? child.kill('SIGKILL') : killShells(scene);
          if (!hit) await sleep(2);
        }
      });
    }
  }
  isOver = true;
  await closed;
  const wrong: string[] = [];
  const look = (when: string): void => {
    const active = activeOf(scene);
    if (active !== old && active !== next) wrong.push(`${when}: ${active} is active`);
    const manifest = manifestOf(scene);
    if (manifest && manifest.active.sha256 !== active)
      wrong.push(`${when}: the manifest names ${manifest.active.sha256}, ${active} is active`);
  };
  look('after the kill');

  const unfinished = unfinishedRows(scene);
  const app = await createApp({ stateFolder: scene.state, cwd: scene.folder, ...quickParts(scene) });
  if (!app.ok) throw new Error(JSON.stringify(app.error));
  const someone = person();
  const checked = await app.value.checkDeployments(
    { board: { address: 'local' }, path: scene.path },
    someone,
  );
  await app.value.close();
  look('after the next start');
  if (!checked.ok) wrong.push(`the next start failed: ${checked.error.kind}`);
  const report = checked.ok ? checked.value.paths[0] : undefined;
  if (report?.lockedBy) wrong.push('the lock is still held');
  const warned = someone.warnings().map(({ kind }) => kind);
  const said = [...(ended ? [ended] : []), ...warned];
  if (unfinished > 0 && !warned.includes('deploymentInterrupted')) wrong.push('the next start said nothing');
  if (hit && victim === 'shell' && ended === undefined) wrong.push('the app died of its shell');
  if (report?.standing === 'managed') {
    const left = readdirSync(scene.home).sort().join(' ');
    if (left !== 'incoming releases') wrong.push(`left behind: ${left}`);
  } else if (existsSync(scene.home)) wrong.push('our folder is beside a plain file');
  if (readdirSync(join(scene.path, '..')).some((name) => name.includes('.gone-')))
    wrong.push('rests are left');
  if (!existsSync(scene.path) || readFileSync(scene.path).length === 0) wrong.push('there is no model');
  return { victim, delayMs, hit, active: activeOf(scene) === next ? 'new' : 'old', said, wrong, tookMs };
}

/** Kills the scripts that work on the scene, each with all that it started. */
function killShells({ path }: Scene): boolean {
  let hit = false;
  for (const pid of findProcesses(`P='${path}'`)) {
    try {
      process.kill(-pid, 'SIGKILL');
      hit = true;
    } catch {
      // It ended in between, or is a child in the group of another.
    }
  }
  return hit;
}

/** Rows of the history that were left without an end. */
function unfinishedRows({ state }: Scene): number {
  const store = openStore(state);
  if (!store.ok) throw new Error(JSON.stringify(store.error));
  const rows = store.value.deployments.list().filter(({ state: at }) => at === 'interrupted');
  store.value.close();
  const toldBefore = told.get(state) ?? 0;
  told.set(state, rows.length);
  return rows.length - toldBefore;
}

/** How many rows of a history the starts before this one have told. */
const told = new Map<string, number>();

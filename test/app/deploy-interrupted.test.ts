import { spawn } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { createApp } from '../../electron/app/app.ts';
import { newOwner, releaseOwner } from '../../electron/app/deploy-owner.ts';
import { inspectPath } from '../../electron/board/deployment/inspect.ts';
import { placeOf } from '../../electron/board/deployment/layout.ts';
import { heldPrelude, type LockOwner, takeLock } from '../../electron/board/deployment/lock.ts';
import { makeLocalShell } from '../../electron/board/local-shell.ts';
import type { BoardShell } from '../../electron/board/shell.ts';
import type { Api } from '../../electron/contract/api.ts';
import { fail, ok } from '../../electron/contract/result.ts';
import {
  activeOf,
  deployCall,
  makeScene,
  person,
  quickParts,
  type Scene,
  sha256Of,
} from '../board/deployment/deployment-setup.ts';
import { findProcesses, until } from '../faults/processes.ts';
import { errorOf, unwrap } from './app-setup.ts';

const program = fileURLToPath(new URL('../faults/deploying-program.ts', import.meta.url));

async function appOf(scene: Scene, shell?: BoardShell): Promise<Api> {
  const parts = shell ? { openShell: async () => ok(shell) } : {};
  const options = { stateFolder: scene.state, cwd: scene.folder, ...quickParts(scene), ...parts };
  const app = unwrap(await createApp(options));
  onTestFinished(() => app.close());
  return app;
}

function plainScene(): Scene {
  const scene = makeScene();
  writeFileSync(scene.path, scene.a);
  return scene;
}

const check = (app: Api, scene: Scene, someone = person()) =>
  app.checkDeployments({ board: { address: 'local' }, path: scene.path }, someone);

/** Gives the lock of a scene to somebody else, whatever it was before. */
function lockAs(scene: Scene, change: Partial<LockOwner>): void {
  mkdirSync(join(scene.home, 'releases'), { recursive: true });
  const lock = join(scene.home, 'lock');
  const owner: LockOwner = {
    token: '0123456789abcdef',
    computer: 'another',
    host: 'laptop-of-kim',
    pid: 1,
    started: null,
    user: 'kim',
    bootId: '',
    at: '2026-11-25T04:42:10.000Z',
    ...change,
  };
  rmSync(lock, { force: true });
  symlinkSync(JSON.stringify(owner), lock);
  writeFileSync(join(scene.home, 'beat'), '');
}

test('a board that reboots in mid-transfer keeps the old model, and the next contact goes on (fault 29)', async () => {
  const scene = plainScene();
  const local = makeLocalShell();
  let isUp = true;
  const lost = { kind: 'boardLost', board: 'local', reason: 'the connection was reset' } as const;
  const app = await appOf(scene, {
    ...local,
    run: async (...args) => (isUp ? local.run(...args) : fail(lost)),
    upload: async (source, path) => {
      // Half of it arrives, then the board is gone.
      const half = await local.run(
        `head -c ${Math.floor(source.sizeBytes / 2)} '${scene.bFile}' >'${path}.part'`,
      );
      isUp = false;
      return half.ok ? fail(lost) : half;
    },
  });
  expect(errorOf(await app.deploy(deployCall(scene), person()))).toEqual(lost);
  expect(activeOf(scene)).toBe(sha256Of(scene.a));
  expect(unwrap(await app.deployments({}))).toMatchObject([{ state: 'interrupted', failure: lost }]);

  // The lock is of the boot before, and of a computer of which nothing is known.
  const owner = JSON.parse(readlinkSync(join(scene.home, 'lock'))) as LockOwner;
  lockAs(scene, { ...owner, computer: 'another', bootId: 'the boot before' });
  isUp = true;
  const later = await appOf(scene);
  const someone = person();
  expect(unwrap(await later.deploy(deployCall(scene), someone)).active).toBe(sha256Of(scene.b));
  expect(someone.warnings()).toMatchObject([
    { kind: 'deploymentInterrupted', path: scene.path, action: 'deploy' },
    { kind: 'deploymentCutOff', cutOff: 'notSwitched', action: 'deploy' },
  ]);
  expect(readdirSync(scene.home).sort()).toEqual(['incoming', 'releases']);
  // Told once.
  const third = person();
  unwrap(await check(await appOf(scene), scene, third));
  expect(third.warnings()).toEqual([]);
});

test('an app killed between upload and switch is shown as pending at the next start, the old model active (fault 33)', async () => {
  const scene = plainScene();
  quickParts(scene);
  const child = spawn(process.execPath, [program, JSON.stringify(scene), scene.bFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // The stand-in for the runner kills the app when it is to try the uploaded model.
    env: { ...process.env, FIELDTUNE_TEST_KILL_AT_SMOKE: '1' },
  });
  await new Promise((resolve) => child.once('close', resolve));
  expect(child.signalCode).toBe('SIGKILL');
  expect(activeOf(scene)).toBe(sha256Of(scene.a));
  expect(lstatSync(scene.path).isFile()).toBe(true);

  const app = await appOf(scene);
  expect(unwrap(await app.deployments({}))).toMatchObject([
    { state: 'interrupted', path: scene.path, sha256: sha256Of(scene.b), previous: sha256Of(scene.a) },
  ]);
  const someone = person();
  const { paths } = unwrap(await check(app, scene, someone));
  expect(paths).toMatchObject([
    { standing: 'plain', active: { sha256: sha256Of(scene.a) }, cutOff: { what: 'notSwitched' } },
  ]);
  expect(someone.warnings().map(({ kind }) => kind)).toEqual(['deploymentInterrupted', 'deploymentCutOff']);
  expect(readdirSync(dirname(scene.path))).toEqual(['model.onnx']);
});

test('a lock is respected while its owner may live, and a silent one is broken only by who asks for it (fault 36)', async () => {
  const scene = plainScene();
  const app = await appOf(scene);
  lockAs(scene, {});
  const call = deployCall(scene, { breakLock: true });
  expect(errorOf(await app.deploy(call, person()))).toMatchObject({
    kind: 'deployLocked',
    holder: 'kim@laptop-of-kim',
    breakable: false,
  });
  expect(unwrap(await check(app, scene)).paths).toMatchObject([{ lockedBy: 'kim@laptop-of-kim' }]);
  const longAgo = new Date(Date.now() - 400_000);
  utimesSync(join(scene.home, 'beat'), longAgo, longAgo);
  const refused = await app.deploy(deployCall(scene), person());
  expect(errorOf(refused)).toMatchObject({ kind: 'deployLocked', breakable: true });
  expect(activeOf(scene)).toBe(sha256Of(scene.a));
  expect(unwrap(await app.deploy(call, person())).active).toBe(sha256Of(scene.b));
});

test.each([
  ['a process of this computer that has ended', { pid: 2 ** 22 + 1, started: 'long ago' }],
  ['a piece of work of this very process that is over', {}],
])('the lock of %s is taken over without asking (fault 36)', async (_, change) => {
  const scene = plainScene();
  const app = await appOf(scene);
  const owner = newOwner('', new Date());
  releaseOwner(owner);
  lockAs(scene, { ...owner, ...change });
  expect(unwrap(await app.deploy(deployCall(scene), person())).active).toBe(sha256Of(scene.b));
});

test('a lock of this very process that is at work is respected', async () => {
  const scene = plainScene();
  const app = await appOf(scene);
  const owner = newOwner('', new Date());
  onTestFinished(() => releaseOwner(owner));
  lockAs(scene, owner);
  expect(errorOf(await app.deploy(deployCall(scene), person()))).toMatchObject({ kind: 'deployLocked' });
});

test('who takes over a lock ends what the dead owner’s script still does on the board', async () => {
  const scene = plainScene();
  const shell = makeLocalShell();
  const place = unwrap(placeOf(scene.path));
  const look = async () => unwrap(await inspectPath(shell, place));
  const options = { breakLock: false, isDead: () => true };
  const dead = newOwner('', new Date());
  const held = unwrap(await takeLock(shell, place, dead, await look(), options));
  // It would go on for a minute, and then put a link there.
  const script = shell.run(`${heldPrelude(held)}\nsleep 60; ln -s nowhere "$S/link"; mv -f "$S/link" "$P"`);
  const mark = `P='${scene.path}'`;
  await until(() => findProcesses(mark).length > 0 && readdirSync(scene.home).includes('pid'), 20_000);
  unwrap(await takeLock(shell, place, newOwner('', new Date()), await look(), options));
  expect(unwrap(await script).signal).toBe('SIGKILL');
  await until(() => findProcesses(mark).length === 0, 20_000);
  expect(activeOf(scene)).toBe(sha256Of(scene.a));
  // And what it had still to do is refused, since the lock is another's.
  expect(unwrap(await shell.run(`${heldPrelude(held)}\necho went on`))).toMatchObject({
    code: 61,
    output: '',
  });
});

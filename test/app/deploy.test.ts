import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createApp } from '../../electron/app/app.ts';
import type { Api } from '../../electron/contract/api.ts';
import { openStore } from '../../electron/store/open-store.ts';
import {
  activeOf,
  deployCall,
  makeScene,
  manifestOf,
  person,
  quickParts,
  type Scene,
  saySmoke,
  sha256Of,
  standInBoard,
} from '../board/deployment/deployment-setup.ts';
import { until } from '../faults/processes.ts';
import { errorOf, unwrap } from './app-setup.ts';

async function appOf(scene: Scene, parts = quickParts(scene)): Promise<Api> {
  const app = unwrap(await createApp({ stateFolder: scene.state, cwd: scene.folder, ...parts }));
  onTestFinished(() => app.close());
  return app;
}

/** The one of a scene's models in use, by its letter. */
const inUse = (scene: Scene): string =>
  (['a', 'b', 'c'] as const).find((letter) => sha256Of(scene[letter]) === activeOf(scene)) ?? 'none';

const backTo = (scene: Scene) => ({ board: { address: 'local' }, path: scene.path, breakLock: false });

test('the real runner tries the model on the board, and the plain file becomes managed only with consent', async () => {
  const scene = makeScene();
  writeFileSync(scene.path, scene.a);
  chmodSync(scene.path, 0o640);
  const app = await appOf(scene, {});
  const refused = await app.deploy(deployCall(scene, { manage: false }), person());
  expect(errorOf(refused)).toMatchObject({ kind: 'deployUnmanaged' });
  expect(existsSync(scene.home)).toBe(false);
  const someone = person();
  const result = unwrap(await app.deploy(deployCall(scene), someone));
  expect(result).toMatchObject({ active: sha256Of(scene.b), previous: sha256Of(scene.a) });
  expect(result.smoke).toMatchObject({ samples: 8, relativeError: 0, fromData: false });
  expect(someone.plans).toMatchObject([{ now: { sha256: sha256Of(scene.a) }, becomesManaged: true }]);
  expect(inUse(scene)).toBe('b');
  expect(manifestOf(scene)).toMatchObject({
    active: { sha256: sha256Of(scene.b) },
    previous: { sha256: sha256Of(scene.a) },
    history: [{ action: 'found' }, { action: 'deploy' }],
  });
  // The service reads it as before.
  expect(statSync(scene.path).mode & 0o777).toBe(0o640);
  expect(statSync(scene.home).mode & 0o777).toBe(0o755);
  expect(readdirSync(scene.home).sort()).toEqual(['incoming', 'releases']);
});

test('a person who does not agree changes nothing, and neither does a listener without anybody', async () => {
  const scene = makeScene();
  writeFileSync(scene.path, scene.a);
  const app = await appOf(scene);
  expect(errorOf(await app.deploy(deployCall(scene), person(false)))).toEqual({ kind: 'cancelled' });
  const { confirmDeployment: _, ...nobody } = person();
  expect(errorOf(await app.deploy(deployCall(scene), nobody))).toEqual({ kind: 'cancelled' });
  expect(lstatSync(scene.path).isFile()).toBe(true);
  expect(readdirSync(dirname(scene.path))).toEqual(['model.onnx']);
});

test('a rollback and the next deployment go to and fro, and the last three versions are kept', async () => {
  const scene = makeScene();
  writeFileSync(scene.path, scene.a);
  const app = await appOf(scene);
  unwrap(await app.deploy(deployCall(scene), person()));
  const back = unwrap(await app.rollback(backTo(scene), person()));
  expect(back).toMatchObject({ active: sha256Of(scene.a), previous: sha256Of(scene.b) });
  expect(inUse(scene)).toBe('a');
  unwrap(
    await app.deploy(deployCall(scene, { source: { kind: 'model', modelPath: scene.cFile } }), person()),
  );
  expect(inUse(scene)).toBe('c');
  expect(manifestOf(scene)?.previous?.sha256).toBe(sha256Of(scene.a));
  expect(readdirSync(join(scene.home, 'releases'))).toHaveLength(3);
  const toB = unwrap(await app.rollback({ ...backTo(scene), to: sha256Of(scene.b).slice(0, 8) }, person()));
  expect(toB.active).toBe(sha256Of(scene.b));
  expect(inUse(scene)).toBe('b');
  expect(manifestOf(scene)?.history.map(({ action }) => action)).toEqual([
    'found',
    'deploy',
    'rollback',
    'deploy',
    'rollback',
  ]);
});

test('giving the plain file back leaves the active model and nothing of ours', async () => {
  const scene = makeScene("it's $(touch p) model.onnx");
  writeFileSync(scene.path, scene.a);
  const app = await appOf(scene);
  unwrap(await app.deploy(deployCall(scene), person()));
  unwrap(await app.unmanage(backTo(scene), person()));
  expect(lstatSync(scene.path).isFile()).toBe(true);
  expect(inUse(scene)).toBe('b');
  expect(readdirSync(dirname(scene.path))).toEqual(["it's $(touch p) model.onnx"]);
  expect(errorOf(await app.unmanage(backTo(scene), person()))).toMatchObject({ problem: 'notManaged' });
});

test('a path without a file becomes managed, and has no way back', async () => {
  const scene = makeScene();
  const app = await appOf(scene);
  const result = unwrap(await app.deploy(deployCall(scene, { manage: false }), person()));
  expect(result.previous).toBeNull();
  expect(errorOf(await app.rollback(backTo(scene), person()))).toMatchObject({
    kind: 'deployNoWayBack',
    problem: 'none',
  });
});

test.each([
  ['a folder', 'directory', ({ path }: Scene) => mkdirSync(path)],
  ['a link of somebody else', 'foreignLink', ({ path }: Scene) => symlinkSync('/nowhere', path)],
  ['without its folder', 'folderMissing', ({ path }: Scene) => rmSync(dirname(path), { recursive: true })],
])('a path that is %s is refused by name', async (_, problem, spoil) => {
  const scene = makeScene();
  spoil(scene);
  const app = await appOf(scene);
  expect(errorOf(await app.deploy(deployCall(scene), person()))).toMatchObject({
    kind: 'deployPath',
    problem,
  });
});

test('a device, a path that is not absolute and one with a line break are refused', async () => {
  const scene = makeScene();
  const app = await appOf(scene);
  const refused = async (path: string) => errorOf(await app.deploy(deployCall(scene, { path }), person()));
  expect(await refused('/dev/null')).toMatchObject({ kind: 'deployPath', problem: 'special' });
  expect(await refused('model.onnx')).toMatchObject({ kind: 'usage' });
  expect(await refused('/tmp/a\nb')).toMatchObject({ kind: 'usage' });
  expect(await refused('/tmp/')).toMatchObject({ kind: 'usage' });
});

test.each([
  ['other outputs', { relativeError: 0.4 }, '40.0 %'],
  ['no numbers', { relativeError: null }, 'NaN'],
  ['a refusal', { ok: false, reason: 'no such operator' }, 'no such operator'],
])(
  'a new model with %s on the board is not switched to, and a plain file stays plain (fault 34)',
  async (_, reply, reason) => {
    const scene = makeScene();
    writeFileSync(scene.path, scene.a);
    const app = await appOf(scene);
    saySmoke(scene, reply);
    const refused = await app.deploy(deployCall(scene), person());
    expect(errorOf(refused)).toMatchObject({
      kind: 'deploySmokeFailed',
      reason: expect.stringContaining(reason),
    });
    expect(inUse(scene)).toBe('a');
    expect(lstatSync(scene.path).isFile()).toBe(true);
    expect(readdirSync(dirname(scene.path))).toEqual(['model.onnx']);
  },
);

test('a service that is not well with the new model gets the old one back, verified by its hash (fault 34)', async () => {
  const scene = makeScene();
  writeFileSync(scene.path, scene.a);
  const app = await appOf(scene);
  const log = join(scene.folder, 'restarts');
  // Well with A alone.
  const health = `[ "$(sha256sum <'${scene.path}' | cut -c 1-64)" = ${sha256Of(scene.a)} ] || { echo 'model is odd'; exit 3; }`;
  const restart = `echo again >>'${log}'`;
  const failed = await app.deploy(deployCall(scene, { restart, health, healthTimeoutSeconds: 1 }), person());
  expect(errorOf(failed)).toMatchObject({
    kind: 'deployRolledBack',
    step: 'health',
    reason: 'exit code 3: model is odd',
    active: sha256Of(scene.a),
    healthy: true,
  });
  expect(inUse(scene)).toBe('a');
  expect(manifestOf(scene)).toMatchObject({ active: { sha256: sha256Of(scene.a) }, previous: null });
  expect(readFileSync(log, 'utf8')).toBe('again\nagain\n');
  expect(readdirSync(scene.home).sort()).toEqual(['incoming', 'releases']);
});

test('a restart that fails, or never ends, takes the model away from a path where none was', async () => {
  const scene = makeScene();
  const app = await appOf(scene);
  const failed = await app.deploy(deployCall(scene, { restart: 'echo no such unit >&2; exit 5' }), person());
  expect(errorOf(failed)).toMatchObject({ kind: 'deployRolledBack', step: 'restart', active: null });
  expect(readdirSync(dirname(scene.path))).toEqual([]);
  const hung = await app.deploy(deployCall(scene, { health: 'sleep 60', healthTimeoutSeconds: 1 }), person());
  expect(errorOf(hung)).toMatchObject({ step: 'health', reason: 'no end within 1 s' });
});

test('commands that a person agreed to run again at a rollback', async () => {
  const scene = makeScene();
  writeFileSync(scene.path, scene.a);
  const app = await appOf(scene);
  const log = join(scene.folder, 'restarts');
  // Quotes, backslashes and line breaks of a command come back from the board as they went there.
  const restart = `printf '%s\\n' "$(sha256sum <'${scene.path}' | cut -c 1-64)" \\\n>>'${log}'`;
  const result = unwrap(await app.deploy(deployCall(scene, { restart, health: 'true' }), person()));
  expect(result).toMatchObject({ restarted: true, healthChecked: true });
  const someone = person();
  unwrap(await app.rollback(backTo(scene), someone));
  expect(someone.plans).toMatchObject([{ action: 'rollback', restart, health: 'true' }]);
  expect(readFileSync(log, 'utf8').split('\n')).toEqual([sha256Of(scene.b), sha256Of(scene.a), '']);
});

test.each([
  ['missing', (file: string) => rmSync(file)],
  ['damaged', (file: string) => writeFileSync(file, 'other bytes')],
])(
  'a rollback to a version that is %s is refused before anything is switched (fault 35)',
  async (problem, spoil) => {
    const scene = makeScene();
    writeFileSync(scene.path, scene.a);
    const app = await appOf(scene);
    unwrap(await app.deploy(deployCall(scene), person()));
    spoil(join(scene.home, 'releases', '1', 'model.onnx'));
    const someone = person();
    expect(errorOf(await app.rollback(backTo(scene), someone))).toMatchObject({
      kind: 'deployNoWayBack',
      problem,
    });
    expect(someone.plans).toEqual([]);
    expect(inUse(scene)).toBe('b');
  },
);

test('of two deployments at once the second is refused with who holds the lock (fault 36)', async () => {
  const scene = makeScene();
  writeFileSync(scene.path, scene.a);
  const app = await appOf(scene);
  const flag = join(scene.folder, 'go');
  const first = app.deploy(
    deployCall(scene, { health: `[ -e '${flag}' ]`, healthTimeoutSeconds: 60 }),
    person(),
  );
  const second = person();
  // The first has switched, and waits for the service.
  await until(() => inUse(scene) === 'b', 40_000);
  const refused = errorOf(await app.deploy(deployCall(scene), second));
  expect(refused).toMatchObject({
    kind: 'deployLocked',
    holder: expect.stringContaining('@'),
    breakable: false,
  });
  expect(second.plans).toEqual([]);
  // Nor is the lock of a living owner broken by who asks for it.
  const breaking = await app.rollback({ ...backTo(scene), breakLock: true }, person());
  expect(errorOf(breaking)).toMatchObject({ kind: 'deployLocked' });
  writeFileSync(flag, '');
  unwrap(await first);
  expect(inUse(scene)).toBe('b');
});

test('a path that changes while the person thinks is not switched', async () => {
  const scene = makeScene();
  writeFileSync(scene.path, scene.a);
  const app = await appOf(scene);
  const thinking = person(() => {
    writeFileSync(scene.path, scene.c);
    return true;
  });
  expect(errorOf(await app.deploy(deployCall(scene), thinking))).toMatchObject({ kind: 'deployChanged' });
  expect(inUse(scene)).toBe('c');
  expect(readdirSync(dirname(scene.path))).toEqual(['model.onnx']);
});

test('the history knows what was deployed where, and the board says what is active there', async () => {
  const scene = makeScene();
  writeFileSync(scene.path, scene.a);
  const app = await appOf(scene);
  unwrap(await app.deploy(deployCall(scene), person()));
  expect(unwrap(await app.deployments({ board: 'bench' }))).toMatchObject([
    { action: 'deploy', state: 'active', path: scene.path, boardName: 'Bench Pi', sha256: sha256Of(scene.b) },
  ]);
  expect(unwrap(await app.deployments({ board: 'other' }))).toEqual([]);
  // Somebody copies over the link: the bytes are no longer what the manifest says.
  writeFileSync(scene.path, 'scp');
  const { paths } = unwrap(await app.checkDeployments({ board: { address: 'local' } }, person()));
  expect(paths).toMatchObject([
    {
      path: scene.path,
      standing: 'managed',
      matches: false,
      versions: [
        { sha256: sha256Of(scene.b), isActive: true, sound: false },
        { sha256: sha256Of(scene.a), isPrevious: true, sound: true },
      ],
      lockedBy: null,
      cutOff: null,
    },
  ]);
});

test('a run that found nothing cannot be deployed, nor one that was never made', async () => {
  const scene = makeScene();
  const app = await appOf(scene);
  const store = unwrap(openStore(scene.state));
  onTestFinished(() => store.close());
  unwrap(
    store.models.save({
      sha256: sha256Of(scene.a),
      name: 'a',
      path: join(scene.folder, 'a.onnx'),
      sizeBytes: 1,
      parameters: 1,
    }),
  );
  const run = unwrap(
    store.runs.create({
      request: {},
      modelSha256: sha256Of(scene.a),
      boardAddress: 'local',
      out: scene.folder,
      seed: 1,
    }),
  );
  unwrap(store.runs.setState(run, 'no improvement'));
  const ofRun = (name: string) => deployCall(scene, { source: { kind: 'run', run: name } });
  expect(errorOf(await app.deploy(ofRun(run), person()))).toEqual({ kind: 'deployNoGain', run });
  expect(errorOf(await app.deploy(ofRun('r1'), person()))).toEqual({ kind: 'runUnknown', run: 'r1' });
  expect(standInBoard.id).not.toBe('');
});

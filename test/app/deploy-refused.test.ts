import { chmodSync, chownSync, lstatSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type AppOptions, createApp } from '../../electron/app/app.ts';
import type { Api } from '../../electron/contract/api.ts';
import { ok } from '../../electron/contract/result.ts';
import {
  activeOf,
  deployCall,
  makeScene,
  manifestOf,
  person,
  quickParts,
  type Scene,
  sha256Of,
} from '../board/deployment/deployment-setup.ts';
import {
  makeNobodysShell,
  mountSmallDisk,
  nobodyMissing,
  nobodysId,
  smallDiskMissing,
} from '../faults/small-disks.ts';
import { errorOf, unwrap } from './app-setup.ts';

async function appOf(scene: Scene, parts: Partial<AppOptions> = {}): Promise<Api> {
  const options = { stateFolder: scene.state, cwd: scene.folder, ...quickParts(scene), ...parts };
  const app = unwrap(await createApp(options));
  onTestFinished(() => app.close());
  return app;
}

/** A scene whose service folder is a file system of its own, with A as a plain file. */
function sceneOnDisk(sizeBytes: number) {
  const disk = mountSmallDisk(sizeBytes);
  const path = join(disk.folder, 'model.onnx');
  const scene: Scene = { ...makeScene(), path, home: join(disk.folder, '.model.onnx.fieldtune') };
  writeFileSync(path, scene.a);
  return { disk, scene };
}

/** A is the plain file that it was, and nothing but what a test put there is beside it. */
function expectAsBefore(scene: Scene, beside: readonly string[] = []): void {
  expect(activeOf(scene)).toBe(sha256Of(scene.a));
  expect(lstatSync(scene.path).isFile()).toBe(true);
  expect(readdirSync(dirname(scene.path)).sort()).toEqual([...beside, 'model.onnx']);
}

const mebibyte = 1024 * 1024;

/** Shell words that take the room of a file system but for some bytes. */
const fillCommand = (folder: string, leftBytes: number): string =>
  `head -c $(($(df -Pk '${folder}' | tail -n 1 | awk '{print $4}') * 1024 - ${leftBytes})) /dev/zero >'${folder}/fill'`;

describe.skipIf(smallDiskMissing)(`a file system of its own ${smallDiskMissing}`.trim(), () => {
  test('that is read-only is refused by name', async () => {
    const { disk, scene } = sceneOnDisk(4 * mebibyte);
    disk.makeReadOnly();
    const app = await appOf(scene);
    const someone = person();
    expect(errorOf(await app.deploy(deployCall(scene), someone))).toEqual({
      ...{ kind: 'deployPath', board: 'local', path: scene.path, problem: 'readOnly' },
    });
    expect(someone.plans).toEqual([]);
    expectAsBefore(scene);
  });

  test('that becomes read-only while the person thinks keeps the old model', async () => {
    const { disk, scene } = sceneOnDisk(4 * mebibyte);
    const app = await appOf(scene);
    const thinking = person(() => {
      disk.makeReadOnly();
      return true;
    });
    expect(errorOf(await app.deploy(deployCall(scene), thinking))).toMatchObject({
      kind: 'boardCommandFailed',
      reason: expect.stringContaining('Read-only file system'),
    });
    expectAsBefore(scene);
  });

  test('with less room than the model needs is refused before anything is sent (fault 13)', async () => {
    const { scene } = sceneOnDisk(mebibyte / 2);
    const app = await appOf(scene);
    const someone = person();
    expect(errorOf(await app.deploy(deployCall(scene), someone))).toMatchObject({
      ...{ kind: 'boardDiskFull', board: 'local', folder: dirname(scene.path) },
      neededBytes: scene.a.length + scene.b.length + mebibyte,
    });
    expect(JSON.stringify(someone.events)).not.toContain('"upload"');
    expectAsBefore(scene);
  });

  test('without any room is refused, and not even a folder is left (fault 13)', async () => {
    const { disk, scene } = sceneOnDisk(mebibyte / 2);
    disk.fill();
    const app = await appOf(scene);
    expect(errorOf(await app.deploy(deployCall(scene), person()))).toMatchObject({ kind: 'boardDiskFull' });
    expectAsBefore(scene, ['fill']);
  });

  test.each([0, 65_536])(
    'that is filled up to %i bytes between the upload and the switch keeps the old model and nothing of ours (fault 13)',
    async (leftBytes) => {
      const { disk, scene } = sceneOnDisk(2 * mebibyte);
      const app = await appOf(scene);
      // The stand-in for the runner takes the room when it tries the new model.
      const runner = join(scene.folder, 'runner.sh');
      const fill = fillCommand(disk.folder, leftBytes);
      writeFileSync(runner, `[ "$1" = --smoke ] && ${fill}\n${readFileSync(runner, 'utf8')}`);
      const failed = await app.deploy(deployCall(scene), person());
      expect(errorOf(failed)).toEqual({
        ...{ kind: 'boardDiskFull', board: 'local', folder: dirname(scene.path), neededBytes: mebibyte },
      });
      expectAsBefore(scene, ['fill']);
    },
  );

  test('that is full after the switch does not keep the old model from coming back (fault 13)', async () => {
    const { disk, scene } = sceneOnDisk(2 * mebibyte);
    const app = await appOf(scene);
    const restart = `${fillCommand(disk.folder, 0)}; exit 5`;
    expect(errorOf(await app.deploy(deployCall(scene, { restart }), person()))).toMatchObject({
      ...{ kind: 'deployRolledBack', step: 'restart', active: sha256Of(scene.a) },
    });
    expect(activeOf(scene)).toBe(sha256Of(scene.a));
    expect(manifestOf(scene)).toMatchObject({ active: { sha256: sha256Of(scene.a) } });
    expect(readdirSync(scene.home).sort()).toEqual(['incoming', 'releases']);
  });
});

describe.skipIf(nobodyMissing)(`a user who is not root ${nobodyMissing}`.trim(), () => {
  const asNobody = { openShell: async () => ok(makeNobodysShell()) };

  /** A scene that everybody may look into. */
  function openScene(): Scene {
    const scene = makeScene();
    chmodSync(scene.folder, 0o755);
    writeFileSync(scene.path, scene.a);
    return scene;
  }

  test('is refused by name where the folder may not be written to', async () => {
    const scene = openScene();
    const app = await appOf(scene, asNobody);
    const someone = person();
    expect(errorOf(await app.deploy(deployCall(scene), someone))).toEqual({
      ...{ kind: 'deployPath', board: 'local', path: scene.path, problem: 'notWritable' },
    });
    expect(someone.plans).toEqual([]);
    expectAsBefore(scene);
  });

  test('puts a model into a folder of their own, beside a file of somebody else', async () => {
    const scene = openScene();
    chownSync(dirname(scene.path), nobodysId, nobodysId);
    const app = await appOf(scene, asNobody);
    expect(unwrap(await app.deploy(deployCall(scene), person())).active).toBe(sha256Of(scene.b));
    expect(activeOf(scene)).toBe(sha256Of(scene.b));
    expect(statSync(scene.path).uid).toBe(nobodysId);
    unwrap(await app.rollback({ board: { address: 'local' }, path: scene.path, breakLock: false }, person()));
    expect(activeOf(scene)).toBe(sha256Of(scene.a));
  });

  test('who loses the right to the folder while they think keeps the old model', async () => {
    const scene = openScene();
    chownSync(dirname(scene.path), nobodysId, nobodysId);
    const app = await appOf(scene, asNobody);
    const thinking = person(() => {
      chownSync(dirname(scene.path), 0, 0);
      return true;
    });
    expect(errorOf(await app.deploy(deployCall(scene), thinking))).toMatchObject({
      kind: 'boardCommandFailed',
      reason: expect.stringContaining('Permission denied'),
    });
    expectAsBefore(scene);
  });
});

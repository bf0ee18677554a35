import { lstatSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createApp } from '../../../electron/app/app.ts';
import { openShell } from '../../../electron/board/connect.ts';
import { findRunner } from '../../../electron/board/deployment/smoke.ts';
import type { Api } from '../../../electron/contract/api.ts';
import { errorOf, unwrap } from '../../app/app-setup.ts';
import { startFaultProxy } from '../../faults/fault-proxy.ts';
import { sshdMissing, startPrivateSshd } from '../../faults/private-sshd.ts';
import { makeDenseModel } from '../tiny-models.ts';
import { activeOf, deployCall, makeScene, person, type Scene, sha256Of } from './deployment-setup.ts';

/** An app whose boards keep their runner in the scene's folder. */
async function appOf(scene: Scene): Promise<Api> {
  const remoteRoot = join(scene.folder, 'board root');
  const app = unwrap(
    await createApp({
      stateFolder: scene.state,
      cwd: scene.folder,
      openShell: (choice, contact, options) => openShell(choice, contact, { ...options, remoteRoot }),
      findRunner: (shell, contact, options) => findRunner(shell, contact, { ...options, remoteRoot }),
    }),
  );
  onTestFinished(() => app.close());
  return app;
}

describe.skipIf(sshdMissing !== '')(`a deployment over SSH ${sshdMissing}`, () => {
  test('cut off in mid-upload leaves the old model, goes on at the next try, and goes back and away again (fault 29)', async () => {
    const scene = makeScene('my model.onnx');
    writeFileSync(scene.path, scene.a);
    // Large enough that the cut comes while it is under way.
    const large = makeDenseModel(1024, 2).bytes;
    writeFileSync(scene.bFile, large);
    const sshd = await startPrivateSshd({ path: `${dirname(process.execPath)}:/usr/bin:/bin` });
    onTestFinished(() => sshd.stop());
    const proxy = await startFaultProxy(sshd.port);
    onTestFinished(() => proxy.stop());
    const board = (port: number) => ({
      address: sshd.address.replace(/:\d+$/, `:${port}`),
      identityFile: sshd.identityFile,
      acceptHostKey: sshd.fingerprint,
    });
    const app = await appOf(scene);
    const cutting = person(() => {
      proxy.resetAfter(1_000_000);
      return true;
    });
    const cut = await app.deploy(deployCall(scene, { board: board(proxy.port) }), cutting);
    expect(errorOf(cut)).toMatchObject({ kind: 'boardLost' });
    expect(activeOf(scene)).toBe(sha256Of(scene.a));
    expect(lstatSync(scene.path).isFile()).toBe(true);

    const someone = person();
    const result = unwrap(await app.deploy(deployCall(scene, { board: board(sshd.port) }), someone));
    expect(someone.warnings()).toMatchObject([{ kind: 'deploymentCutOff', cutOff: 'notSwitched' }]);
    expect(result).toMatchObject({ active: sha256Of(large), previous: sha256Of(scene.a) });
    expect(result.smoke?.samples).toBe(8);
    // What had arrived was not sent again.
    expect(result.sentBytes).toBeLessThan(large.length);
    expect(activeOf(scene)).toBe(sha256Of(large));

    const back = { board: board(sshd.port), path: scene.path, breakLock: false };
    expect(unwrap(await app.rollback(back, person())).active).toBe(sha256Of(scene.a));
    unwrap(await app.unmanage(back, person()));
    expect(activeOf(scene)).toBe(sha256Of(scene.a));
    expect(readdirSync(dirname(scene.path))).toEqual(['my model.onnx']);
  });
});

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createApp } from '../../electron/app/app.ts';
import type { Listener } from '../../electron/contract/api.ts';

const board = { address: 'local' };

/** An app that has put a model on this computer for measurements. */
async function openWithModel() {
  const stateFolder = mkdtempSync(join(tmpdir(), 'fieldtune-removal-'));
  onTestFinished(() => rmSync(stateFolder, { recursive: true, force: true }));
  const model = join(stateFolder, 'local-board', 'models', `${'a'.repeat(64)}.onnx`);
  mkdirSync(join(model, '..'), { recursive: true });
  writeFileSync(model, 'x');
  const app = await createApp({ stateFolder });
  if (!app.ok) throw new Error(app.error.kind);
  onTestFinished(() => app.value.close());
  return { app: app.value, model, folder: join(stateFolder, 'local-board') };
}

const listener: Listener = {
  signal: new AbortController().signal,
  onEvent: () => {},
  confirmHostKey: async () => false,
  ask: null,
};

test('what was put on this computer for measurements is shown, then deleted', async () => {
  const { app, model, folder } = await openWithModel();
  const looked = await app.removeRunner({ board, onlyLook: true }, listener);
  expect(looked).toMatchObject({ ok: true, value: { board: 'local', deleted: false, models: 1 } });
  expect(existsSync(model)).toBe(true);
  const deleted = await app.removeRunner({ board, onlyLook: false }, listener);
  expect(deleted).toMatchObject({ ok: true, value: { deleted: true, models: 1 } });
  expect(existsSync(folder)).toBe(false);
});

test('nothing is deleted before a person has seen what it is and agreed, and nobody is asked about nothing', async () => {
  const { app, model, folder } = await openWithModel();
  const call = { board, onlyLook: false, ask: true };
  expect(await app.removeRunner(call, listener)).toEqual({ ok: false, error: { kind: 'cancelled' } });
  const asked: unknown[] = [];
  const answering = (agreed: boolean): Listener => ({
    ...listener,
    confirmRemoval: async (found) => {
      asked.push(found);
      return agreed;
    },
  });
  expect(await app.removeRunner(call, answering(false))).toEqual({ ok: false, error: { kind: 'cancelled' } });
  expect(asked).toMatchObject([{ board: 'local', deleted: false, folders: [folder], models: 1 }]);
  expect(existsSync(model)).toBe(true);
  expect(await app.removeRunner(call, answering(true))).toMatchObject({ ok: true, value: { deleted: true } });
  expect(existsSync(folder)).toBe(false);
  expect(await app.removeRunner(call, answering(true))).toMatchObject({
    ok: true,
    value: { deleted: false },
  });
  expect(asked).toHaveLength(2);
});

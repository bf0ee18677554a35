import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createApp } from '../../electron/app/app.ts';
import type { Listener } from '../../electron/contract/api.ts';

test('what was put on this computer for measurements is shown, then deleted', async () => {
  const stateFolder = mkdtempSync(join(tmpdir(), 'fieldtune-removal-'));
  onTestFinished(() => rmSync(stateFolder, { recursive: true, force: true }));
  const model = join(stateFolder, 'local-board', 'models', `${'a'.repeat(64)}.onnx`);
  mkdirSync(join(model, '..'), { recursive: true });
  writeFileSync(model, 'x');
  const app = await createApp({ stateFolder });
  if (!app.ok) throw new Error(app.error.kind);
  const listener: Listener = {
    signal: new AbortController().signal,
    onEvent: () => {},
    confirmHostKey: async () => false,
    ask: null,
  };
  const board = { address: 'local' };
  const looked = await app.value.removeRunner({ board, onlyLook: true }, listener);
  expect(looked).toMatchObject({ ok: true, value: { board: 'local', deleted: false, models: 1 } });
  expect(existsSync(model)).toBe(true);
  const deleted = await app.value.removeRunner({ board, onlyLook: false }, listener);
  expect(deleted).toMatchObject({ ok: true, value: { deleted: true, models: 1 } });
  expect(existsSync(join(stateFolder, 'local-board'))).toBe(false);
  await app.value.close();
});

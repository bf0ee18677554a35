import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Board } from '../../electron/board/board.ts';
import { connectLocal } from '../../electron/board/local.ts';
import { asModelMap, type TinyModel } from './tiny-models.ts';

/** A runner on this computer with some models put there, and a folder of its own; both go with the test. */
export async function localBoard(
  models: readonly TinyModel[],
): Promise<{ readonly board: Board; readonly folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'fieldtune-board-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const connected = await connectLocal(folder);
  if (!connected.ok) throw new Error(JSON.stringify(connected.error));
  const board = connected.value;
  onTestFinished(() => board.close());
  const put = await board.putModels(asModelMap(models));
  if (!put.ok) throw new Error(JSON.stringify(put.error));
  return { board, folder };
}

import { homedir } from 'node:os';
import { join } from 'node:path';
import type { BrowserWindow, Dialog, OpenDialogOptions } from 'electron';
import type { CallArguments } from '../contract/calls.ts';
import type { Words } from './words.ts';

type What = CallArguments<'files.choose'>['what'];

/** Options of the system's dialog for each kind of file. */
export function openDialogOptions(what: What, words: Words): OpenDialogOptions {
  const all = { name: words.allFiles, extensions: ['*'] };
  switch (what) {
    case 'model':
      return {
        title: words.chooseModel,
        properties: ['openFile'],
        filters: [{ name: words.models, extensions: ['onnx'] }, all],
      };
    case 'data':
      return { title: words.chooseData, properties: ['openDirectory'] };
    case 'key':
      return {
        title: words.chooseKey,
        defaultPath: join(homedir(), '.ssh'),
        properties: ['openFile', 'showHiddenFiles'],
        filters: [all],
      };
  }
}

/** Asks a person for a file or folder; null when they cancelled. */
export async function chooseFile(
  dialog: Pick<Dialog, 'showOpenDialog'>,
  window: BrowserWindow,
  what: What,
  words: Words,
): Promise<string | null> {
  const { canceled, filePaths } = await dialog.showOpenDialog(window, openDialogOptions(what, words));
  return canceled ? null : (filePaths[0] ?? null);
}

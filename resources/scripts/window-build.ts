import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What the built window is made of. */
const sources = ['renderer', 'electron/contract', 'vite.config.ts', 'package-lock.json'];

/** Latest change under a path, milliseconds; 0 where there is nothing. */
async function changedMs(path: string): Promise<number> {
  const info = await stat(path).catch(() => null);
  if (info === null) return 0;
  if (!info.isDirectory()) return info.mtimeMs;
  const names = await readdir(path);
  // A file that went away changes its folder only.
  return Math.max(info.mtimeMs, ...(await Promise.all(names.map((name) => changedMs(join(path, name))))));
}

/** Whether the built window of a project is missing, or older than something it is made of. */
export async function needsBuild(root: string): Promise<boolean> {
  const builtMs = await changedMs(join(root, 'dist', 'renderer', 'index.html'));
  const changed = await Promise.all(sources.map((path) => changedMs(join(root, path))));
  return builtMs <= Math.max(...changed);
}

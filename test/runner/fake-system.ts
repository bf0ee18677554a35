import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openSystemFiles, type SystemFiles } from '../../electron/runner/system-files.ts';

/** A folder that stands in for the root of a board's file system. */
export interface FakeSystem {
  readonly root: string;
  readonly files: SystemFiles;
  /** Writes files by their absolute path on the board. */
  write(contents: Readonly<Record<string, string | number>>): void;
  remove(path: string): void;
}

/** Makes a system of these files; it is removed when the test ends. */
export function fakeSystem(contents: Readonly<Record<string, string | number>> = {}): FakeSystem {
  const root = mkdtempSync(join(tmpdir(), 'fieldtune-system-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const write: FakeSystem['write'] = (some) => {
    for (const [path, content] of Object.entries(some)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), `${content}\n`);
    }
  };
  write(contents);
  return {
    root,
    files: openSystemFiles(root),
    write,
    remove: (path) => rmSync(join(root, path), { recursive: true, force: true }),
  };
}

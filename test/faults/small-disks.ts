import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmdirSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { runLocally } from '../../electron/board/local-shell.ts';
import { type BoardShell, quoteForShell } from '../../electron/board/shell.ts';
import { uploadThrough } from '../../electron/board/upload.ts';

/** A file system of its own, in memory. */
export interface SmallDisk {
  readonly folder: string;
  /** Mounts it read-only, as a card that fails is by the kernel. */
  makeReadOnly(): void;
  /** Takes all the room that is left but this much. */
  fill(leaveBytes?: number): void;
  freeBytes(): number;
}

/** Mounts a file system of a size; it goes with the test. */
export function mountSmallDisk(sizeBytes: number): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), 'fieldtune-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeBytes},mode=0755`, 'fieldtune-test', folder]);
  onTestFinished(() => {
    execFileSync('umount', [folder]);
    rmdirSync(folder);
  });
  const freeBytes = (): number => {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  };
  return {
    folder,
    freeBytes,
    makeReadOnly: () => void execFileSync('mount', ['-o', 'remount,ro', folder]),
    fill: (leaveBytes = 0) => writeFileSync(join(folder, 'fill'), new Uint8Array(freeBytes() - leaveBytes)),
  };
}

/** Why no file system can be mounted here; empty when one can. */
export const smallDiskMissing = ((): string => {
  if (process.platform !== 'linux') return 'skipped: needs Linux';
  const folder = mkdtempSync(join(tmpdir(), 'fieldtune-disk-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', 'fieldtune-test', folder], { stdio: 'ignore' });
  if (mounted.status === 0) execFileSync('umount', [folder]);
  rmdirSync(folder);
  return mounted.status === 0 ? '' : 'skipped: no file system can be mounted here';
})();

const nobody = 65_534;
const asNobody = `setpriv --reuid=${nobody} --regid=${nobody} --clear-groups --`;

/** Why nothing can be done here as another user; empty when it can. */
export const nobodyMissing =
  process.platform === 'linux' && spawnSync('sh', ['-c', `${asNobody} true`]).status === 0
    ? ''
    : 'skipped: needs root and setpriv';

/** The shell of this computer as a user who may do nothing of his own. */
export function makeNobodysShell(): BoardShell {
  const run: typeof runLocally = (script, options) =>
    runLocally(`exec ${asNobody} sh -c ${quoteForShell(script)}`, options);
  return {
    board: 'local',
    link: 'local',
    lost: new Promise(() => {}),
    run,
    upload: (source, path, options) => uploadThrough('local', run, source, path, options),
    start: () => Promise.reject(new Error('nothing of a deployment is spoken to')),
    close: async () => {},
  };
}

/** User and group of `makeNobodysShell`. */
export const nobodysId = nobody;

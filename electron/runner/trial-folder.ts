import { type FSWatcher, watch } from 'node:fs';
import { type FoundFile, listInputs } from './trial-files.ts';

/** Gives the files of a folder one after the other, and, watching, what is put there later. */
export interface InputFeed {
  /** The files that are ready and were not given out yet; changed files are ready again. */
  take(): readonly FoundFile[];
  /** Resolves when it is worth looking again. */
  wait(): Promise<void>;
  close(): void;
}

/** A file that was touched later than this ago may still be written. */
const settledMs = 1_000;
const lookEveryMs = 500;

/**
 * Looks at a folder; watching, a file is ready once it has not changed from one look to another. Notices of the
 * system only make the looks come sooner: over network file systems there are none. Throws when it cannot be read.
 */
export function openInputFeed(folder: string, isWatching: boolean): InputFeed {
  // Of what is in the folder now: what is removed is forgotten, so this does not grow with time.
  let given = new Map<string, string>();
  let pending = new Map<string, { readonly stamp: string; readonly sinceMs: number }>();
  let wake: () => void = () => undefined;
  let watcher: FSWatcher | null = null;
  if (isWatching) {
    try {
      watcher = watch(folder, () => wake());
      watcher.on('error', () => undefined);
    } catch {
      // Without notices the looks alone find what is new.
    }
  }
  return {
    take() {
      const found = listInputs(folder);
      const nowMs = performance.now();
      const stillGiven = new Map<string, string>();
      const stillPending: typeof pending = new Map();
      const ready: FoundFile[] = [];
      for (const file of found) {
        if (given.get(file.name) === file.stamp) {
          stillGiven.set(file.name, file.stamp);
          continue;
        }
        const before = pending.get(file.name);
        const isSame = before?.stamp === file.stamp;
        const isSettled =
          !isWatching ||
          Date.now() - file.modifiedMs >= settledMs ||
          (isSame && nowMs - before.sinceMs >= lookEveryMs / 2);
        if (isSettled) {
          ready.push(file);
          stillGiven.set(file.name, file.stamp);
        } else {
          stillPending.set(file.name, isSame ? before : { stamp: file.stamp, sinceMs: nowMs });
        }
      }
      given = stillGiven;
      pending = stillPending;
      return ready;
    },
    wait: () =>
      new Promise((resolve) => {
        const timer = setTimeout(done, lookEveryMs);
        function done(): void {
          clearTimeout(timer);
          wake = () => undefined;
          resolve();
        }
        wake = done;
      }),
    close: () => watcher?.close(),
  };
}

import type { RequestError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import type { Connection } from './database.ts';
import { fileFailure } from './failure.ts';
import { migration0001 } from './migrations/0001-runs.ts';
import { migration0002 } from './migrations/0002-measurements.ts';
import { migration0003 } from './migrations/0003-results.ts';
import { migration0004 } from './migrations/0004-window.ts';
import { migration0005 } from './migrations/0005-experiences.ts';
import { migration0006 } from './migrations/0006-board-ways.ts';
import { migration0007 } from './migrations/0007-several-boards.ts';
import { migration0008 } from './migrations/0008-deployments.ts';
import { migration0009 } from './migrations/0009-trials.ts';
import type { Migration } from './migrations/migration.ts';

/** Every step of the schema, in order. */
export const migrations: readonly Migration[] = [
  migration0001,
  migration0002,
  migration0003,
  migration0004,
  migration0005,
  migration0006,
  migration0007,
  migration0008,
  migration0009,
];

/** Marks the file as this app's ("Ftun"), so that another program's database is not taken for ours. */
export const applicationId = 0x4674756e;

/** Schema version of an open database; 0 for a new one. */
export const schemaVersion = (db: Connection): number => Number(db.pragma('user_version', { simple: true }));

/**
 * Brings the schema up to the last of `steps`; each step and its record are one transaction, so the file is
 * always at one version. Another process may do the same at the same time.
 * Errors: storeFromFuture, storeBusy, diskFull, notWritable, storeUnreadable (a step threw; it is undone).
 */
export function migrate(
  db: Connection,
  path: string,
  steps: readonly Migration[] = migrations,
  now: () => Date = () => new Date(),
): Result<void, RequestError> {
  const known = steps.length;
  for (const step of steps) {
    if (step.version <= schemaVersion(db)) continue;
    try {
      db.transaction(apply).immediate(db, step, now());
    } catch (error) {
      const reason = `step ${step.version} (${step.name}): ${error instanceof Error ? error.message : String(error)}`;
      return fail(fileFailure(error, path) ?? { kind: 'storeUnreadable', path, reason });
    }
  }
  const version = schemaVersion(db);
  return version > known ? fail({ kind: 'storeFromFuture', path, version, known }) : ok(undefined);
}

function apply(db: Connection, step: Migration, at: Date): void {
  const version = schemaVersion(db);
  // Another process was quicker between our look at the version and our lock.
  if (version >= step.version) return;
  if (version !== step.version - 1) throw new Error(`the schema is at version ${version}`);
  if (version === 0) {
    db.pragma(`application_id = ${applicationId}`);
    db.exec(
      'CREATE TABLE migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL) STRICT',
    );
  }
  step.up(db);
  db.prepare('INSERT INTO migrations VALUES (?, ?, ?)').run(step.version, step.name, at.toISOString());
  db.pragma(`user_version = ${step.version}`);
}

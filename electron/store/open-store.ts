import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';
import type { RequestError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import { type Accuracies, openAccuracies } from './accuracies.ts';
import { type Blobs, openBlobs, sweepUnfinished } from './blobs.ts';
import { type Boards, openBoards } from './boards.ts';
import { type Candidates, openCandidates } from './candidates.ts';
import { type Comparisons, openComparisons } from './comparisons.ts';
import { busyTimeoutMs, type Connection, loadSqlite } from './database.ts';
import { type Deployments, openDeployments } from './deployments.ts';
import { type Experiences, openExperiences } from './experiences.ts';
import { codeOf, fileFailure, saysDamaged } from './failure.ts';
import { type Measurements, openMeasurements } from './measurements.ts';
import { applicationId, migrate, migrations, schemaVersion } from './migrate.ts';
import type { Migration } from './migrations/migration.ts';
import { type Models, openModels } from './models.ts';
import { type Operators, openOperators } from './operators.ts';
import { openProfiles, type Profiles } from './profiles.ts';
import { openRecentData, type RecentData } from './recent-data.ts';
import { openRunDetails, type StoredRunDetails } from './run-details.ts';
import { openRunPages, type RunQuery, type RunsFound } from './run-pages.ts';
import { openRunRemoval, type RunRemoval } from './run-removal.ts';
import { openRuns, type Runs } from './runs.ts';
import { openSettings, type StoredSettings } from './settings.ts';
import { isNotedSound, noteSound } from './soundness.ts';
import { openStages, type Stages } from './stages.ts';
import { openTrend, type Trend } from './trend.ts';
import { openTrials, type Trials } from './trials.ts';

/** The history: what was ever measured, and what the runs that go on have measured so far. */
export interface Store {
  readonly path: string;
  /** What happened to an unsound file at this start. */
  readonly warnings: readonly StoreWarning[];
  readonly boards: Boards;
  readonly models: Models;
  readonly runs: Runs;
  readonly stages: Stages;
  readonly measurements: Measurements;
  readonly operators: Operators;
  readonly candidates: Candidates;
  readonly experiences: Experiences;
  readonly accuracies: Accuracies;
  readonly comparisons: Comparisons;
  readonly runDetails: StoredRunDetails;
  readonly runRemoval: RunRemoval;
  readonly deployments: Deployments;
  readonly profiles: Profiles;
  readonly recentData: RecentData;
  readonly settings: StoredSettings;
  readonly trials: Trials;
  readonly blobs: Blobs;
  /** The runs that a query finds, a page of them. */
  findRuns(query: RunQuery): RunsFound;
  /** The finished runs of a model, the oldest first. */
  readonly trend: Trend;
  /** Size of the database file with its log, bytes. */
  sizeBytes(): number;
  close(): void;
}

/** The file was no sound database; it now lies at `setAside`, untouched, and a new one was begun. */
export interface StoreWarning {
  readonly kind: 'storeDamaged';
  readonly path: string;
  readonly setAside: string;
  readonly reason: string;
}

/** What tests change. */
export interface StoreOptions {
  readonly steps?: readonly Migration[];
  readonly waitMs?: number;
  readonly now?: () => Date;
}

/**
 * Opens the history in `folder` (made if missing), as of its newest schema.
 * Errors: storeUnreadable (Node too old, another program's database, a step of the schema threw),
 * storeFromFuture (left untouched), storeBusy (after at most 5 s a lock), diskFull, notWritable.
 */
export function openStore(folder: string, options: StoreOptions = {}): Result<Store, RequestError> {
  const path = join(folder, 'fieldtune.sqlite');
  const sqlite = loadSqlite(path);
  if (!sqlite.ok) return sqlite;
  const { steps = migrations, waitMs = busyTimeoutMs, now = () => new Date() } = options;
  const opening: Opening = { Sqlite: sqlite.value, folder, path, steps, waitMs, now };
  let db: Connection | undefined;
  try {
    mkdirSync(folder, { recursive: true });
    const examined = examine(opening);
    if (!examined.ok) return examined;
    db = new opening.Sqlite(path, { timeout: waitMs });
    configure(db, waitMs);
    const migrated = migrate(db, path, steps, now);
    if (!migrated.ok) {
      db.close();
      return migrated;
    }
    const blobFolder = join(folder, 'blobs');
    sweepUnfinished(blobFolder);
    return ok(assemble(db, path, openBlobs(blobFolder), now, examined.value));
  } catch (error) {
    db?.close();
    const failure = fileFailure(error, path);
    if (!failure) throw error;
    return fail(failure);
  }
}

interface Opening {
  readonly Sqlite: typeof BetterSqlite3;
  readonly folder: string;
  readonly path: string;
  readonly steps: readonly Migration[];
  readonly waitMs: number;
  readonly now: () => Date;
}

function assemble(
  db: Connection,
  path: string,
  blobs: Blobs,
  now: () => Date,
  warnings: readonly StoreWarning[],
): Store {
  const context = { db, path, now };
  return {
    path,
    warnings,
    boards: openBoards(context),
    models: openModels(context),
    runs: openRuns(context),
    stages: openStages(context),
    measurements: openMeasurements(context, blobs),
    operators: openOperators(context),
    candidates: openCandidates(context),
    experiences: openExperiences(context),
    accuracies: openAccuracies(context),
    comparisons: openComparisons(context),
    runDetails: openRunDetails(context),
    runRemoval: openRunRemoval(context, blobs),
    deployments: openDeployments(context),
    profiles: openProfiles(context),
    recentData: openRecentData(context),
    settings: openSettings(context),
    trials: openTrials(context),
    blobs,
    findRuns: openRunPages(context),
    trend: openTrend(context),
    sizeBytes: () =>
      [path, `${path}-wal`]
        .map((file) => statSync(file, { throwIfNoEntry: false })?.size ?? 0)
        .reduce((sum, size) => sum + size, 0),
    close: () => {
      db.close();
      noteSound(path);
    },
  };
}

function configure(db: Connection, waitMs: number): void {
  // SQLite's own waiting does not cover the switch to WAL.
  retryWhileBusy(waitMs, () => db.pragma('journal_mode = WAL'));
  // FULL: in WAL mode every commit then waits for the disk, so what was acknowledged outlives a power cut too;
  // beside a measurement on a board of seconds, a few milliseconds do not count.
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
}

function retryWhileBusy(waitMs: number, attempt: () => void): void {
  const until = performance.now() + waitMs;
  for (;;) {
    try {
      attempt();
      return;
    } catch (error) {
      if (!codeOf(error)?.startsWith('SQLITE_BUSY') || performance.now() >= until) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 25);
    }
  }
}

/** Looks at an existing file without changing it; a damaged one is set aside, one from the future refused. */
function examine(opening: Opening): Result<readonly StoreWarning[], RequestError> {
  if (!isPresent(opening.path)) return ok([]);
  const looked = lookAt(opening);
  if (!looked.ok) return looked;
  if (looked.value === null) return ok([]);
  return setAside(opening);
}

// SQLite takes an empty file for a new database, and so do we.
const isPresent = (path: string): boolean => existsSync(path) && statSync(path).size > 0;

/** What is wrong with the file; null when it is sound and ours. */
function lookAt({ Sqlite, path, steps, waitMs }: Opening): Result<string | null, RequestError> {
  let db: Connection | undefined;
  try {
    // Before opening, which makes a log of its own.
    const isTrusted = isNotedSound(path);
    db = new Sqlite(path, { readonly: true, fileMustExist: true, timeout: waitMs });
    const version = schemaVersion(db);
    const tables = Number(db.prepare('SELECT count(*) FROM sqlite_schema').pluck().get());
    if (tables > 0 && db.pragma('application_id', { simple: true }) !== applicationId)
      return fail({ kind: 'storeUnreadable', path, reason: 'it is the database of another program' });
    if (version > steps.length) return fail({ kind: 'storeFromFuture', path, version, known: steps.length });
    if (isTrusted) return ok(null);
    const verdict = String(db.pragma('quick_check(1)', { simple: true }));
    return ok(verdict === 'ok' ? null : verdict);
  } catch (error) {
    if (saysDamaged(error)) return ok(error instanceof Error ? error.message : 'damaged');
    const failure = fileFailure(error, path);
    if (!failure) throw error;
    return fail(failure);
  } finally {
    db?.close();
  }
}

function setAside(opening: Opening): Result<readonly StoreWarning[], RequestError> {
  const { Sqlite, folder, path, waitMs } = opening;
  // A second process that found the same damage must not set aside the new file of the first; the system
  // frees this lock even when its holder is killed.
  const lock = new Sqlite(join(folder, 'repair.lock'), { timeout: waitMs });
  try {
    return lock
      .transaction((): Result<readonly StoreWarning[], RequestError> => {
        if (!isPresent(path)) return ok([]);
        const looked = lookAt(opening);
        if (!looked.ok) return looked;
        if (looked.value === null) return ok([]);
        let n = 1;
        while (existsSync(`${path}.damaged-${n}`)) n += 1;
        const target = `${path}.damaged-${n}`;
        // The log belongs to the damaged file; left behind, it would be replayed into the new one.
        for (const suffix of ['-wal', '-shm'])
          if (existsSync(path + suffix)) renameSync(path + suffix, target + suffix);
        renameSync(path, target);
        return ok([{ kind: 'storeDamaged', path, setAside: target, reason: looked.value }]);
      })
      .exclusive();
  } finally {
    // The lock's file stays: removed, one process could wait on the old file while another takes a new one.
    lock.close();
  }
}

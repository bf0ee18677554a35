import type { Migration } from './migration.ts';

/** What the window asks for: settings, what was used last, profiles, details and trends of runs, deletion with undo. */
export const migration0004: Migration = {
  version: 4,
  name: 'window',
  up(db) {
    db.exec(`
      ALTER TABLE runs ADD COLUMN deleted_at TEXT;

      -- The result of a run is long, and columns behind it are slow to reach: lists are read from this index alone.
      DROP INDEX runs_by_start;
      DROP INDEX runs_by_model;
      DROP INDEX runs_by_board;
      CREATE INDEX runs_listed ON runs (deleted_at, started_at, id, state, model_sha256, board_address, board_id,
        speedup, accuracy_change, owner_pid, owner_started, out);
      CREATE INDEX runs_by_model ON runs (model_sha256, deleted_at, started_at, id, board_address, board_id);
      CREATE INDEX runs_by_board ON runs (board_id);

      -- Null: made by a run and never opened.
      ALTER TABLE models ADD COLUMN last_used_at TEXT;
      UPDATE models SET last_used_at = (SELECT max(started_at) FROM runs WHERE model_sha256 = models.sha256);
      UPDATE models SET last_used_at = first_seen_at
        WHERE last_used_at IS NULL AND name NOT LIKE '% (optimized)';
      CREATE INDEX models_by_use ON models (last_used_at);
      CREATE INDEX models_by_name ON models (name);
      CREATE INDEX models_by_path ON models (path);

      ALTER TABLE boards ADD COLUMN forgotten_at TEXT;
      CREATE INDEX boards_by_address ON boards (address, last_seen_at);
      CREATE TABLE remembered_boards (
        address TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        remembered_at TEXT NOT NULL
      ) STRICT;

      CREATE TABLE settings (
        key TEXT PRIMARY KEY,
        value TEXT NOT NULL CHECK (json_valid(value))
      ) STRICT;

      CREATE TABLE recent_data (
        path TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        last_used_at TEXT NOT NULL
      ) STRICT;
      CREATE INDEX recent_data_by_use ON recent_data (last_used_at);

      CREATE TABLE profiles (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        model_sha256 TEXT NOT NULL REFERENCES models (sha256),
        board_id TEXT NOT NULL REFERENCES boards (id),
        board_address TEXT NOT NULL,
        result TEXT NOT NULL CHECK (json_valid(result)),
        recorded_at TEXT NOT NULL
      ) STRICT;
      CREATE INDEX profiles_by_model ON profiles (model_sha256, board_address, sequence);

      -- JSON, compressed by gzip.
      CREATE TABLE run_details (
        run TEXT PRIMARY KEY REFERENCES runs (id),
        details BLOB NOT NULL
      ) STRICT;

      CREATE TABLE trend_points (
        run TEXT PRIMARY KEY REFERENCES runs (id),
        original_us REAL NOT NULL,
        optimized_us REAL NOT NULL,
        speedup REAL NOT NULL,
        low REAL NOT NULL,
        high REAL NOT NULL,
        accuracy_change REAL NOT NULL,
        board_id TEXT NOT NULL,
        board_name TEXT NOT NULL,
        os TEXT NOT NULL,
        runtime TEXT NOT NULL,
        threads INTEGER NOT NULL,
        governor TEXT
      ) STRICT;
      INSERT OR IGNORE INTO trend_points
        SELECT id, result ->> '$.original.latencyUs.p50', result ->> '$.optimized.latencyUs.p50',
          result ->> '$.comparison.speedup', result ->> '$.comparison.speedupInterval95[0]',
          result ->> '$.comparison.speedupInterval95[1]', result ->> '$.comparison.accuracyChange',
          result ->> '$.board.id', result ->> '$.board.name', result ->> '$.board.os',
          result ->> '$.board.runtimeVersion', result ->> '$.board.threads',
          (SELECT conditions ->> '$.governor' FROM comparisons WHERE run = runs.id AND purpose = 'final')
        FROM runs WHERE result ->> '$.schema' = 1;

      -- What a deleted run leaves behind is found by these.
      CREATE INDEX measurements_by_blob ON measurements (blob_sha256) WHERE blob_sha256 IS NOT NULL;
      CREATE INDEX candidates_by_parameters ON candidates (parameters_sha256) WHERE parameters_sha256 IS NOT NULL;
      CREATE INDEX accuracies_by_model ON accuracies (model_sha256);
    `);
  },
};

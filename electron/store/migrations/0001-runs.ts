import type { Migration } from './migration.ts';

/** Boards, models, and runs with their stages. */
export const migration0001: Migration = {
  version: 1,
  name: 'runs',
  up(db) {
    db.exec(`
      CREATE TABLE boards (
        id TEXT PRIMARY KEY,
        address TEXT NOT NULL,
        name TEXT NOT NULL,
        identity TEXT NOT NULL CHECK (json_valid(identity)),
        first_seen_at TEXT NOT NULL,
        last_seen_at TEXT NOT NULL
      ) STRICT;

      CREATE TABLE models (
        sha256 TEXT PRIMARY KEY CHECK (length(sha256) = 64),
        name TEXT NOT NULL,
        path TEXT NOT NULL,
        size_bytes INTEGER NOT NULL,
        parameters INTEGER NOT NULL,
        first_seen_at TEXT NOT NULL
      ) STRICT;

      CREATE TABLE runs (
        id TEXT PRIMARY KEY,
        started_at TEXT NOT NULL,
        finished_at TEXT,
        state TEXT NOT NULL CHECK (state IN ('running', 'improved', 'no improvement', 'failed', 'cancelled')),
        request TEXT NOT NULL CHECK (json_valid(request)),
        seed INTEGER NOT NULL,
        out TEXT NOT NULL,
        model_sha256 TEXT NOT NULL REFERENCES models (sha256),
        board_address TEXT NOT NULL,
        board_id TEXT REFERENCES boards (id),
        board_identity TEXT CHECK (json_valid(board_identity)),
        elapsed_seconds REAL NOT NULL DEFAULT 0 CHECK (elapsed_seconds >= 0),
        owner_pid INTEGER,
        owner_started TEXT,
        speedup REAL,
        accuracy_change REAL,
        explanation TEXT,
        result TEXT CHECK (json_valid(result))
      ) STRICT;
      CREATE INDEX runs_by_start ON runs (started_at);
      CREATE INDEX runs_by_model ON runs (model_sha256);
      CREATE INDEX runs_by_board ON runs (board_id);

      CREATE TABLE stages (
        run TEXT NOT NULL REFERENCES runs (id),
        name TEXT NOT NULL,
        started_at TEXT NOT NULL,
        finished_at TEXT,
        seconds REAL NOT NULL DEFAULT 0 CHECK (seconds >= 0),
        summary TEXT NOT NULL DEFAULT '',
        starts INTEGER NOT NULL DEFAULT 1,
        PRIMARY KEY (run, name)
      ) STRICT;
    `);
  },
};

import type { Migration } from './migration.ts';

/** What was put on which board, taken back or given back, and how far it came. */
export const migration0008: Migration = {
  version: 8,
  name: 'deployments',
  up(db) {
    db.exec(`
      CREATE TABLE deployments (
        id TEXT PRIMARY KEY,
        action TEXT NOT NULL CHECK (action IN ('deploy', 'rollback', 'unmanage')),
        state TEXT NOT NULL CHECK (state IN ('planned', 'uploading', 'verifying', 'switching', 'active',
          'rolled back', 'failed', 'cancelled', 'interrupted')),
        board_id TEXT NOT NULL REFERENCES boards (id),
        board_name TEXT NOT NULL,
        address TEXT NOT NULL,
        path TEXT NOT NULL,
        run TEXT,
        sha256 TEXT,
        previous_sha256 TEXT,
        done_by TEXT NOT NULL,
        started_at TEXT NOT NULL,
        updated_at TEXT NOT NULL,
        failure TEXT CHECK (failure IS NULL OR json_valid(failure)),
        -- Every state with the time at which it began, a JSON array.
        steps TEXT NOT NULL CHECK (json_valid(steps)),
        -- The process at work; null once it has come to its end.
        owner_pid INTEGER,
        owner_started TEXT,
        -- When a person was told that it had been cut off.
        told_at TEXT
      ) STRICT;
      CREATE INDEX deployments_by_place ON deployments (board_id, path, started_at);
      CREATE INDEX deployments_untold ON deployments (told_at) WHERE told_at IS NULL;
    `);
  },
};

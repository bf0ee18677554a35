import type { Migration } from './migration.ts';

/** What was tried in place of what, and what it gained: the memory that later runs start with. */
export const migration0005: Migration = {
  version: 5,
  name: 'experiences',
  up(db) {
    db.exec(`
      CREATE TABLE experiences (
        run TEXT NOT NULL REFERENCES runs (id),
        baseline TEXT NOT NULL CHECK (length(baseline) = 64),
        structure TEXT NOT NULL CHECK (length(structure) = 64),
        board_id TEXT NOT NULL REFERENCES boards (id),
        runtime TEXT NOT NULL,
        threads INTEGER NOT NULL,
        level TEXT NOT NULL,
        operator_types TEXT NOT NULL CHECK (json_valid(operator_types)),
        forms TEXT NOT NULL CHECK (json_valid(forms)),
        baseline_features TEXT NOT NULL CHECK (json_valid(baseline_features)),
        features TEXT NOT NULL CHECK (json_valid(features)),
        baseline_us REAL NOT NULL CHECK (baseline_us > 0),
        latency_us REAL NOT NULL CHECK (latency_us > 0),
        ratio REAL NOT NULL CHECK (ratio > 0),
        damage REAL,
        recorded_at TEXT NOT NULL,
        PRIMARY KEY (run, baseline, structure)
      ) STRICT;
      CREATE INDEX experiences_by_board ON experiences (board_id, recorded_at);
      CREATE INDEX experiences_by_time ON experiences (recorded_at);
    `);
  },
};

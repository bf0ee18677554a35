import type { Migration } from './migration.ts';

/** The memo of finished work: what was measured once for a run is never measured again. */
export const migration0002: Migration = {
  version: 2,
  name: 'measurements',
  up(db) {
    // AUTOINCREMENT: a number is never given twice, so the order of rows is the order of acknowledgement.
    db.exec(`
      CREATE TABLE measurements (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        run TEXT NOT NULL REFERENCES runs (id),
        key TEXT NOT NULL CHECK (length(key) = 64),
        kind TEXT NOT NULL,
        value TEXT NOT NULL CHECK (json_valid(value)),
        blob_sha256 TEXT CHECK (length(blob_sha256) = 64),
        recorded_at TEXT NOT NULL,
        UNIQUE (run, key)
      ) STRICT;
    `);
  },
};

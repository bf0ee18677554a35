import type { Migration } from './migration.ts';

/** What a run found: operators, candidates, accuracies and comparisons. */
export const migration0003: Migration = {
  version: 3,
  name: 'results',
  up(db) {
    db.exec(`
      CREATE TABLE operators (
        run TEXT NOT NULL REFERENCES runs (id),
        model_sha256 TEXT NOT NULL,
        ordinal INTEGER NOT NULL,
        name TEXT NOT NULL,
        type TEXT NOT NULL,
        share REAL NOT NULL,
        latency_us REAL NOT NULL,
        latency_low_us REAL NOT NULL,
        latency_high_us REAL NOT NULL,
        parameters INTEGER NOT NULL,
        multiply_adds INTEGER,
        output_bytes INTEGER NOT NULL,
        absorbed TEXT NOT NULL CHECK (json_valid(absorbed)),
        users INTEGER NOT NULL CHECK (users IN (0, 1)),
        PRIMARY KEY (run, model_sha256, ordinal)
      ) STRICT;

      CREATE TABLE candidates (
        run TEXT NOT NULL REFERENCES runs (id),
        ordinal INTEGER NOT NULL,
        operator_group TEXT NOT NULL,
        operators TEXT NOT NULL CHECK (json_valid(operators)),
        program TEXT NOT NULL,
        origin TEXT NOT NULL,
        parents TEXT NOT NULL CHECK (json_valid(parents)),
        fate TEXT NOT NULL CHECK (
          fate IN ('proposed', 'checked', 'duplicate', 'timed', 'fitted', 'spliced', 'tuned', 'chosen')
        ),
        reason TEXT,
        latency_us REAL,
        ratio REAL,
        error REAL,
        kl_nats REAL,
        parameters_sha256 TEXT CHECK (length(parameters_sha256) = 64),
        PRIMARY KEY (run, ordinal)
      ) STRICT;

      CREATE TABLE accuracies (
        run TEXT NOT NULL REFERENCES runs (id),
        model_sha256 TEXT NOT NULL,
        split TEXT NOT NULL CHECK (split IN ('fit', 'select', 'verify')),
        metric TEXT NOT NULL,
        value REAL NOT NULL,
        samples INTEGER NOT NULL,
        low REAL NOT NULL,
        high REAL NOT NULL,
        recorded_at TEXT NOT NULL,
        PRIMARY KEY (run, model_sha256, split, metric)
      ) STRICT;

      CREATE TABLE comparisons (
        sequence INTEGER PRIMARY KEY AUTOINCREMENT,
        run TEXT NOT NULL REFERENCES runs (id),
        purpose TEXT NOT NULL,
        sha256_a TEXT NOT NULL,
        sha256_b TEXT NOT NULL,
        speedup REAL NOT NULL,
        low REAL NOT NULL,
        high REAL NOT NULL,
        verdict TEXT NOT NULL CHECK (verdict IN ('faster', 'slower', 'inconclusive')),
        pairs INTEGER NOT NULL,
        dropped_blocks INTEGER NOT NULL,
        noise_floor REAL,
        blocks TEXT NOT NULL CHECK (json_valid(blocks)),
        conditions TEXT CHECK (json_valid(conditions)),
        recorded_at TEXT NOT NULL
      ) STRICT;
      CREATE INDEX comparisons_by_run ON comparisons (run);
    `);
  },
};

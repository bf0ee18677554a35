import { describe, expect, test } from 'vitest';
import { otherExperiences, ownExperiences } from '../../electron/store/experiences.ts';
import { migrate } from '../../electron/store/migrate.ts';
import { listUsedModels } from '../../electron/store/models.ts';
import { newestProfile, newestProfileOnBoard } from '../../electron/store/profiles.ts';
import { listRecentData } from '../../electron/store/recent-data.ts';
import { type RunQuery, runQuerySql, selectRunning } from '../../electron/store/run-pages.ts';
import { countRuns } from '../../electron/store/run-removal.ts';
import { selectTrend } from '../../electron/store/trend.ts';
import { Sqlite, unwrap } from './store-setup.ts';

describe('The plan of', () => {
  const db = new Sqlite(':memory:');
  unwrap(migrate(db, 'm'));
  const queries: RunQuery[] = (['startedAt', 'speedup', 'accuracyChange', 'model', 'board'] as const).flatMap(
    (sort) =>
      [{}, { search: 'a b' }, { addresses: ['local'] }, { model: 'm' }, { state: 'running' as const }].map(
        (filter) => ({ ...filter, sort, offset: 0, limit: 10 }),
      ),
  );
  const pages = queries.flatMap((query): [string, string][] => {
    const { rows, total } = runQuerySql(query, []);
    return [
      [`the page ${JSON.stringify(query)}`, rows],
      [`its total ${JSON.stringify(query)}`, total],
    ];
  });
  test.each<[string, string]>([
    ...pages,
    ['the trend', selectTrend],
    ['the running runs', selectRunning],
    ['the number of runs', countRuns],
    ['the used models', listUsedModels],
    ['the recent data', listRecentData],
    ['the experiences of a board', ownExperiences],
    ['the experiences of other boards', otherExperiences],
    ['the newest profile', newestProfile],
    ['the newest profile on a board', newestProfileOnBoard],
  ])('%s reads lists by their indices, and never measurements.', (_name, sql) => {
    const named = [...sql.matchAll(/@(\w+)/g)].map((match) => [match[1], null]);
    const places = [...sql.matchAll(/\?/g)].map(() => null);
    const steps = db
      .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...places, ...(named.length > 0 ? [Object.fromEntries(named)] : []))
      .map(({ detail }) => detail);
    expect(steps.length).toBeGreaterThan(0);
    // Arrays of this call, results of subqueries, and the single row of a count are no tables.
    const scans = steps.filter(
      (detail) =>
        detail.startsWith('SCAN') &&
        !/USING (COVERING )?INDEX|VIRTUAL TABLE|CONSTANT ROW|\(subquery/.test(detail),
    );
    expect(scans).toEqual([]);
    expect(steps.join('\n')).not.toMatch(/measurements/);
    // The long rows of runs are never read for a list.
    for (const detail of steps.filter((step) => / runs\b/.test(step)))
      expect(detail).toMatch(/COVERING INDEX/);
  });
});

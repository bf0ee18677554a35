import { join } from 'node:path';
import type { RequestError } from '../contract/errors.ts';
import { ok, type Result } from '../contract/result.ts';
import { type RunResult, runResultSchema } from '../contract/run-result.ts';
import { writeFilesAtomically } from '../store/atomic-file.ts';
import { measurementsCsv } from './csv.ts';
import type { ReportExtras } from './extras.ts';
import { reportPage } from './report-page.ts';

/**
 * Writes `report.html`, `measurements.csv` and `result.json` into `folder` (made if missing), and returns
 * their paths. All are written beside their place first; where one cannot be, none appears. result.json comes
 * last, so where it is, the others are. A result that does not fit its schema is a bug and throws.
 * Errors: diskFull, notWritable.
 */
export function writeReports(
  folder: string,
  result: RunResult,
  extras: ReportExtras = {},
): Result<string[], RequestError> {
  const checked = runResultSchema.parse(result);
  const files = new Map([
    [join(folder, 'report.html'), reportPage(checked, extras)],
    [join(folder, 'measurements.csv'), measurementsCsv(checked, extras)],
    [join(folder, 'result.json'), `${JSON.stringify(checked, null, 2)}\n`],
  ]);
  const written = writeFilesAtomically(files);
  return written.ok ? ok([...files.keys()]) : written;
}

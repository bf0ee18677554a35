import { bothInTurns, pairsByModel, winsOf } from './against-random.ts';
import type { BenchOptions } from './bench-options.ts';
import { markdownTable, writeFigures } from './figures.ts';
import { gainsOf, hypervolume } from './hypervolume.ts';
import { type SearchRun, searchOnce } from './search-run.ts';
import { tell } from './tell.ts';

/** What one search of an ablation came to. */
export interface AblationRow {
  readonly model: string;
  readonly seed: number;
  readonly strategy: SearchRun['strategy'];
  readonly failure: string | null;
  /** A's time over B's, as delivered; 1 where nothing was found. */
  readonly speedup: number | null;
  /** Percentage points on verify. */
  readonly change: number | null;
  /** Of all points whose accuracy was measured, halvings × percentage points. */
  readonly hypervolume: number;
  readonly measuredPoints: number;
  readonly timed: number | null;
  readonly seconds: number;
}

/** Evolution against random proposals: the same space, the same budget, the same seeds. */
export async function ablation(options: BenchOptions): Promise<void> {
  for (const line of options.skipped) console.log(line);
  const rows: AblationRow[] = [];
  for (const subject of options.subjects)
    for (const { seed, strategy } of bothInTurns(options.seeds)) {
      tell(`${subject.name}: search by ${strategy}, seed ${seed}, ${options.budget}`);
      try {
        rows.push(rowOf(subject.name, await searchOnce(subject, strategy, seed, options)));
      } catch (error) {
        tell(`${subject.name} failed: ${error instanceof Error ? error.message : String(error)}`);
      }
      if (options.out !== null) writeFigures(options.out, rows);
    }
  console.log(ablationTable(rows));
}

function rowOf(model: string, { seed, strategy, failure, result, points, seconds }: SearchRun): AblationRow {
  const gains = gainsOf(points);
  return {
    model,
    seed,
    strategy,
    failure,
    speedup: result?.comparison.speedup ?? null,
    change: result?.comparison.accuracyChange ?? null,
    hypervolume: hypervolume(gains),
    measuredPoints: gains.length,
    timed: result?.search.timed ?? null,
    seconds,
  };
}

/** The rows in Markdown, and below them of how many seeds evolution did better. */
export function ablationTable(rows: readonly AblationRow[]): string {
  const cells = rows.map((row) => [
    row.model,
    String(row.seed),
    row.strategy,
    row.failure === null ? (row.speedup?.toFixed(2) ?? '') : `failed: ${row.failure}`,
    row.change?.toFixed(2) ?? '',
    row.hypervolume.toFixed(2),
    String(row.measuredPoints),
    row.timed?.toString() ?? '',
    row.seconds.toFixed(0),
  ]);
  const titles = [
    ...['Model', 'Seed', 'Search', 'Speed-up', 'Change, points', 'Hypervolume of the front'],
    ...['Points with an accuracy', 'Timed', 'Wall time, s'],
  ];
  return [markdownTable(titles, cells), '', ...verdicts(rows)].join('\n');
}

const verdicts = (rows: readonly AblationRow[]): string[] =>
  pairsByModel(rows).map(({ model, pairs }) => {
    const whole = pairs.filter((pair) => pair.every(({ failure }) => failure === null));
    const faster = winsOf(whole, ({ speedup }) => speedup ?? 0);
    const wider = winsOf(whole, (row) => row.hypervolume);
    return `${model}: evolution is ahead in the speed-up at ${faster} and in the hypervolume at ${wider} of ${whole.length} seeds.`;
  });

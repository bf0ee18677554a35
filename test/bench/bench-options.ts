import { parseArgs } from 'node:util';
import { parseDuration } from '../../electron/cli/durations.ts';
import { type GraphLevel, graphLevels } from '../../electron/contract/api.ts';
import { type Subjects, subjectsOf } from './subjects.ts';

/** What a bench of the search was asked for. */
export interface BenchOptions extends Subjects {
  /** As typed, for the command: `10m`. */
  readonly budget: string;
  readonly seeds: readonly number[];
  readonly level: GraphLevel;
  readonly threads: number;
  /** Percentage points. */
  readonly maxAccuracyDrop: number;
  /** File for the figures as JSON; null: none. */
  readonly out: string | null;
}

/** Reads the words after the row's name. Throws one sentence for what cannot be. */
export function readBenchOptions(args: readonly string[]): BenchOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      model: { type: 'string' },
      data: { type: 'string' },
      budget: { type: 'string', default: '10m' },
      seeds: { type: 'string', default: '1,2,3' },
      level: { type: 'string', default: 'all' },
      threads: { type: 'string', default: '1' },
      'max-accuracy-drop': { type: 'string', default: '1' },
      out: { type: 'string' },
    },
  });
  if (parseDuration(values.budget) === null)
    throw new Error(`--budget cannot be ${values.budget}: give 90s, 10m or 1h`);
  const level = graphLevels.find((one) => one === values.level);
  if (!level) throw new Error(`--level cannot be ${values.level}: give ${graphLevels.join(' or ')}`);
  const seeds = values.seeds.split(',').map((text) => (text.trim() === '' ? Number.NaN : Number(text)));
  if (!seeds.every((seed) => Number.isInteger(seed) && seed >= 0))
    throw new Error(`--seeds cannot be ${values.seeds}: give whole numbers such as 1,2,3`);
  return {
    ...subjectsOf(positionals, values),
    budget: values.budget,
    seeds,
    level,
    threads: numberOf('--threads', values.threads, (value) => Number.isInteger(value) && value > 0),
    maxAccuracyDrop: numberOf('--max-accuracy-drop', values['max-accuracy-drop'], (value) => value >= 0),
    out: values.out ?? null,
  };
}

function numberOf(option: string, text: string, isAllowed: (value: number) => boolean): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!isAllowed(value)) throw new Error(`${option} cannot be ${text}`);
  return value;
}

import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Board } from '../../electron/board/board.ts';
import { parseDuration } from '../../electron/cli/durations.ts';
import type { SearchStrategy } from '../../electron/contract/api.ts';
import type { EngineHost } from '../../electron/engine/host.ts';
import { sha256 } from '../../electron/engine/onnx/hash.ts';
import { populationSize } from '../../electron/engine/optimize.ts';
import { areaUnder } from '../../electron/engine/search/pareto.ts';
import { breedFirst } from '../../electron/engine/stages/networks/breeding.ts';
import { evolve } from '../../electron/engine/stages/networks/evolve.ts';
import { makeReference, type Reference } from '../../electron/engine/stages/networks/fit.ts';
import { cornerOf } from '../../electron/engine/stages/networks/foresight.ts';
import { timeBase } from '../../electron/engine/stages/networks/precision.ts';
import { bestSpeedup, originalStudent } from '../../electron/engine/stages/networks/student.ts';
import type { Study } from '../../electron/engine/stages/study.ts';
import { firstRange } from '../../electron/engine/stages/tuning/finalists.ts';
import { bothInTurns, pairsByModel, winsOf } from './against-random.ts';
import type { BenchOptions } from './bench-options.ts';
import { scratchFolder } from './fieldtune.ts';
import { markdownTable, writeFigures } from './figures.ts';
import { openLocalBoard } from './local-board.ts';
import { studyOf } from './study-of.ts';
import type { Subject } from './subjects.ts';
import { tell } from './tell.ts';
import { need } from './timed-together.ts';

/** The front of one evolution, before any fine-tuning. */
export interface EvolutionRow {
  readonly model: string;
  readonly seed: number;
  readonly strategy: SearchStrategy;
  /** Whole models that were timed. */
  readonly timed: number;
  readonly generations: number;
  /** Halvings of the time beyond A in its best form × powers of ten of divergence below knowing nothing. */
  readonly area: number;
}

/**
 * Evolution of whole networks against random proposals from the same space in the same time, `--budget`, by the front
 * between latency and divergence from A: what fine-tuning makes of it, which depends on chance, is left out.
 */
export async function evolution(options: BenchOptions): Promise<void> {
  for (const line of options.skipped) console.log(line);
  const board = await openLocalBoard(scratchFolder());
  const rows: EvolutionRow[] = [];
  try {
    for (const subject of options.subjects) rows.push(...(await rowsOf(subject, board, options)));
  } finally {
    await board.close();
  }
  if (options.out !== null) writeFigures(options.out, rows);
  console.log(evolutionTable(rows));
}

async function rowsOf(subject: Subject, board: Board, options: BenchOptions): Promise<EvolutionRow[]> {
  const plain = await studyOf(subject);
  if (!plain.whole) return [];
  const reference = await makeReference(plain);
  const rows: EvolutionRow[] = [];
  const { level, threads, budget } = options;
  for (const { seed, strategy } of bothInTurns(options.seeds)) {
    tell(`${subject.name}: ${strategy}, seed ${seed}, ${budget}`);
    const job = { ...plain.job, seed, strategy, level, threads };
    const study = { ...plain, job, host: hostOn(board, plain.host) };
    const row = await evolveOnce(study, reference, parseDuration(budget) ?? 0);
    rows.push({ model: subject.name, seed, strategy, ...row });
  }
  return rows;
}

async function evolveOnce(study: Study, reference: Reference, seconds: number) {
  const base = await timeBase(study, originalStudent(study));
  const rng = xoroshiro128plus(study.job.seed);
  let done = { generation: 0, models: 0 };
  const range = firstRange(bestSpeedup(base));
  const students = await evolve(
    study,
    reference,
    {
      ...breedFirst(study, base, [], rng),
      round: 1,
      seconds,
      population: populationSize,
      range,
      onGeneration(_spent, note) {
        if (note.kind === 'generation') done = note;
      },
    },
    rng,
  );
  const worth = { ...range, worthless: reference.worthless };
  const area = areaUnder(students.map((student) => cornerOf(student, worth)));
  return { timed: done.models, generations: done.generation, area };
}

/** Times on the board, and forgets all it is told. */
const hostOn = (board: Board, host: EngineHost): EngineHost => ({
  ...host,
  async time(models, request) {
    const sha256s = models.map(sha256);
    need(await board.putModels(new Map(models.map((bytes, i) => [sha256s[i]!, bytes]))));
    return { ok: true, value: need(await board.time({ ...request, sha256s })) };
  },
  recall: async () => null,
  record: async () => undefined,
});

/** The rows in Markdown, and below them at how many seeds evolution did better. */
export function evolutionTable(rows: readonly EvolutionRow[]): string {
  const titles = ['Model', 'Seed', 'Search', 'Area of the front', 'Generations', 'Models timed'];
  const cells = rows.map(({ model, seed, strategy, area, generations, timed }) => [
    ...[model, String(seed), strategy, area.toFixed(2), String(generations), String(timed)],
  ]);
  const verdicts = pairsByModel(rows).map(
    ({ model, pairs }) =>
      `${model}: evolution is ahead at ${winsOf(pairs, ({ area }) => area)} of ${pairs.length} seeds.`,
  );
  return [markdownTable(titles, cells), '', ...verdicts].join('\n');
}

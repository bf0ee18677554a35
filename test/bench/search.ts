import { rmSync } from 'node:fs';
import type { Board } from '../../electron/board/board.ts';
import type { AccuracyComparison } from '../../electron/contract/api.ts';
import type { BoardIdentity } from '../../electron/runner/protocol.ts';
import type { BenchOptions } from './bench-options.ts';
import { type TimedSettings, timeSettings } from './best-settings.ts';
import { scratchFolder } from './fieldtune.ts';
import { writeFigures } from './figures.ts';
import { openLocalBoard } from './local-board.ts';
import { type Fidelity, measureFidelity } from './output-fidelity.ts';
import { accuracyAgainst, exactRewrites, type MadeModel, staticInt8 } from './rivals.ts';
import { bytesOf, nameOfRun, type SearchRun, searchOnce, worstOf } from './search-run.ts';
import { tableOf } from './search-table.ts';
import type { Subject } from './subjects.ts';
import { tell } from './tell.ts';
import { type TimedTogether, timeTogether } from './timed-together.ts';

/** A model made without a search, with what it costs in accuracy. */
export interface MadeRival extends MadeModel {
  readonly sizeBytes: number;
  readonly accuracy: AccuracyComparison;
  readonly fidelity: Fidelity | null;
}

/** All figures of one model. */
export interface SubjectFigures extends Subject {
  readonly runs: readonly SearchRun[];
  /** For each run the fidelity of its B; null with labels, or without a result. */
  readonly fidelities: readonly (Fidelity | null)[];
  readonly made: readonly MadeRival[];
  /** A, every B and every made model, interleaved. */
  readonly timed: TimedTogether;
  /** A at every way to make its session, the fastest first. */
  readonly settings: readonly TimedSettings[];
}

/** What became of one model. */
export type SubjectReport =
  | { readonly kind: 'measured'; readonly figures: SubjectFigures }
  | { readonly kind: 'failed'; readonly name: string; readonly reason: string };

/** All that a bench of the search measured, as written to `--out`. */
export interface SearchReport {
  readonly createdAt: string;
  readonly options: Omit<BenchOptions, 'subjects' | 'skipped' | 'out'>;
  readonly board: BoardIdentity | null;
  readonly subjects: readonly SubjectReport[];
}

/** The search and its rivals, over models: a table on stdout, everything as JSON into a file. */
export async function search(options: BenchOptions): Promise<void> {
  for (const line of options.skipped) console.log(line);
  const stateFolder = scratchFolder();
  const subjects: SubjectReport[] = [];
  let identity: BoardIdentity | null = null;
  for (const subject of options.subjects) {
    try {
      const searched = await searchAll(subject, options);
      const made = await makeRivals(subject, options);
      const board = await openLocalBoard(stateFolder);
      identity = board.identity;
      try {
        subjects.push({ kind: 'measured', figures: await measure(board, subject, searched, made, options) });
      } finally {
        await board.close();
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      tell(`${subject.name} failed: ${reason}`);
      subjects.push({ kind: 'failed', name: subject.name, reason });
    }
    const { subjects: _, skipped: __, out, ...shown } = options;
    const report: SearchReport = {
      createdAt: new Date().toISOString(),
      options: shown,
      board: identity,
      subjects,
    };
    // After each model, so that a bench that is stopped loses one model at most.
    if (out !== null) writeFigures(out, report);
  }
  rmSync(stateFolder, { recursive: true, force: true });
  console.log(tableOf(subjects));
  if (options.out !== null) tell(`figures in ${options.out}`);
}

async function searchAll(subject: Subject, options: BenchOptions): Promise<SearchRun[]> {
  const runs: SearchRun[] = [];
  for (const seed of options.seeds)
    for (const strategy of ['evolution', 'random'] as const) {
      tell(`${subject.name}: search by ${strategy}, seed ${seed}, ${options.budget}`);
      runs.push(await searchOnce(subject, strategy, seed, options));
    }
  return runs;
}

async function makeRivals(subject: Subject, { seeds }: BenchOptions): Promise<MadeRival[]> {
  tell(`${subject.name}: models made without a search`);
  const made = [exactRewrites(subject), await staticInt8(subject)].filter((one) => one !== null);
  const rivals: MadeRival[] = [];
  for (const one of made) {
    const seed = seeds[0]!;
    rivals.push({
      ...one,
      sizeBytes: bytesOf(one.path).length,
      accuracy: await accuracyAgainst(subject, one.path, seed),
      fidelity: await measureFidelity(subject.modelPath, one.path, subject.dataPath, seed),
    });
  }
  return rivals;
}

async function measure(
  board: Board,
  subject: Subject,
  runs: readonly SearchRun[],
  made: readonly MadeRival[],
  { threads, level }: BenchOptions,
): Promise<SubjectFigures> {
  const a = bytesOf(subject.modelPath);
  const settings = { threads, level };
  // A run that found nothing has A for its B, whose ratio needs no measurement.
  const searched = runs.flatMap((run) =>
    run.modelPath !== null && run.explanation === ''
      ? [{ name: nameOfRun(run), bytes: bytesOf(run.modelPath) }]
      : [],
  );
  tell(`${subject.name}: A and its rivals, interleaved`);
  const rivals = [...searched, ...made.map(({ name, path }) => ({ name, bytes: bytesOf(path) }))];
  const timed = await timeTogether(board, a, rivals, settings);
  tell(`${subject.name}: A at every number of threads and both levels`);
  const best = await timeSettings(board, a, settings);
  tell(`${subject.name}: outputs on verify`);
  const fidelities: (Fidelity | null)[] = [];
  for (const { modelPath, seed } of runs)
    fidelities.push(
      modelPath === null ? null : await measureFidelity(subject.modelPath, modelPath, subject.dataPath, seed),
    );
  const worst = worstOf(runs.filter(({ strategy }) => strategy === 'evolution'));
  tell(`${subject.name}: ${worst.result?.comparison.speedup.toFixed(2) ?? 'no result'} at the worst seed`);
  return { ...subject, runs, fidelities, made, timed, settings: best };
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OptimizeResult } from '../contract/api.ts';
import type { EnergyComparison } from '../contract/energy.ts';
import type { RequestError } from '../contract/errors.ts';
import { ok, type Result } from '../contract/result.ts';
import { type RunResult, runResultSchema } from '../contract/run-result.ts';
import type { BoardState, RunDetails } from '../contract/views.ts';
import type { OptimizeJob, OptimizeOutcome, RunFront } from '../engine/host.ts';
import type { ReportExtras } from '../report/extras.ts';
import { writeReports } from '../report/write-reports.ts';
import type { BoardIdentity } from '../runner/protocol.ts';
import { writeFilesAtomically } from '../store/atomic-file.ts';
import { sha256Of } from '../store/blobs.ts';
import type { Store } from '../store/open-store.ts';
import type { TrendFigures } from '../store/trend.ts';
import type { BoardBefore } from './before-measuring.ts';
import type { Standing } from './board-group.ts';
import { boardBlock, boardsBlock, tellBoards } from './boards-of-run.ts';
import type { OpenModel } from './open-model.ts';
import { writeOutput } from './outputs.ts';
import { keepFront } from './run-front.ts';

/** All that the results of a run are made from. */
export interface RunFindings {
  readonly run: string;
  readonly job: Pick<OptimizeJob, 'seed' | 'threads' | 'level' | 'strategy'>;
  readonly createdAt: Date;
  readonly model: OpenModel;
  /** The board that the figures are of. */
  readonly identity: BoardIdentity;
  /** How all boards of a run with several stand; null: it has but one. */
  readonly standings: readonly Standing[] | null;
  readonly outcome: OptimizeOutcome;
  /** The board that the figures are of, before the run; null where it could not be read. */
  readonly before: BoardBefore | null;
  /** Null: not measured. */
  readonly energy: EnergyComparison | null;
  readonly stages: RunResult['stages'];
}

/** A finished run, ready to be written. */
export interface MadeResult {
  readonly result: RunResult;
  readonly extras: ReportExtras;
  readonly details: RunDetails;
  readonly optimizedModel: Uint8Array;
  readonly front: RunFront | null;
}

/** File of B in a run's folder. */
export const optimizedName = 'optimized.onnx';

/** What a run's folder may hold, in the order that people look for it; the PDF is made on request. */
export const resultNames = [
  'report.html',
  'report.pdf',
  'measurements.csv',
  'result.json',
  optimizedName,
] as const;

/** Puts the result of a run together from what the engine found and what only the app knows. */
export function makeResult(findings: RunFindings): MadeResult {
  const { model, identity, standings, job, before } = findings;
  const outcome = standings ? tellBoards(findings.outcome, standings) : findings.outcome;
  const { result: found } = outcome;
  // The engine works on A written anew; what is delivered and named is the user's own file.
  const asFile = { sha256: model.sha256, sizeBytes: model.bytes.length };
  const original = { ...found.original, ...asFile };
  const isUnchanged = sha256Of(outcome.optimizedModel) === model.boardSha256;
  const result: RunResult = {
    schema: 1,
    run: findings.run,
    createdAt: findings.createdAt.toISOString(),
    seed: job.seed,
    ...found,
    model: { path: model.path, name: model.name },
    board: { ...boardBlock(identity, job), ...(before && { provider: before.inventory.providerUsed }) },
    ...(standings && {
      boards: boardsBlock(standings, job, { a: model.boardSha256, b: sha256Of(outcome.optimizedModel) }),
    }),
    ...(before && { conditions: conditionsOf(before.state) }),
    comparison: { ...found.comparison, energy: findings.energy },
    original,
    optimized: isUnchanged ? { ...found.optimized, ...asFile } : found.optimized,
    search: { ...found.search, strategy: job.strategy },
    stages: findings.stages,
  };
  return {
    result,
    extras: { ...outcome.extras, identity, ...before },
    details: outcome.details,
    optimizedModel: isUnchanged ? model.bytes : outcome.optimizedModel,
    front: outcome.front,
  };
}

/** What of a board's state stands in `result.json`. */
const conditionsOf = ({
  governor,
  clockMHz,
  temperatureC,
  throttled,
  load1,
  concerns,
}: BoardState): NonNullable<RunResult['conditions']> => ({
  governor,
  clockMHz: clockMHz === null ? null : [...clockMHz],
  temperatureC,
  throttled,
  load1,
  concerns: concerns.map(({ kind, value }) => ({ kind, value })),
});

/** Writes the optimized model and the reports; all or nothing. Errors: outputExists, diskFull, notWritable. */
export function writeResult(
  out: string,
  { result, extras, optimizedModel }: MadeResult,
): Result<string[], RequestError> {
  return writeOutput(out, (folder) => {
    const path = join(folder, optimizedName);
    const model = writeFilesAtomically(new Map([[path, optimizedModel]]));
    if (!model.ok) return model;
    const reports = writeReports(folder, result, extras);
    return reports.ok ? ok([path, ...reports.value]) : reports;
  });
}

/** The result that a run had already written into `out` when it was killed; null when there is none of this run. */
export function findWritten(out: string, run: string): RunResult | null {
  let text: string;
  try {
    text = readFileSync(join(out, 'result.json'), 'utf8');
  } catch {
    return null;
  }
  try {
    const parsed = runResultSchema.safeParse(JSON.parse(text));
    return parsed.success && parsed.data.run === run ? parsed.data : null;
  } catch {
    return null;
  }
}

/** The files that a whole folder of results holds, in the order they are told. */
export const filesIn = (out: string): string[] =>
  [optimizedName, 'report.html', 'measurements.csv', 'result.json'].map((name) => join(out, name));

/** Keeps what a run found in the history. Errors: those of every write of the store. */
export function storeFindings(
  store: Store,
  { result, extras, details, optimizedModel, front }: MadeResult,
  out: string,
): Result<void, RequestError> {
  const { run, original, optimized, comparison } = result;
  const blob = store.blobs.put(optimizedModel);
  if (!blob.ok) return blob;
  if (optimized.sha256 !== original.sha256) {
    const saved = store.models.saveMade({
      sha256: optimized.sha256,
      name: `${result.model.name} (optimized)`,
      path: join(out, optimizedName),
      sizeBytes: optimized.sizeBytes,
      parameters: optimized.parameters,
    });
    if (!saved.ok) return saved;
  }
  for (const { sha256, accuracy } of [original, optimized]) {
    const { interval95, metric, samples, value } = accuracy;
    const row = { modelSha256: sha256, split: 'verify', metric, value, samples, interval95 } as const;
    const saved = store.accuracies.save(run, row);
    if (!saved.ok) return saved;
  }
  const detailed = store.runDetails.save(run, details);
  if (!detailed.ok) return detailed;
  const kept = front === null ? ok(undefined) : keepFront(store, run, front);
  if (!kept.ok) return kept;
  const evidence = extras.comparison;
  // A run that was killed after this has its row already.
  const isKept = store.comparisons.list(run).some(({ purpose }) => purpose === 'final');
  if (!evidence || isKept) return ok(undefined);
  const added = store.comparisons.add(run, {
    purpose: 'final',
    sha256A: original.sha256,
    sha256B: optimized.sha256,
    speedup: comparison.speedup,
    interval95: comparison.speedupInterval95,
    verdict: comparison.verdict,
    pairs: evidence.pairs,
    droppedBlocks: evidence.droppedBlocks,
    noiseFloor: evidence.noiseFloor ?? null,
    blocks: evidence.blocks,
    conditions: evidence.conditions ?? null,
  });
  return added.ok ? ok(undefined) : added;
}

/** Ends the run as its result says. Errors: those of every write of the store. */
export function endRun(
  store: Store,
  result: RunResult,
  files: readonly string[],
): Result<OptimizeResult, RequestError> {
  const { run, explanation, comparison } = result;
  const improved = explanation === '';
  const figures = improved
    ? { speedup: comparison.speedup, accuracyChange: comparison.accuracyChange }
    : { explanation };
  const details = store.runDetails.get(run);
  const trend = trendOf(result, details?.conditions?.governor ?? null);
  const end = { ...figures, result, trend };
  const ended = store.runs.setState(run, improved ? 'improved' : 'no improvement', end);
  // A run that another version wrote down has the sentence alone.
  const reason = improved ? null : (details?.reason ?? null);
  return ended.ok ? ok({ run, result, improved, explanation, reason, files }) : ended;
}

/** A point for each board that was measured to the end. */
function trendOf(result: RunResult, governor: string | null): TrendFigures[] {
  const { board, boards, original, optimized, comparison } = result;
  const { speedup, speedupInterval95, accuracyChange } = comparison;
  const own = {
    originalUs: original.latencyUs.p50,
    optimizedUs: optimized.latencyUs.p50,
    speedup,
    speedupInterval95,
    accuracyChange,
    ...boardFigures(board),
    governor,
  };
  // What was compared is no B of a run that found nothing.
  if (!boards || result.explanation !== '') return [own];
  return boards.flatMap((one) =>
    one.board && one.comparison && one.leftOut === null
      ? [
          {
            originalUs: one.comparison.originalUs.p50,
            optimizedUs: one.comparison.optimizedUs.p50,
            speedup: one.comparison.speedup,
            speedupInterval95: one.comparison.speedupInterval95,
            accuracyChange,
            ...boardFigures(one.board),
            governor: one.comparison.governor,
          },
        ]
      : [],
  );
}

const boardFigures = ({ id, name, os, runtimeVersion, threads, level }: RunResult['board']) => ({
  boardId: id,
  boardName: name,
  os,
  // Times of another level are no continuation, as if the runtime were another.
  runtimeVersion: level === 'extended' ? `${runtimeVersion} (level extended)` : runtimeVersion,
  threads,
});

import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { CallValues } from '../../contract/calls.ts';
import type { AppError, RequestError } from '../../contract/errors.ts';
import { fail, ok, type Result } from '../../contract/result.ts';
import { runResultSchema } from '../../contract/run-result.ts';
import type { RunDetail, TrendPoint } from '../../contract/views.ts';
import { sha256Of } from '../../store/blobs.ts';
import type { Run } from '../../store/runs.ts';
import type { StoredTrendPoint } from '../../store/trend.ts';
import { observing } from '../observing.ts';
import type { AppParts } from '../parts.ts';
import { countFront } from '../run-front.ts';
import { findUnchangedData, readRunRequest } from '../run-request.ts';
import { findWritten, optimizedName, resultNames } from '../run-results.ts';
import { addressForms } from './boards.ts';
import { namedAs } from './named-as.ts';
import type { QueriesOf } from './query.ts';

function findRun({ store }: AppParts, run: string): Result<Run, RequestError> {
  const found = store.runs.get(run);
  return found ? ok(found) : fail({ kind: 'runUnknown', run });
}

function detailOf({ store }: AppParts, run: Run): RunDetail {
  const { speedup, accuracyChange, board, boardName, model, modelSha256, startedAt, state, out } = run;
  const result = runResultSchema.safeParse(run.result);
  const { call, pickedFrom = run.run } = readRunRequest(run.request);
  return {
    summary: {
      run: run.run,
      startedAt,
      board,
      boardName,
      model,
      modelSha256,
      state,
      speedup,
      accuracyChange,
      out,
    },
    request: call,
    finishedAt: run.finishedAt,
    explanation: run.explanation ?? '',
    result: result.success ? result.data : null,
    details: store.runDetails.get(run.run) ?? null,
    stages: store.stages.list(run.run).map(({ name, seconds, summary }) => ({ name, seconds, summary })),
    frontModels: countFront(store, pickedFrom),
    files: filesOf(run),
  };
}

/** Names of the run's files that are there; none where the folder holds the results of another run by now. */
function filesOf({ run, out }: Run): readonly string[] {
  const isThere = (name: string): boolean =>
    statSync(join(out, name), { throwIfNoEntry: false })?.isFile() === true;
  const files = resultNames.filter(isThere);
  return files.includes('result.json') && !findWritten(out, run) ? [] : files;
}

const trendPointOf = (point: StoredTrendPoint): TrendPoint => ({
  run: point.run,
  startedAt: point.startedAt,
  originalUs: point.originalUs,
  optimizedUs: point.optimizedUs,
  speedup: point.speedup,
  speedupInterval95: point.speedupInterval95,
  accuracyChange: point.accuracyChange,
  conditions: [
    // Two boards of one name are told apart by their ids, of which the beginning is enough for people.
    `${point.boardName} (${point.boardId.slice(0, 8)})`,
    point.os,
    `onnxruntime ${point.runtimeVersion}`,
    `${point.threads} ${point.threads === 1 ? 'thread' : 'threads'}`,
    ...(point.governor === null ? [] : [`governor ${point.governor}`]),
  ].join(' · '),
});

/** The pictures of the samples on which A and B of a run say different things. */
async function disagreements(
  parts: AppParts,
  run: Run,
  page: { readonly offset: number; readonly limit: number },
  signal: AbortSignal,
): Promise<Result<CallValues['runs.disagreements'], AppError>> {
  const all = parts.store.runDetails.get(run.run)?.disagreements ?? [];
  const wanted = all.slice(page.offset, page.offset + page.limit);
  if (wanted.length === 0) return ok([]);
  const request = readRunRequest(run.request);
  const { call } = request;
  const data = await findUnchangedData(run.run, request);
  if (!data.ok) return data;
  const dataPath = data.value;
  const model = originalOf(run);
  if (!model.ok) return model;
  const samples = wanted.map(({ sample }) => sample);
  const job = { dataPath, modelPath: model.value, seed: call.seed, samples };
  const inspected = await parts.runInEngine('inspectSamples', job, observing(signal));
  if (!inspected.ok) return namedAs(inspected.error, dataPath, call.dataPath);
  const { classNames } = inspected.value;
  const nameOf = (index: number): string => classNames?.[index] ?? String(index);
  const bySample = new Map(inspected.value.samples.map((seen) => [seen.sample, seen] as const));
  return ok(
    wanted.map((disagreement) => ({
      ...disagreement,
      picture: bySample.get(disagreement.sample)?.picture ?? null,
      values: bySample.get(disagreement.sample)?.values ?? [],
      labelName: disagreement.label === null ? null : nameOf(disagreement.label),
      aName: nameOf(disagreement.a),
      bName: nameOf(disagreement.b),
    })),
  );
}

/** Path of A as it was when the run began. Errors: modelMissing, inputChanged. */
export function originalOf(run: Run): Result<string, AppError> {
  const { call, cwd } = readRunRequest(run.request);
  const path = resolve(cwd, call.modelPath);
  const sha256 = sha256OfFile(path);
  if (!sha256.ok) return fail({ kind: 'modelMissing', path: call.modelPath, reason: sha256.error });
  return sha256.value === run.modelSha256
    ? ok(path)
    : fail({ kind: 'inputChanged', run: run.run, path: call.modelPath });
}

/** Path of B: in the run's folder, or where the history keeps it. Errors: modelMissing. */
export function optimizedOf({ store }: Pick<AppParts, 'store'>, run: Run): Result<string, AppError> {
  const path = join(run.out, optimizedName);
  const result = runResultSchema.safeParse(run.result);
  const wanted = result.success ? result.data.optimized.sha256 : null;
  const sha256 = sha256OfFile(path);
  if (sha256.ok && sha256.value === wanted) return ok(path);
  if (wanted !== null && store.blobs.has(wanted)) return ok(store.blobs.pathOf(wanted));
  const reason = sha256.ok ? 'it is not the model that the run made' : sha256.error;
  return fail({ kind: 'modelMissing', path, reason });
}

function sha256OfFile(path: string): Result<string, string> {
  try {
    return ok(sha256Of(readFileSync(path)));
  } catch (error) {
    if (error instanceof Error && 'code' in error) return fail(error.message);
    throw error;
  }
}

/** Runs of the history. */
export const runQueries: QueriesOf<'runs'> = {
  'runs.list': ({ store }, { board, since, until, ...filter }) =>
    ok(
      store.findRuns({
        ...filter,
        ...(board === undefined ? {} : { addresses: addressForms(board) }),
        // The store compares times as texts of one form.
        ...(since === undefined ? {} : { since: new Date(since).toISOString() }),
        ...(until === undefined ? {} : { until: new Date(until).toISOString() }),
      }),
    ),
  'runs.get': (parts, { run }) => {
    const found = findRun(parts, run);
    return found.ok ? ok(detailOf(parts, found.value)) : found;
  },
  'runs.delete': ({ store }, { runs }) => {
    const removed = store.runRemoval.remove(runs);
    return removed.ok ? ok(null) : removed;
  },
  'runs.restore': ({ store }, { runs }) => {
    const restored = store.runRemoval.restore(runs);
    return restored.ok ? ok(null) : restored;
  },
  'runs.trend': ({ store }, { model, board }) =>
    ok(store.trend(model, board === undefined ? undefined : addressForms(board)).map(trendPointOf)),
  'runs.disagreements': async (parts, { run, ...page }, signal) => {
    const found = findRun(parts, run);
    return found.ok ? disagreements(parts, found.value, page, signal) : found;
  },
  'runs.diff': async (parts, { run }, signal) => {
    const found = findRun(parts, run);
    if (!found.ok) return found;
    const original = originalOf(found.value);
    if (!original.ok) return original;
    const optimized = optimizedOf(parts, found.value);
    if (!optimized.ok) return optimized;
    const job = { modelPathA: original.value, modelPathB: optimized.value };
    return parts.runInEngine('diffModels', job, observing(signal));
  },
};

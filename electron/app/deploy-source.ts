import { readFileSync } from 'node:fs';
import type { Listener } from '../contract/api.ts';
import type { DeployPlan, DeploySource } from '../contract/deploy.ts';
import type { AppError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import { runResultSchema } from '../contract/run-result.ts';
import type { SessionSettings } from '../runner/protocol.ts';
import type { SmokeSamples } from '../runner/smoke-samples.ts';
import { sha256Of } from '../store/blobs.ts';
import { observing } from './observing.ts';
import { openCheckedModel } from './open-model.ts';
import type { AppParts } from './parts.ts';
import { optimizedOf } from './queries/runs.ts';
import { findUnchangedData, readRunRequest } from './run-request.ts';

/** A model that may be put on a board, with what is known of it. */
export interface DeploySubject {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly sha256: string;
  readonly run: string | null;
  /** Hash of the run's original; null for a model file. */
  readonly originalSha256: string | null;
  /** Board that the run was measured on. */
  readonly measuredOn: { readonly id: string; readonly name: string } | null;
  readonly comparison: DeployPlan['comparison'];
  readonly settings: SessionSettings;
  /** Median of a call as the run measured it, microseconds. */
  readonly medianUs: number | null;
  /** Shape of each input; what the model leaves open counts as 1. */
  readonly inputShapes: readonly (readonly number[])[];
  /** Data of the run; null: inputs are drawn at random. */
  readonly data: { readonly path: string; readonly modelPath: string; readonly seed: number } | null;
}

/**
 * Finds what is to be put on a board. Errors: runUnknown, deployNoGain, those of the model.
 */
export async function findSubject(
  parts: AppParts,
  source: DeploySource,
): Promise<Result<DeploySubject, AppError>> {
  if (source.kind === 'model') return subjectAt(parts, source.modelPath);
  const run = parts.store.runs.get(source.run);
  if (!run) return fail({ kind: 'runUnknown', run: source.run });
  const parsed = runResultSchema.safeParse(run.result);
  if (run.state !== 'improved' || !parsed.success) return fail({ kind: 'deployNoGain', run: run.run });
  const result = parsed.data;
  const path = optimizedOf(parts, run);
  if (!path.ok) return path;
  const subject = subjectAt(parts, path.value);
  if (!subject.ok) return subject;
  const request = readRunRequest(run.request);
  // Data that is gone or changed keeps nobody from deploying: other inputs do as well.
  const data = await findUnchangedData(run.run, request);
  const { speedup, speedupInterval95, accuracyChange, accuracyChangeInterval95 } = result.comparison;
  return ok({
    ...subject.value,
    name: `${result.model.name} (optimized)`,
    run: run.run,
    originalSha256: run.modelSha256,
    measuredOn: { id: result.board.id, name: result.board.name },
    comparison: { speedup, speedupInterval95, accuracyChange, accuracyChangeInterval95 },
    settings: { threads: result.board.threads, level: result.board.level ?? 'all' },
    medianUs: result.optimized.latencyUs.p50,
    data: data.ok ? { path: data.value, modelPath: request.call.modelPath, seed: request.call.seed } : null,
  });
}

function subjectAt({ cwd }: AppParts, path: string): Result<DeploySubject, AppError> {
  const model = openCheckedModel(path, cwd);
  if (!model.ok) return model;
  const { name, inputShapes, absolutePath } = model.value;
  const bytes = readFileSync(absolutePath);
  return ok({
    name,
    bytes,
    sha256: sha256Of(bytes),
    run: null,
    originalSha256: null,
    measuredOn: null,
    comparison: null,
    settings: { threads: 1, level: 'all' },
    medianUs: null,
    inputShapes: [...inputShapes.values()].map((shape) =>
      shape.map((size) => Math.max(1, Number(size) || 1)),
    ),
    data: null,
  });
}

/** Samples of a smoke run. */
const samplesWanted = 8;

/**
 * Inputs with what this computer makes of them: the first samples that the search has not seen, or drawn at random.
 * Errors: those of the local board, modelFailsToRun.
 */
export async function smokeSamplesOf(
  parts: AppParts,
  subject: DeploySubject,
  listener: Listener,
): Promise<Result<SmokeSamples & { readonly fromData: boolean }, AppError>> {
  const known = await dataInputs(parts, subject, listener.signal);
  const inputs = known ?? randomInputs(subject);
  const contact = { signal: listener.signal, confirmHostKey: async () => false };
  const local = await parts.connectBoard({ address: 'local' }, contact, { stateFolder: parts.stateFolder });
  if (!local.ok) return local;
  try {
    const put = await local.value.putModels(new Map([[subject.sha256, subject.bytes]]));
    if (!put.ok) return put;
    const outputs: Uint8Array[] = [];
    for (const input of inputs) {
      const ran = await local.value.run(subject.sha256, subject.settings, input);
      if (!ran.ok)
        return ran.error.kind === 'modelFailsToRun' ? fail({ ...ran.error, path: subject.name }) : ran;
      outputs.push(ran.value);
    }
    return ok({ inputs, outputs, fromData: known !== null });
  } finally {
    await local.value.close();
  }
}

/** Inputs of one call each from the data of the run; null where they do not fit or cannot be read. */
async function dataInputs(
  { runInEngine }: AppParts,
  { data, inputShapes }: DeploySubject,
  signal: AbortSignal,
): Promise<readonly Uint8Array[] | null> {
  const [shape, ...others] = inputShapes;
  if (data === null || !shape || others.length > 0) return null;
  const valuesPerCall = shape.reduce((product, size) => product * size, 1);
  const job = {
    dataPath: data.path,
    modelPath: data.modelPath,
    seed: data.seed,
    valuesPerCall,
    calls: samplesWanted,
  };
  const read = await runInEngine('readInputs', job, observing(signal));
  return read.ok && read.value.calls.length > 0 ? read.value.calls : null;
}

function randomInputs({ inputShapes }: DeploySubject): readonly Uint8Array[] {
  const values = inputShapes.reduce(
    (sum, shape) => sum + shape.reduce((product, size) => product * size, 1),
    0,
  );
  let state = 1;
  // Park and Miller's generator: all that matters is that the same inputs come again.
  const next = (): number => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
  return Array.from({ length: samplesWanted }, () => {
    const floats = Float32Array.from({ length: values }, next);
    return new Uint8Array(floats.buffer);
  });
}

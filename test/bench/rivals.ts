import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { observing } from '../../electron/app/observing.ts';
import type { AccuracyComparison } from '../../electron/contract/api.ts';
import { makeEngineRunner } from '../../electron/engine/client.ts';
import { readModelFile } from '../../electron/engine/onnx/read.ts';
import { writeModel } from '../../electron/engine/onnx/write.ts';
import { rewriteModel } from '../../electron/engine/operators/rewrite.ts';
import { makeReference } from '../../electron/engine/stages/networks/fit.ts';
import { calibratedInt8 } from '../../electron/engine/stages/networks/precision.ts';
import { wholeModel } from '../../electron/engine/stages/networks/whole-model.ts';
import { scratchFolder } from './fieldtune.ts';
import { studyOf } from './study-of.ts';
import type { Subject } from './subjects.ts';
import { need } from './timed-together.ts';

/** A model file that was made of A without a search. */
export interface MadeModel {
  readonly name: string;
  readonly path: string;
}

/** A after nothing but the exact rewrites. */
export function exactRewrites({ modelPath }: Subject): MadeModel {
  const { model } = rewriteModel(need(readModelFile(modelPath)));
  const path = join(scratchFolder(), 'rewritten.onnx');
  writeFileSync(path, writeModel(model));
  return { name: 'exact rewrites only', path };
}

/** A in static INT8 as a whole, calibrated on the fit part; null where nothing in it can be. */
export async function staticInt8(subject: Subject): Promise<MadeModel | null> {
  const study = await studyOf(subject);
  if (!study.whole) return null;
  const { program, parameters } = study.whole;
  const form = await calibratedInt8(study, await makeReference(study), program, parameters, []);
  if (!form) return null;
  const path = join(scratchFolder(), 'int8.onnx');
  writeFileSync(path, writeModel(wholeModel(study, form.program, form.parameters)));
  return { name: 'static INT8 of A', path };
}

/** Accuracy of a model against A on the verify part of the run with this seed. Throws for a failure of the engine. */
export async function accuracyAgainst(
  { modelPath, dataPath }: Subject,
  modelPathB: string,
  seed: number,
): Promise<AccuracyComparison> {
  const job = { modelPathA: modelPath, modelPathB, dataPath, seed };
  return need(await makeEngineRunner()('evaluate', job, observing(new AbortController().signal)));
}

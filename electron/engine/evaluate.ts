import { basename } from 'node:path';
import type { AccuracyComparison } from '../contract/api.ts';
import type { AppError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import { openData } from './data/data.ts';
import type { EngineHost } from './host.ts';
import type { EvaluateJob } from './messages.ts';
import { headOf, openAgainst, runOnData, type Verified } from './run-on-data.ts';
import { compareOutputs } from './stages/judging/verify.ts';

/**
 * Accuracy of B against A on the verify part of the data, each run as its file says in plain onnxruntime.
 * Errors: those of the model and of the data, cancelled.
 */
export async function evaluate(
  job: EvaluateJob,
  host: EngineHost,
): Promise<Result<AccuracyComparison, AppError>> {
  // A decides which preprocessing holds: B stands in for A, so it must live with the same inputs.
  const opened = await openData(job.dataPath, basename(job.modelPathA), job.seed);
  if (!opened.ok) return opened;
  const data = opened.value;
  const a = openAgainst(data, job.modelPathA, job.dataPath);
  if (!a.ok) return a;
  const b = openAgainst(data, job.modelPathB, job.dataPath);
  if (!b.ok) return b;
  const head = headOf(data, a.value.model);
  const outputs: Verified[] = [];
  for (const [index, opened] of [a.value, b.value].entries()) {
    const part = data.parts.verify;
    const { count } = part;
    const goOn = (done: number): boolean => {
      host.event({
        kind: 'progress',
        stage: 'verify',
        done: index * count + done,
        total: 2 * count,
        note: { kind: 'evaluated', model: index === 0 ? 'a' : 'b', samples: count },
      });
      return !host.signal.aborted;
    };
    const ran = await runOnData(opened, data, { part, count, head, goOn });
    if (!ran.ok) return ran;
    outputs.push(ran.value);
  }
  const [ofA, ofB] = outputs;
  if (!ofA || !ofB) throw new Error('Two models were run');
  if (ofA.outputs.length === ofB.outputs.length) return ok(compareOutputs({ head, data }, ofA, ofB));
  return fail({
    kind: 'modelsDiffer',
    pathA: job.modelPathA,
    pathB: job.modelPathB,
    reason: `a sample gives ${ofA.outputs.length / ofA.samples} values in A and ${ofB.outputs.length / ofB.samples} in B`,
  });
}

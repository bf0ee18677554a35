import type { AccuracyComparison } from '../contract/api.ts';
import type { AppError } from '../contract/errors.ts';
import { fail, type Result } from '../contract/result.ts';
import type { EngineHost } from './host.ts';
import type { EvaluateJob } from './messages.ts';
import { checkModel } from './onnx/check.ts';
import { readModelFile } from './onnx/read.ts';
import { writeModel } from './onnx/write.ts';
import { need, openStudy, settled } from './stages/study.ts';
import { compareOutputs, runOnPart } from './stages/verify.ts';

/** B against A on the verify part, both run from their files in plain onnxruntime. */
export function evaluatePair(
  job: EvaluateJob,
  host: EngineHost,
): Promise<Result<AccuracyComparison, AppError>> {
  return settled(async () => {
    const { modelPathA, modelPathB, dataPath } = job;
    const study = need(
      await openStudy(
        {
          modelPath: modelPathA,
          dataPath,
          threads: 1,
          groupSize: 1,
          seed: 1,
          budgetSeconds: 1,
          elapsedSeconds: 0,
          maxAccuracyDrop: 0,
          targetSpeedup: null,
        },
        host,
      ),
    );
    const b = need(readModelFile(modelPathB));
    const shapes = need(checkModel(b, modelPathB, { sampleShape: study.data.sampleShape }));
    const [name] = [...shapes.keys()];
    const { verify } = study.data.parts;
    const outputsA = await runOnPart(study, study.originalBytes, study.original, verify, 'A');
    const outputsB = await runOnPart({ ...study, inputName: name! }, writeModel(b), b, verify, 'B');
    if (outputsA.outputs.length !== outputsB.outputs.length)
      return need(
        fail<AppError>({
          kind: 'modelBroken',
          path: modelPathB,
          reason: 'its outputs have other shapes than those of A',
        }),
      );
    return compareOutputs(study, outputsA, outputsB);
  });
}

import { basename } from 'node:path';
import type { AppError } from '../../contract/errors.ts';
import { fail, ok, type Result } from '../../contract/result.ts';
import { openData } from '../data/data.ts';
import type { ReadInputs, ReadInputsJob } from '../messages.ts';

/**
 * The first samples of the verify part as a model gets them, cut into calls. Errors: those of the data; `dataShape`
 * where a call takes no whole number of samples, dataTooFew for a single call.
 */
export async function readInputs({
  dataPath,
  modelPath,
  seed,
  valuesPerCall,
  calls,
}: ReadInputsJob): Promise<Result<ReadInputs, AppError>> {
  const opened = await openData(dataPath, basename(modelPath), seed);
  if (!opened.ok) return opened;
  const { parts, sampleShape } = opened.value;
  const { verify } = parts;
  const size = sampleShape.reduce((product, length) => product * length, 1);
  const samples = valuesPerCall / size;
  if (!Number.isInteger(samples) || samples < 1)
    return fail({ kind: 'dataShape', path: dataPath, expected: [valuesPerCall], actual: sampleShape });
  const count = Math.min(calls, Math.floor(verify.count / samples));
  if (count === 0)
    return fail({ kind: 'dataTooFew', path: dataPath, samples: verify.count, needed: samples });
  const all = await verify.read(Array.from({ length: count * samples }, (_, index) => index));
  return ok({
    calls: Array.from(
      { length: count },
      (_, call) => new Uint8Array(all.slice(call * valuesPerCall, (call + 1) * valuesPerCall).buffer),
    ),
  });
}

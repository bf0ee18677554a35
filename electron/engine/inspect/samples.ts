import { basename } from 'node:path';
import type { AppError } from '../../contract/errors.ts';
import { fail, ok, type Result } from '../../contract/result.ts';
import { openData } from '../data/data.ts';
import type { InspectedSample, InspectedSamples, InspectSamplesJob } from '../messages.ts';
import { appearanceOf } from './appearance.ts';

/** Samples of the verify part as they look. Errors: those of the data; dataTooFew where a sample is not there any more. */
export async function inspectSamples({
  dataPath,
  modelPath,
  seed,
  samples,
}: InspectSamplesJob): Promise<Result<InspectedSamples, AppError>> {
  const opened = await openData(dataPath, basename(modelPath), seed);
  if (!opened.ok) return opened;
  const data = opened.value;
  const { verify } = data.parts;
  const needed = 1 + Math.max(-1, ...samples);
  if (needed > verify.count)
    return fail({ kind: 'dataTooFew', path: dataPath, samples: verify.count, needed });
  const all = await verify.read(samples);
  const size = all.length / Math.max(1, samples.length);
  const inspected = await Promise.all(
    samples.map(
      async (sample, index): Promise<InspectedSample> => ({
        sample,
        ...(await appearanceOf(data, all.subarray(index * size, (index + 1) * size))),
        label: verify.labels?.[sample] ?? null,
      }),
    ),
  );
  return ok({ classNames: data.classNames, samples: inspected });
}

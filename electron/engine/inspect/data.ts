import { basename } from 'node:path';
import type { AppError } from '../../contract/errors.ts';
import { ok, type Result } from '../../contract/result.ts';
import type { DataCheck, DataDetail, PreviewSample } from '../../contract/views.ts';
import { type Data, openData, type Part } from '../data/data.ts';
import type { EngineHost } from '../host.ts';
import type { InspectDataJob } from '../messages.ts';
import { headOf, openAgainst, runOnData } from '../run-on-data.ts';
import { accuracy } from '../verify/agreement.ts';
import { appearanceOf, rangeOf } from './appearance.ts';

const previewSamples = 24;
const checkedSamples = 256;

/**
 * Data with a preview of its first samples for choosing; with a model, which is run on some of them. Errors: those
 * of the data and of the model, cancelled.
 */
export async function inspectData(
  { dataPath, modelPath, seed }: InspectDataJob,
  host: EngineHost,
): Promise<Result<DataDetail, AppError>> {
  const opened = await openData(dataPath, modelPath === null ? '' : basename(modelPath), seed);
  if (!opened.ok) return opened;
  const data = opened.value;
  const { fit, select, verify } = data.parts;
  const checked = modelPath === null ? ok(null) : await check(data, modelPath, dataPath, host);
  if (!checked.ok) return checked;

  const fromSelect = Math.min(previewSamples, select.count);
  const shown = [
    ...(await readSamples(select, fromSelect)),
    // Few data have fewer samples for choosing than are shown.
    ...(await readSamples(fit, Math.min(previewSamples - fromSelect, fit.count))),
  ];
  const preview = await Promise.all(
    shown.map(
      async ({ x, label }, index): Promise<PreviewSample> => ({
        ...(await appearanceOf(data, x)),
        label,
        predicted: (index < fromSelect ? checked.value?.predictions[index] : undefined) ?? null,
      }),
    ),
  );
  return ok({
    path: dataPath,
    name: data.name,
    task: data.task,
    classes: data.classNames,
    sampleShape: data.sampleShape,
    counts: { fit: fit.count, select: select.count, verify: verify.count },
    preprocessing: data.stored.steps,
    range: rangeOf(shown.map(({ x }) => x)),
    samplesByClass: countByClass(data),
    preview,
    check: checked.value?.check ?? null,
  });
}

/** The first samples of a part, one by one. */
async function readSamples(
  part: Part,
  count: number,
): Promise<readonly { readonly x: Float32Array; readonly label: number | null }[]> {
  if (count === 0) return [];
  const all = await part.read(Array.from({ length: count }, (_, index) => index));
  const size = all.length / count;
  return Array.from({ length: count }, (_, index) => ({
    x: all.subarray(index * size, (index + 1) * size),
    label: part.labels?.[index] ?? null,
  }));
}

function countByClass({ classes, parts }: Data): number[] | null {
  if (classes === null) return null;
  const counts = new Array<number>(classes).fill(0);
  for (const { labels } of [parts.fit, parts.select])
    for (const label of labels ?? []) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}

/** Runs the model on the first samples for choosing. */
async function check(
  data: Data,
  modelPath: string,
  dataPath: string,
  host: EngineHost,
): Promise<Result<{ readonly check: DataCheck; readonly predictions: Int32Array }, AppError>> {
  const opened = openAgainst(data, modelPath, dataPath);
  if (!opened.ok) return opened;
  const part = data.parts.select;
  const count = Math.min(checkedSamples, part.count);
  const head = headOf(data, opened.value.model);
  const goOn = (): boolean => !host.signal.aborted;
  const ran = await runOnData(opened.value, data, { part, count, head, goOn });
  if (!ran.ok) return ran;
  const { predictions } = ran.value;
  const labels = part.labels?.subarray(0, count) ?? null;
  const isClassified = labels !== null && predictions.length === labels.length;
  return ok({
    predictions,
    check: {
      samples: count,
      accuracy: isClassified ? 100 * accuracy(predictions, labels) : null,
      chance: labels === null ? null : (100 * commonest(labels)) / count,
    },
  });
}

/** How many samples the commonest class has. */
function commonest(labels: Int32Array): number {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return Math.max(0, ...counts.values());
}

import { openData } from '../../electron/engine/data/data.ts';
import { openPlainly, runPlainly } from './plain-runtime.ts';

/** Top-1 of a model file on the verify part, by nothing but onnxruntime; null where there are no labels. */
export async function plainAccuracy(
  modelPath: string,
  dataPath: string,
  modelFileName: string,
): Promise<number | null> {
  const opened = await openData(dataPath, modelFileName, 1);
  if (!opened.ok) throw new Error(opened.error.kind);
  const { verify } = opened.value.parts;
  if (!verify.labels) return null;
  const session = await openPlainly(modelPath);
  let right = 0;
  for (let i = 0; i < verify.count; i++) {
    const x = await verify.read([i]);
    const scores = (await runPlainly(session, x, [1, ...opened.value.sampleShape]))[0]!.data;
    if (scores.indexOf(Math.max(...scores)) === verify.labels[i]) right++;
  }
  return (100 * right) / verify.count;
}

import { basename } from 'node:path';
import { openData } from '../../electron/engine/data/data.ts';
import { detectorOutputs, matchBoxes } from '../../electron/engine/verify/boxes.ts';
import { openPlainly, runPlainly } from './plain-runtime.ts';

/** How far B's outputs are from A's on the verify part, by nothing but onnxruntime. */
export interface Fidelity {
  readonly samples: number;
  readonly outputs: readonly {
    readonly name: string;
    /** Over the samples. */
    readonly meanCosine: number;
    readonly lowestCosine: number;
  }[];
  /** Null where the outputs are not those of a detector. */
  readonly boxes: {
    readonly ofA: number;
    readonly ofB: number;
    readonly matched: number;
    /** Percent of A's boxes; null where A has none. */
    readonly percent: number | null;
  } | null;
}

/** Compares B's outputs with A's one sample at a time; null where the verify part has labels. */
export async function measureFidelity(
  modelPathA: string,
  modelPathB: string,
  dataPath: string,
  seed: number,
): Promise<Fidelity | null> {
  const opened = await openData(dataPath, basename(modelPathA), seed);
  if (!opened.ok) throw new Error(opened.error.kind);
  const { verify } = opened.value.parts;
  if (verify.labels) return null;
  const [a, b] = [await openPlainly(modelPathA), await openPlainly(modelPathB)];
  const cosines = a.outputNames.map((): number[] => []);
  const boxes = { ofA: 0, ofB: 0, matched: 0 };
  let isDetector = true;
  for (let i = 0; i < verify.count; i++) {
    const x = await verify.read([i]);
    const shape = [1, ...opened.value.sampleShape];
    const [outputsA, outputsB] = [await runPlainly(a, x, shape), await runPlainly(b, x, shape)];
    outputsA.forEach(({ data }, place) => void cosines[place]!.push(cosineOf(data, outputsB[place]!.data)));
    const places = detectorOutputs(outputsA);
    if (places === null) {
      isDetector = false;
      continue;
    }
    for (const { ofA, ofB, matched } of matchBoxes(outputsA, outputsB, places)) {
      boxes.ofA += ofA;
      boxes.ofB += ofB;
      boxes.matched += matched;
    }
  }
  return {
    samples: verify.count,
    outputs: cosines.map((some, place) => ({
      name: a.outputNames[place]!,
      meanCosine: some.reduce((sum, cosine) => sum + cosine, 0) / some.length,
      lowestCosine: Math.min(...some),
    })),
    boxes: isDetector
      ? { ...boxes, percent: boxes.ofA === 0 ? null : (100 * boxes.matched) / boxes.ofA }
      : null,
  };
}

function cosineOf(a: Float32Array, b: Float32Array): number {
  let [dot, ofA, ofB] = [0, 0, 0];
  a.forEach((value, i) => {
    dot += value * b[i]!;
    ofA += value * value;
    ofB += b[i]! * b[i]!;
  });
  return ofA === 0 && ofB === 0 ? 1 : dot / Math.sqrt(ofA * ofB);
}

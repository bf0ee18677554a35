import { readFileSync } from 'node:fs';
import type { SessionSettings } from './protocol.ts';
import { feedsFromBytes, type LoadedModel, loadModel, outputsToBytes } from './runtime.ts';
import { type SmokeReply, type SmokeSamples, unpackSmokeSamples } from './smoke-samples.ts';
import { messageOf } from './timing.ts';

/** Calls after the first of each sample, for the time. */
const timedCalls = 5;
/** Outputs smaller than this on the whole are not compared more closely than this. */
const leastRms = 1e-4;

/** Loads a model file and runs it on the samples; whatever goes wrong is the reply. */
export function smokeRun(modelPath: string, samplesPath: string, settings: SessionSettings): SmokeReply {
  try {
    const samples = unpackSmokeSamples(readFileSync(samplesPath));
    const model = loadModel(modelPath, settings);
    try {
      return judge(model, samples);
    } finally {
      model.dispose();
    }
  } catch (error) {
    return { ok: false, reason: messageOf(error) };
  }
}

function judge(model: LoadedModel, { inputs, outputs }: SmokeSamples): SmokeReply {
  let largestDifference = 0;
  let relativeError = 0;
  const timesUs: number[] = [];
  for (const [index, input] of inputs.entries()) {
    const feeds = feedsFromBytes(model, input);
    const given = outputsToBytes(model, model.call(feeds));
    const expected = outputs[index] ?? new Uint8Array(0);
    if (given.length !== expected.length)
      return { ok: false, reason: `it gives ${given.length} bytes of outputs, expected ${expected.length}` };
    const difference = compare(asFloats(given), asFloats(expected));
    if (difference === null) return { ok: false, reason: 'an output is not a finite number' };
    largestDifference = Math.max(largestDifference, difference.largest);
    relativeError = Math.max(relativeError, difference.relative);
    for (let call = 0; call < timedCalls; call++) {
      const startMs = performance.now();
      model.call(feeds);
      timesUs.push(1000 * (performance.now() - startMs));
    }
  }
  timesUs.sort((a, b) => a - b);
  const medianUs = timesUs[Math.floor(timesUs.length / 2)] ?? 0;
  return { ok: true, samples: inputs.length, largestDifference, relativeError, medianUs };
}

/** Null where a number is not finite that should be. */
function compare(
  given: Float32Array,
  expected: Float32Array,
): { readonly largest: number; readonly relative: number } | null {
  let largest = 0;
  let squares = 0;
  let norm = 0;
  for (const [index, value] of given.entries()) {
    const wanted = expected[index] ?? 0;
    if (!Number.isFinite(value) && Number.isFinite(wanted)) return null;
    const difference = Object.is(value, wanted) ? 0 : value - wanted;
    largest = Math.max(largest, Math.abs(difference));
    squares += difference * difference;
    norm += wanted * wanted;
  }
  return { largest, relative: Math.sqrt(squares / Math.max(norm, given.length * leastRms ** 2)) };
}

const asFloats = (bytes: Uint8Array): Float32Array => new Float32Array(new Uint8Array(bytes).buffer);

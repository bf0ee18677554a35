import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Tensor } from 'onnxruntime-node';
import type { ProfileEvent, ProfileReply, ProfileRequest } from './protocol.ts';
import { type LoadedModel, loadModel, randomFeeds } from './runtime.ts';
import { pause, timeCallUs, type WorkContext, warmUp } from './timing.ts';

/** What `profile` gives: the reply and the optimized model's bytes, empty when the runtime could not save it. */
export interface Profiled {
  readonly reply: ProfileReply;
  readonly optimizedModel: Uint8Array;
}

const inputSeed = 1;
const profilePrefix = 'profile';

/**
 * A clean pass without profiling, then an instrumented one of as many calls.
 * Throws the runtime's message when it refuses the model, `CancelledError` when cancelled.
 */
export async function profileModel(
  request: ProfileRequest,
  path: string,
  tempFolder: string,
  context: WorkContext,
): Promise<Profiled> {
  const total = 2 * request.iterations;
  const clean = loadModel(path, request.settings);
  let cleanUs: readonly number[];
  try {
    const feeds = randomFeeds(clean, inputSeed);
    warmUp(clean, feeds, request.warmupMs);
    cleanUs = await timeCalls(clean, feeds, request.iterations, context, (done) =>
      context.progress(done, total),
    );
  } finally {
    clean.dispose();
  }

  mkdirSync(tempFolder, { recursive: true });
  const folder = mkdtempSync(join(tempFolder, 'profile-'));
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeFolder);
  try {
    const optimizedModelPath = join(folder, 'optimized.onnx');
    const profiled = loadProfiled(path, request, folder, optimizedModelPath);
    let instrumentedUs: readonly number[];
    let warmupCalls: number;
    try {
      const feeds = randomFeeds(profiled, inputSeed);
      warmupCalls = warmUp(profiled, feeds, request.warmupMs).length;
      instrumentedUs = await timeCalls(profiled, feeds, request.iterations, context, (done) =>
        context.progress(request.iterations + done, total),
      );
      profiled.endProfiling();
    } finally {
      profiled.dispose();
    }
    const events = collapseProfile(readProfileFile(folder), warmupCalls);
    return { reply: { cleanUs, instrumentedUs, events }, optimizedModel: readOrEmpty(optimizedModelPath) };
  } finally {
    process.off('exit', removeFolder);
    removeFolder();
  }
}

/**
 * Collapses the runtime's trace to one event a node, its kernel times summed within each call
 * (a node in a loop body runs many times a call). The first `warmupCalls` calls are left out.
 * `trace` is the parsed JSON file: an array of Chrome trace events in the order they ended.
 */
export function collapseProfile(trace: unknown, warmupCalls: number): readonly ProfileEvent[] {
  if (!Array.isArray(trace)) throw new Error("The runtime's profile is not a list");
  const events = new Map<string, { event: Omit<ProfileEvent, 'callsUs'>; callsUs: Map<number, number> }>();
  let call = 0;
  for (const entry of trace) {
    const traced = readTraceEvent(entry);
    if (!traced) continue;
    // The runtime writes `model_run` when a call ends, after all its nodes.
    if (traced.category === 'Session' && traced.name === 'model_run') call++;
    if (traced.category !== 'Node' || !traced.name.endsWith(kernelSuffix) || call < warmupCalls) continue;
    const name = traced.name.slice(0, -kernelSuffix.length);
    const key = `${traced.nodeIndex} ${name}`;
    const known = events.get(key) ?? {
      event: {
        name,
        type: traced.type,
        outputBytes: traced.outputBytes,
        parameterBytes: traced.parameterBytes,
      },
      callsUs: new Map<number, number>(),
    };
    known.callsUs.set(call, (known.callsUs.get(call) ?? 0) + traced.durationUs);
    events.set(key, known);
  }
  return [...events.values()].map(({ event, callsUs }) => ({ ...event, callsUs: [...callsUs.values()] }));
}

const kernelSuffix = '_kernel_time';

interface TraceEvent {
  readonly category: string;
  readonly name: string;
  readonly durationUs: number;
  readonly type: string;
  readonly nodeIndex: string;
  readonly outputBytes: number;
  readonly parameterBytes: number;
}

function readTraceEvent(entry: unknown): TraceEvent | null {
  if (typeof entry !== 'object' || entry === null) return null;
  const { cat, name, dur, args } = entry as Readonly<Record<string, unknown>>; // checked field by field below
  if (typeof cat !== 'string' || typeof name !== 'string' || typeof dur !== 'number') return null;
  const details = (typeof args === 'object' && args !== null ? args : {}) as Readonly<
    Record<string, unknown>
  >;
  return {
    category: cat,
    name,
    durationUs: dur,
    type: String(details.op_name ?? ''),
    nodeIndex: String(details.node_index ?? ''),
    outputBytes: Number(details.output_size ?? 0),
    parameterBytes: Number(details.parameter_size ?? 0),
  };
}

/** Saving the optimized graph can fail for a model that runs; the profile matters more. */
function loadProfiled(
  path: string,
  request: ProfileRequest,
  folder: string,
  optimizedModelPath: string,
): LoadedModel {
  const files = { profilePrefix: join(folder, profilePrefix), optimizedModelPath };
  try {
    return loadModel(path, request.settings, files);
  } catch {
    // Half a file, and the trace of the session that failed, must not be taken for the real ones.
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { force: true });
    return loadModel(path, request.settings, { ...files, optimizedModelPath: null });
  }
}

async function timeCalls(
  model: LoadedModel,
  feeds: Readonly<Record<string, Tensor>>,
  count: number,
  context: WorkContext,
  report: (done: number) => void,
): Promise<readonly number[]> {
  const timesUs: number[] = [];
  for (let call = 0; call < count; call++) {
    timesUs.push(timeCallUs(model, feeds));
    await pause(context);
    report(call + 1);
  }
  return timesUs;
}

function readProfileFile(folder: string): unknown {
  const name = readdirSync(folder).find(
    (entry) => entry.startsWith(profilePrefix) && entry.endsWith('.json'),
  );
  if (name === undefined) throw new Error('The runtime wrote no profile');
  return JSON.parse(readFileSync(join(folder, name), 'utf8'));
}

function readOrEmpty(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch {
    return new Uint8Array(0);
  }
}

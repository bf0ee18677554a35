import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { OnnxModel } from '../../../electron/engine/onnx/model.ts';
import { writeModel } from '../../../electron/engine/onnx/write.ts';
import type { OptimizationLevel, ProfileEvent, ProfileReply } from '../../../electron/runner/protocol.ts';

interface TraceEvent {
  readonly cat: string;
  readonly name: string;
  readonly dur: number;
  readonly args?: {
    readonly op_name?: string;
    readonly output_size?: string;
    readonly parameter_size?: string;
  };
}

/** Profiles a model in this process as the runner would on a board, one thread. */
export async function profileModel(
  model: OnnxModel,
  level: OptimizationLevel,
  calls: number,
): Promise<{ readonly profile: ProfileReply; readonly optimizedModel: Uint8Array }> {
  const folder = mkdtempSync(join(tmpdir(), 'fieldtune-profile-'));
  try {
    const optimizedModelFilePath = join(folder, 'optimized.onnx');
    const session = await InferenceSession.create(writeModel(model), {
      enableProfiling: true,
      profileFilePrefix: join(folder, 'trace'),
      graphOptimizationLevel: level,
      optimizedModelFilePath,
      intraOpNumThreads: 1,
      logSeverityLevel: 3,
    });
    const feeds: Record<string, Tensor> = {};
    for (const input of model.inputs) {
      const dims = input.shape.map((d) => (typeof d === 'number' ? d : 1));
      const size = dims.reduce((a, b) => a * b, 1);
      feeds[input.name] = new Tensor(
        'float32',
        Float32Array.from({ length: size }, (_, i) => (i % 7) / 7),
        dims,
      );
    }
    const timesUs: number[] = [];
    for (let call = 0; call < calls; call++) {
      const start = performance.now();
      await session.run(feeds);
      timesUs.push((performance.now() - start) * 1000);
    }
    session.endProfiling();
    const traceFile = readdirSync(folder).find((name) => name.startsWith('trace')) ?? '';
    const trace = JSON.parse(readFileSync(join(folder, traceFile), 'utf8')) as TraceEvent[];
    return {
      profile: { cleanUs: timesUs, instrumentedUs: timesUs, events: collectEvents(trace) },
      optimizedModel: readFileSync(optimizedModelFilePath),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function collectEvents(trace: readonly TraceEvent[]): ProfileEvent[] {
  const events = new Map<string, ProfileEvent & { readonly callsUs: number[] }>();
  for (const { cat, name, dur, args } of trace) {
    if (cat !== 'Node' || !name.endsWith('_kernel_time')) continue;
    const node = name.replace(/_kernel_time$/, '');
    const event = events.get(node) ?? {
      name: node,
      type: args?.op_name ?? '',
      callsUs: [],
      outputBytes: Number(args?.output_size ?? 0),
      parameterBytes: Number(args?.parameter_size ?? 0),
    };
    event.callsUs.push(dur);
    events.set(node, event);
  }
  return [...events.values()];
}

import type { AppOptions } from '../../electron/app/app.ts';
import type { Changed } from '../../electron/contract/calls.ts';
import type { AppError } from '../../electron/contract/errors.ts';
import { fail, ok, type Result } from '../../electron/contract/result.ts';
import type { RunInEngine } from '../../electron/engine/client.ts';
import type { EngineJobs, JobName } from '../../electron/engine/messages.ts';

/** What an engine that is none gives for a job, and what it was started for. */
export type Answers = {
  readonly [N in JobName]?: (job: EngineJobs[N]['job']) => Result<EngineJobs[N]['value'], AppError>;
};

/** An engine that answers at once, here; a job without an answer is a mistake of the test. */
export const answering =
  (answers: Answers): RunInEngine =>
  async (name, job, host) => {
    if (host.signal.aborted) return fail({ kind: 'cancelled' });
    const answer: Answers[typeof name] = answers[name];
    if (!answer) throw new Error(`The test has no answer to ${name}`);
    return answer(job);
  };

/** Listens to an app; the list grows. */
export function changesOf(app: { onChange(listener: (what: Changed) => void): () => void }): Changed[] {
  const seen: Changed[] = [];
  app.onChange((what) => seen.push(what));
  return seen;
}

/** An app whose sample is the tiny model of its folder. */
export const withSample = (folder: string): Partial<AppOptions> => ({
  sample: { modelPath: `${folder}/tiny.onnx`, dataPath: `${folder}/data.npz` },
});

/** What inspecting the tiny model gives. */
export const inspected = (sha256: string) =>
  ok({
    sha256,
    name: 'as the engine calls it',
    path: 'as the engine sees it',
    sizeBytes: 1234,
    parameters: 56,
    isSample: false,
    opset: 13,
    producer: '',
    inputs: [],
    outputs: [],
    operators: [],
    multiplyAdds: null,
    opaque: [],
  });

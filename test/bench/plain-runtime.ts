import { InferenceSession, Tensor } from 'onnxruntime-node';

/** An output as onnxruntime gives it. */
export interface Output {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A model file as onnxruntime opens it by itself; only its warnings, a line for each initializer, are left out. */
export const openPlainly = (modelPath: string): Promise<InferenceSession> =>
  InferenceSession.create(modelPath, { logSeverityLevel: 3 });

/** The outputs of a session on one input `x` of this shape, by nothing but onnxruntime. */
export async function runPlainly(
  session: InferenceSession,
  x: Float32Array,
  shape: readonly number[],
): Promise<Output[]> {
  const results = await session.run({ [session.inputNames[0]!]: new Tensor('float32', x, [...shape]) });
  return session.outputNames.map((name) => {
    const { dims, data } = results[name]!;
    return { name, shape: dims, data: data as Float32Array };
  });
}

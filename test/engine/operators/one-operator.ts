import { expect } from 'vitest';
import { lowerToModel } from '../../../electron/engine/instructions/lower.ts';
import type { AttributeValue, OnnxModel, OnnxNode, Tensor } from '../../../electron/engine/onnx/model.ts';
import { importModel } from '../../../electron/engine/operators/import.ts';
import { openSession } from '../../../electron/engine/tuning/runtime.ts';

/** One operator on the input `x`. */
export interface Case {
  readonly type: string;
  readonly shape: readonly number[];
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  readonly operands?: readonly (Tensor | null)[];
  readonly opset?: number;
  readonly outputs?: number;
}

/** An integer attribute. */
export const int = (value: number): AttributeValue => ({ kind: 'int', value });
/** A list of integers as an attribute. */
export const ints = (...value: number[]): AttributeValue => ({ kind: 'ints', value });
/** A float attribute. */
export const float = (value: number): AttributeValue => ({ kind: 'float', value });
/** A text attribute. */
export const text = (value: string): AttributeValue => ({ kind: 'string', value });
/** An int64 vector. */
export const whole = (...data: number[]): Tensor => ({ type: 'int64', shape: [data.length], data });
/** A float tensor with smooth, reproducible values. */
export const wave = (shape: readonly number[], phase = 0.3, offset = 0): Tensor => ({
  type: 'float32',
  shape,
  data: Float32Array.from(
    { length: shape.reduce((a, d) => a * d, 1) },
    (_, i) => offset + 0.8 * Math.sin(phase + i * 0.7),
  ),
});
/** A float scalar. */
export const number = (value: number): Tensor => ({
  type: 'float32',
  shape: [],
  data: Float32Array.of(value),
});
/** Four channels of 6 by 6. */
export const image = [-1, 4, 6, 6];

/** The operator as a model of its own. */
export function modelOf(c: Case): OnnxModel {
  const initializers = new Map<string, Tensor>();
  const inputs = ['x'];
  for (const [i, tensor] of (c.operands ?? []).entries()) {
    inputs.push(tensor ? `operand_${i}` : '');
    if (tensor) initializers.set(`operand_${i}`, tensor);
  }
  const outputs = Array.from({ length: c.outputs ?? 1 }, (_, i) => `y_${i}`);
  const node: OnnxNode = {
    name: 'node',
    type: c.type,
    domain: '',
    inputs,
    outputs,
    attributes: c.attributes ?? {},
  };
  return {
    irVersion: 8,
    opsets: { '': c.opset ?? 17 },
    producer: 'test',
    graphName: 'one operator',
    inputs: [{ name: 'x', type: 'float32', shape: c.shape.map((d) => (d < 0 ? 'N' : d)) }],
    outputs: outputs.map((name) => ({ name, type: 'float32', shape: [] })),
    nodes: [node],
    initializers,
    metadata: {},
  };
}

/** Imports the model and compares the program, lowered, with the model itself. */
export async function bothAgree(model: OnnxModel, shape: readonly number[], batch: number): Promise<void> {
  const imported = importModel(model, new Map([[model.inputs[0]!.name, shape]]));
  expect(imported.opaque).toEqual([]);
  const dims = shape.map((d) => (d < 0 ? batch : d));
  const x = wave(dims, 0.1).data as Float32Array;
  const opset = Math.max(17, model.opsets['']!);
  const sessions = [
    await openSession(model, 1),
    await openSession(lowerToModel(imported.program, imported.parameters, { opset, batch }), 1),
  ];
  const [a, b] = await Promise.all(
    sessions.map((s) => s.run({ [model.inputs[0]!.name]: { shape: dims, data: x } })),
  );
  sessions[0]!.outputs.forEach((name, n) => {
    const [expected, actual] = [a![name]!, b![sessions[1]!.outputs[n]!]!];
    expect(actual.shape).toEqual(expected.shape);
    const worst = expected.data.reduce(
      (most, v, i) => Math.max(most, Math.abs(v - actual.data[i]!) - 1e-4 * Math.abs(v)),
      0,
    );
    expect(worst).toBeLessThan(1e-5);
  });
  await Promise.all(sessions.map((s) => s.release()));
}

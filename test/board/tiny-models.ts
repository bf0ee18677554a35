import { createHash } from 'node:crypto';
import type { ElementType, OnnxModel, Tensor } from '../../electron/engine/onnx/model.ts';
import { writeModel } from '../../electron/engine/onnx/write.ts';

/** A model's bytes and their sha256. */
export interface TinyModel {
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

/** x [1,width] → `layers` times MatMul + Relu → y [1,width]; every weight is 1/width. */
export function makeDenseModel(width: number, layers: number, inputType: ElementType = 'float32'): TinyModel {
  const initializers = new Map<string, Tensor>();
  const nodes: OnnxModel['nodes'][number][] = [];
  const node = (name: string, type: string, inputs: string[], output: string): void => {
    nodes.push({ name, type, domain: '', inputs, outputs: [output], attributes: {} });
  };
  let value = 'x';
  if (inputType !== 'float32') {
    nodes.push({
      name: 'cast',
      type: 'Cast',
      domain: '',
      inputs: ['x'],
      outputs: ['x32'],
      attributes: { to: { kind: 'int', value: 1 } },
    });
    value = 'x32';
  }
  for (let layer = 0; layer < layers; layer++) {
    const weights = new Float32Array(width * width).fill(1 / width);
    initializers.set(`w${layer}`, { type: 'float32', shape: [width, width], data: weights });
    node(`dense${layer}`, 'MatMul', [value, `w${layer}`], `m${layer}`);
    value = layer === layers - 1 ? 'y' : `h${layer}`;
    node(`relu${layer}`, 'Relu', [`m${layer}`], value);
  }
  return asTinyModel(
    writeModel({
      irVersion: 8,
      opsets: { '': 13 },
      producer: 'test',
      graphName: 'dense',
      inputs: [{ name: 'x', type: inputType, shape: ['batch', width] }],
      outputs: [{ name: 'y', type: 'float32', shape: ['batch', width] }],
      nodes,
      initializers,
      metadata: {},
    }),
  );
}

/** x [batch,n] → y [batch,n] with y[i] = factor · x[order[i]]. */
export function makeOrderModel(order: readonly number[], factor = 1): TinyModel {
  const width = order.length;
  const weights = new Float32Array(width * width);
  for (const [to, from] of order.entries()) weights[from * width + to] = factor;
  const tensor: Tensor = { type: 'float32', shape: [width, width], data: weights };
  return asTinyModel(
    writeModel({
      irVersion: 8,
      opsets: { '': 13 },
      producer: 'test',
      graphName: 'order',
      inputs: [{ name: 'x', type: 'float32', shape: ['batch', width] }],
      outputs: [{ name: 'y', type: 'float32', shape: ['batch', width] }],
      nodes: [
        { name: 'order', type: 'MatMul', domain: '', inputs: ['x', 'w'], outputs: ['y'], attributes: {} },
      ],
      initializers: new Map([['w', tensor]]),
      metadata: {},
    }),
  );
}

/** Bytes that no runtime takes for a model. */
export const garbageModel: TinyModel = asTinyModel(Buffer.from('this is not a model'));

/** Names bytes by their sha256. */
export function asTinyModel(bytes: Uint8Array): TinyModel {
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** The map that `putModels` takes. */
export function asModelMap(models: readonly TinyModel[]): ReadonlyMap<string, Uint8Array> {
  return new Map(models.map((model) => [model.sha256, model.bytes]));
}

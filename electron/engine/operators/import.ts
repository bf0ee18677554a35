// STAND-IN while the real import is being written.
import { ProgramBuilder } from '../instructions/builder.ts';
import type { Program, Shape } from '../instructions/program.ts';
import type { OnnxModel, OnnxNode } from '../onnx/model.ts';

const I = (n: OnnxNode, k: string, d: number[]) => {
  const a = n.attributes[k];
  return a?.kind === 'ints' ? [...a.value] : d;
};
function define(b: ProgramBuilder, n: OnnxNode, id: (t: string) => number, m: OnnxModel): number {
  const x = () => id(n.inputs[0]!);
  const y = () => id(n.inputs[1]!);
  switch (n.type) {
    case 'Conv': {
      const w = b.shape(y());
      const s = w.length - 2;
      const g = n.attributes['group'];
      const c = b.add('conv', [x(), y()], {
        strides: I(n, 'strides', Array(s).fill(1)),
        dilations: I(n, 'dilations', Array(s).fill(1)),
        pads: I(n, 'pads', Array(2 * s).fill(0)),
        groups: g?.kind === 'int' ? g.value : 1,
      });
      if (!n.inputs[2]) return c;
      const bias = id(n.inputs[2]);
      const k = w[0]!;
      return b.add('add', [c, b.add('reshape', [bias], { shape: [1, k, 1, 1] })], {});
    }
    case 'Relu':
      return b.add('relu', [x()], {});
    case 'Add':
      return b.add('add', [x(), y()], {});
    case 'Mul':
      return b.add('mul', [x(), y()], {});
    case 'MatMul':
      return b.add('matmul', [x(), y()], {});
    case 'Gemm': {
      const tb = n.attributes['transB'];
      let w = y();
      if (tb?.kind === 'int' && tb.value === 1) w = b.add('transpose', [w], { permutation: [1, 0] });
      const p = b.add('matmul', [x(), w], {});
      return n.inputs[2] ? b.add('add', [p, id(n.inputs[2])], {}) : p;
    }
    case 'MaxPool': {
      const k = I(n, 'kernel_shape', []);
      return b.add('maxPool', [x()], {
        kernel: k,
        strides: I(
          n,
          'strides',
          k.map(() => 1),
        ),
        pads: I(n, 'pads', [0, 0, 0, 0]),
      });
    }
    case 'AveragePool': {
      const k = I(n, 'kernel_shape', []);
      return b.add('averagePool', [x()], {
        kernel: k,
        strides: I(
          n,
          'strides',
          k.map(() => 1),
        ),
        pads: I(n, 'pads', [0, 0, 0, 0]),
        countIncludePad: false,
      });
    }
    case 'GlobalAveragePool':
      return b.add('mean', [x()], { axes: [2, 3], keepDims: true });
    case 'Transpose':
      return b.add('transpose', [x()], { permutation: I(n, 'perm', []) });
    case 'Flatten': {
      const s = b.shape(x());
      return b.add('reshape', [x()], { shape: [-1, s.slice(1).reduce((a, d) => a * d, 1)] });
    }
    case 'Reshape': {
      const t = m.initializers.get(n.inputs[1]!)!;
      const s = [...(t.data as number[])];
      const own = b.shape(x());
      const total = own.reduce((a, d) => a * Math.abs(d), 1);
      if (s[0] === -1 || s[0] === 1) s[0] = -1;
      const j = s.findIndex((d, i) => i > 0 && d === -1);
      if (j > 0) {
        const r = s.reduce((a, d, i) => (i === j ? a : a * Math.abs(d)), 1);
        s[j] = total / r;
      }
      return b.add('reshape', [x()], { shape: s });
    }
    case 'BatchNormalization': {
      const v = (k: number) => m.initializers.get(n.inputs[k]!)!.data as Float32Array;
      const e = n.attributes['epsilon'];
      const eps = e?.kind === 'float' ? e.value : 1e-5;
      const c = v(1).length;
      const sc = Array.from(v(1), (g, i) => g / Math.sqrt(v(4)[i]! + eps));
      const sh = Array.from(v(2), (t, i) => t - v(3)[i]! * sc[i]!);
      const cs = [1, c, 1, 1];
      return b.add(
        'add',
        [
          b.add('mul', [x(), b.add('constant', [], { shape: cs, values: sc })], {}),
          b.add('constant', [], { shape: cs, values: sh }),
        ],
        {},
      );
    }
    default:
      throw new Error(`no ${n.type}`);
  }
}
function build(m: OnnxModel, nodes: readonly OnnxNode[], inputs: ReadonlyMap<string, Shape>) {
  const b = new ProgramBuilder();
  const values = new Map<string, number>();
  const parameters = new Map<string, { shape: readonly number[]; data: Float32Array }>();
  for (const [k, s] of inputs) values.set(k, b.input(k, s));
  const id = (t: string): number => {
    const v = values.get(t);
    if (v !== undefined) return v;
    const init = m.initializers.get(t);
    if (init?.type !== 'float32') throw new Error(`no ${t}`);
    parameters.set(t, init);
    const p = b.parameter(t, init.shape);
    values.set(t, p);
    return p;
  };
  for (const n of nodes) values.set(n.outputs[0]!, define(b, n, id, m));
  return { b, values, parameters };
}
export interface ImportedModel {
  program: Program;
  values: ReadonlyMap<string, number>;
  shapes: ReadonlyMap<string, Shape>;
  opaque: readonly { operator: string; reason: string }[];
  parameters: ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;
}
export function importModel(m: OnnxModel, inputs: ReadonlyMap<string, Shape>): ImportedModel {
  const { b, values, parameters } = build(m, m.nodes, inputs);
  const shapes = new Map([...values].map(([k, v]) => [k, b.shape(v)] as const));
  return {
    program: { instructions: b.instructions, outputs: m.outputs.map((o) => values.get(o.name)!) },
    values,
    shapes,
    opaque: [],
    parameters,
  };
}
export function importRegion(
  m: OnnxModel,
  names: ReadonlySet<string>,
  shapes: ReadonlyMap<string, Shape>,
): Program {
  const nodes = m.nodes.filter((n) => names.has(n.name));
  const made = new Set(nodes.flatMap((n) => n.outputs));
  const ins = new Map<string, Shape>();
  for (const n of nodes)
    for (const i of n.inputs) if (i && !made.has(i) && !m.initializers.has(i)) ins.set(i, shapes.get(i)!);
  const { b, values } = build(m, nodes, ins);
  const outs = nodes
    .flatMap((n) => n.outputs)
    .filter(
      (o) =>
        m.outputs.some((x) => x.name === o) ||
        m.nodes.some((n) => !names.has(n.name) && n.inputs.includes(o)),
    );
  return b.build(outs.map((o) => values.get(o)!));
}

// STAND-IN
import type { Shape } from '../instructions/program.ts';
import type { OnnxModel } from '../onnx/model.ts';
export interface Group {
  name: string;
  operators: readonly string[];
  input: string;
  output: string;
  inputShape: Shape;
  outputShape: Shape;
  heavy: number;
}
export function findGroups(m: OnnxModel, shapes: ReadonlyMap<string, Shape>, size: number): Group[] {
  const out: Group[] = [];
  for (let i = 0; i < m.nodes.length; i++)
    for (let j = i; j < m.nodes.length; j++) {
      const nodes = m.nodes.slice(i, j + 1);
      const heavy = nodes.filter((n) => ['Conv', 'Gemm', 'MatMul'].includes(n.type)).length;
      if (heavy > size) break;
      if (heavy === 0 || nodes[0]!.type === 'Relu' || !['Conv', 'Gemm', 'MatMul'].includes(nodes[0]!.type))
        continue;
      const made = new Set(nodes.flatMap((n) => n.outputs));
      const ins = new Set(
        nodes.flatMap((n) => n.inputs).filter((t) => t && !made.has(t) && !m.initializers.has(t)),
      );
      const outs = [...made].filter(
        (o) =>
          m.outputs.some((x) => x.name === o) ||
          m.nodes.some((n, k) => (k < i || k > j) && n.inputs.includes(o)),
      );
      const next = m.nodes[j + 1];
      if (next && ['Relu'].includes(next.type)) continue;
      if (next && next.type === 'Add' && m.initializers.has(next.inputs[1]!)) continue;
      if (ins.size !== 1 || outs.length !== 1) continue;
      const [input] = [...ins];
      out.push({
        name: `${nodes[0]!.name}..${nodes.at(-1)!.name}`,
        operators: nodes.map((n) => n.name),
        input: input!,
        output: outs[0]!,
        inputShape: shapes.get(input!)!,
        outputShape: shapes.get(outs[0]!)!,
        heavy,
      });
    }
  return out;
}

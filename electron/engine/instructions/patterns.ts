import { attributesOf } from './contractions.ts';
import { layerNormalization } from './normalization-pattern.ts';
import { Graph, type Match, type Pattern, scalarOf } from './pattern-graph.ts';
import type { Program } from './program.ts';
import { float, int, ints } from './row.ts';
import { sameShape } from './shapes.ts';

/** Finds the best operators: `fused` by the last instruction of each pattern, `absorbed` those inside one. */
export function matchPatterns(
  program: Program,
  opset: number,
): { fused: Map<number, Pattern>; absorbed: Set<number> } {
  const graph = new Graph(program, opset);
  const fused = new Map<number, Pattern>();
  const absorbed = new Set<number>();
  const rules = [
    convolution,
    gemm,
    globalAverage,
    hardSwish,
    hardSigmoid,
    softmax,
    layerNormalization,
    slices,
  ];
  for (let id = program.instructions.length - 1; id >= 0; id--) {
    if (absorbed.has(id)) continue;
    for (const rule of rules) {
      const match = rule(graph, id);
      if (!match) continue;
      fused.set(id, match);
      for (const inner of match.inner) absorbed.add(inner);
      break;
    }
  }
  return { fused, absorbed };
}

/** conv(pad(x), w) + bias → Conv; the bias is a vector [K] that was reshaped to [K,1,1]. */
function convolution(graph: Graph, id: number): Match | null {
  const sum = graph.is(id, 'add');
  const options = sum ? [sum.inputs, [...sum.inputs].reverse()] : [[id, -1]];
  for (const [convId, biasId] of options) {
    const conv = graph.is(convId!, 'conv') ?? graph.is(convId!, 'convTranspose');
    if (!conv || (sum && !graph.private(convId!, id))) continue;
    const channels = conv.shape[1]!;
    let bias: number | null = null;
    const inner: number[] = [];
    if (sum) {
      const view = graph.is(biasId!, 'reshape');
      const vector = view ? view.inputs[0]! : -1;
      if (!view || !sameShape(sum.shape, conv.shape) || !sameShape(graph.get(vector).shape, [channels]))
        continue;
      if (view.shape[view.shape.length - conv.shape.length + 1] !== channels) continue;
      bias = vector;
      inner.push(convId!);
      if (graph.private(biasId!, id)) inner.push(biasId!);
    }
    let [x, w] = [conv.inputs[0]!, conv.inputs[1]!];
    let { pads } = conv.attributes;
    const pad = conv.op === 'conv' ? graph.is(x, 'pad') : null;
    if (pad?.attributes.value === 0 && graph.private(x, convId!)) {
      const { before, after } = pad.attributes;
      if (before[0] === 0 && before[1] === 0 && after[0] === 0 && after[1] === 0) {
        pads = pads.map((p, i) => p + [...before.slice(2), ...after.slice(2)][i]!);
        inner.push(x);
        x = pad.inputs[0]!;
      }
    }
    if (!sum && inner.length === 0) return null;
    const a = conv.attributes;
    const weight = graph.get(w).shape;
    return {
      inner,
      emit: (e, name, output) => {
        const attributes = {
          ...attributesOf(e, { ...a, pads }, weight),
          ...('outputPads' in a ? { output_padding: ints(a.outputPads) } : {}),
        };
        const type = conv.op === 'conv' ? 'Conv' : 'ConvTranspose';
        e.node(type, [name(x), name(w), ...(bias === null ? [] : [name(bias)])], attributes, output);
      },
    };
  }
  return null;
}

/** x·w + bias over matrices → Gemm, which also transposes w. */
function gemm(graph: Graph, id: number): Match | null {
  const sum = graph.is(id, 'add');
  if (!sum) return null;
  for (const [productId, biasId] of [sum.inputs, [...sum.inputs].reverse()]) {
    const product = graph.is(productId!, 'matmul');
    const bias = graph.get(biasId!);
    if (!product || !graph.private(productId!, id) || !sameShape(product.shape, sum.shape)) continue;
    const [x, w] = [product.inputs[0]!, product.inputs[1]!];
    if (graph.get(x).shape.length !== 2 || graph.get(w).shape.length !== 2) continue;
    if (bias.op !== 'parameter' || !sameShape(bias.shape, [sum.shape[1]!])) continue;
    const turned = graph.private(w, productId!) ? graph.is(w, 'transpose') : null;
    const weight = turned ? turned.inputs[0]! : w;
    const attributes = turned ? { transB: int(1) } : {};
    return {
      inner: turned ? [productId!, w] : [productId!],
      emit: (e, name, output) =>
        void e.node('Gemm', [name(x), name(weight), name(biasId!)], attributes, output),
    };
  }
  return null;
}

/** The mean over all spatial axes → GlobalAveragePool. */
function globalAverage(graph: Graph, id: number): Match | null {
  const mean = graph.is(id, 'mean');
  if (!mean?.attributes.keepDims) return null;
  const x = mean.inputs[0]!;
  const rank = graph.get(x).shape.length;
  const axes = [...mean.attributes.axes].sort((a, b) => a - b);
  if (rank < 3 || axes.length !== rank - 2 || axes.some((a, i) => a !== i + 2)) return null;
  return { inner: [], emit: (e, name, output) => void e.node('GlobalAveragePool', [name(x)], {}, output) };
}

/** x · clip(x/6 + ½, 0, 1) → HardSwish (opset 14). */
function hardSwish(graph: Graph, id: number): Match | null {
  const product = graph.is(id, 'mul');
  if (!product || graph.opset < 14) return null;
  for (const [x, gateId] of [product.inputs, [...product.inputs].reverse()]) {
    const gate = graph.is(gateId!, 'clip');
    if (gate?.attributes.min !== 0 || gate.attributes.max !== 1) continue;
    const shiftId = gate.inputs[0]!;
    const shift = graph.is(shiftId, 'add');
    const scaledId = shift?.inputs.find((i) => graph.is(i, 'mul') || graph.is(i, 'div'));
    const half = shift?.inputs.find((i) => isScalar(graph, i, 0.5));
    if (scaledId === undefined || half === undefined) continue;
    const scaled = graph.get(scaledId);
    const sixth = scaled.op === 'mul' ? 1 / 6 : 6;
    const isSixth = scaled.inputs.includes(x!) && scaled.inputs.some((i) => isScalar(graph, i, sixth));
    const order = scaled.op === 'mul' || scaled.inputs[0] === x;
    if (!isSixth || !order) continue;
    if (!graph.private(gateId!, id) || !graph.private(shiftId, gateId!) || !graph.private(scaledId, shiftId))
      continue;
    return {
      inner: [gateId!, shiftId, scaledId],
      emit: (e, name, output) => void e.node('HardSwish', [name(x!)], {}, output),
    };
  }
  return null;
}

/** clip(a·x + b, 0, 1) with numbers a and b → HardSigmoid. */
function hardSigmoid(graph: Graph, id: number): Match | null {
  const clip = graph.is(id, 'clip');
  if (clip?.attributes.min !== 0 || clip.attributes.max !== 1) return null;
  const inner = [clip.inputs[0]!];
  if (!graph.private(inner[0]!, id)) return null;
  const line = graph.is(inner[0]!, 'add');
  let beta = 0;
  if (line) {
    const shift = line.inputs.findIndex((i) => scalarOf(graph, i) !== null);
    if (shift < 0) return null;
    beta = scalarOf(graph, line.inputs[shift]!)!;
    inner.push(line.inputs[1 - shift]!);
    if (!graph.private(inner[1]!, inner[0]!)) return null;
  }
  const scaled = graph.is(inner.at(-1)!, 'mul');
  const factor = scaled?.inputs.findIndex((i) => scalarOf(graph, i) !== null) ?? -1;
  if (!scaled || factor < 0) return null;
  const x = scaled.inputs[1 - factor]!;
  if (!sameShape(graph.get(x).shape, clip.shape)) return null;
  const alpha = scalarOf(graph, scaled.inputs[factor]!)!;
  return {
    inner,
    emit: (e, name, output) =>
      void e.node('HardSigmoid', [name(x)], { alpha: float(alpha), beta: float(beta) }, output),
  };
}

/** exp(x − max) / Σ over one axis → Softmax (the last axis below opset 13). */
function softmax(graph: Graph, id: number): Match | null {
  const quotient = graph.is(id, 'div');
  if (!quotient) return null;
  const [eId, sumId] = [quotient.inputs[0]!, quotient.inputs[1]!];
  const [e, sum] = [graph.is(eId, 'exp'), graph.is(sumId, 'sum')];
  if (!e || !sum?.attributes.keepDims || sum.inputs[0] !== eId || sum.attributes.axes.length !== 1)
    return null;
  const differenceId = e.inputs[0]!;
  const difference = graph.is(differenceId, 'sub');
  const topId = difference?.inputs[1];
  const top = topId === undefined ? null : graph.is(topId, 'reduceMax');
  const x = difference?.inputs[0];
  if (!top?.attributes.keepDims || topId === undefined || x === undefined || top.inputs[0] !== x) return null;
  const axis = sum.attributes.axes[0]!;
  const last = graph.get(x).shape.length - 1;
  if (top.attributes.axes.join() !== String(axis) || (graph.opset < 13 && axis !== last)) return null;
  const isPrivate =
    graph.private(eId, sumId, id) &&
    graph.private(sumId, id) &&
    graph.private(differenceId, eId) &&
    graph.private(topId, differenceId);
  if (!isPrivate) return null;
  return {
    inner: [eId, sumId, differenceId, topId],
    emit: (emitter, name, output) => void emitter.node('Softmax', [name(x)], { axis: int(axis) }, output),
  };
}

/** Slices along different axes in a row → one Slice (opset 10). */
function slices(graph: Graph, id: number): Match | null {
  const last = graph.is(id, 'slice');
  if (!last || graph.opset < 10) return null;
  const chain = [last];
  const inner: number[] = [];
  for (let at = last.inputs[0]!, reader = id; ; ) {
    const next = graph.is(at, 'slice');
    const isNew = next && chain.every((s) => s.attributes.axis !== next.attributes.axis);
    if (!isNew || !graph.private(at, reader)) break;
    chain.push(next);
    inner.push(at);
    reader = at;
    at = next.inputs[0]!;
  }
  if (inner.length === 0) return null;
  const x = chain.at(-1)!.inputs[0]!;
  const all = chain.map((s) => s.attributes);
  return {
    inner,
    emit: (e, name, output) => {
      const starts = e.ints(all.map((a) => a.start));
      const ends = e.ints(all.map((a) => a.end));
      const axes = e.ints(all.map((a) => a.axis));
      e.node('Slice', [name(x), starts, ends, axes, e.ints(all.map((a) => a.step))], {}, output);
    },
  };
}

function isScalar(graph: Graph, id: number, value: number): boolean {
  const own = scalarOf(graph, id);
  return own !== null && Math.abs(own - value) < 1e-6;
}

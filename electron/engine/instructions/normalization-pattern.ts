import { type Graph, type Match, scalarOf } from './pattern-graph.ts';
import { float, int } from './row.ts';
import { sameShape } from './shapes.ts';

/** γ·(x − mean)/√(variance + ε) + β over the last axes, with or without β → LayerNormalization (opset 17). */
export function layerNormalization(graph: Graph, id: number): Match | null {
  if (graph.opset < 17) return null;
  const sum = graph.is(id, 'add');
  for (const [scaledId, betaId] of sum ? [sum.inputs, [...sum.inputs].reverse()] : [[id, -1]]) {
    const scaled = graph.is(scaledId!, 'mul');
    if (!scaled || (sum && !graph.private(scaledId!, id))) continue;
    for (const [unitId, gammaId] of [scaled.inputs, [...scaled.inputs].reverse()]) {
      const core = normalizedBy(graph, unitId!);
      if (!core || !graph.private(unitId!, scaledId!)) continue;
      const { x, axes, epsilon } = core;
      const rows = graph.get(x).shape.slice(-axes);
      const operands = sum ? [gammaId!, betaId!] : [gammaId!];
      if (operands.some((operand) => !sameShape(graph.get(operand).shape, rows))) continue;
      return {
        inner: sum ? [scaledId!, unitId!, ...core.inner] : [unitId!, ...core.inner],
        emit: (e, name, output) =>
          void e.node(
            'LayerNormalization',
            [name(x), ...operands.map(name)],
            { axis: int(-axes), epsilon: float(epsilon) },
            output,
          ),
      };
    }
  }
  return null;
}

/** (x − mean)/√(variance + ε) over so many of the last axes. */
function normalizedBy(graph: Graph, id: number) {
  const [centredId, rootId] = graph.is(id, 'div')?.inputs ?? [];
  const raisedId = rootId === undefined ? undefined : graph.is(rootId, 'sqrt')?.inputs[0];
  const raised = raisedId === undefined ? null : graph.is(raisedId, 'add');
  const varianceId = raised?.inputs.find((i) => graph.is(i, 'mean'));
  const epsilonId = raised?.inputs.find((i) => i !== varianceId);
  if (centredId === undefined || rootId === undefined || raisedId === undefined) return null;
  if (varianceId === undefined || epsilonId === undefined) return null;
  const epsilon = scalarOf(graph, epsilonId);
  const variance = graph.is(varianceId, 'mean');
  const squareId = variance?.inputs[0];
  const centred = graph.is(centredId, 'sub');
  const meanId = centred?.inputs[1];
  const mean = meanId === undefined ? null : graph.is(meanId, 'mean');
  const x = centred?.inputs[0];
  if (epsilon === null || !variance || !mean || squareId === undefined || x === undefined) return null;
  const [base, exponent] = graph.is(squareId, 'pow')?.inputs ?? [];
  const isSquare =
    graph.is(squareId, 'mul')?.inputs.every((i) => i === centredId) ??
    (base === centredId && exponent !== undefined && scalarOf(graph, exponent) === 2);
  const rank = graph.get(x).shape.length;
  const sorted = [...mean.attributes.axes].sort((a, b) => a - b);
  const areLast = sorted.every((axis, i) => axis === rank - sorted.length + i);
  const areSame = variance.attributes.axes.toSorted((a, b) => a - b).join() === sorted.join();
  const keep = mean.attributes.keepDims && variance.attributes.keepDims;
  if (!isSquare || mean.inputs[0] !== x || !areLast || !areSame || !keep) return null;
  const isPrivate =
    graph.private(centredId, id, squareId) &&
    graph.private(rootId, id) &&
    graph.private(raisedId, rootId) &&
    graph.private(varianceId, raisedId) &&
    graph.private(squareId, varianceId) &&
    graph.private(meanId!, centredId);
  return isPrivate
    ? { x, axes: sorted.length, epsilon, inner: [centredId, rootId, raisedId, varianceId, squareId, meanId!] }
    : null;
}

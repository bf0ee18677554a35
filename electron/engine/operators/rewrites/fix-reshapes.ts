import { checkModel } from '../../onnx/check.ts';
import type { OnnxModel, OnnxNode, Tensor } from '../../onnx/model.ts';
import { importModel, shapeArithmetic } from '../import.ts';
import type { Affine } from '../symbolic.ts';
import type { Applied, Refused } from './rewrite-rule.ts';

const rule = 'fix Reshape targets';

/**
 * A Reshape whose target the model computes from shapes it knows (Shape, Gather, Concat, …) gets it as a constant:
 * an extent that is the batch is written 0 where the operand has it in the same place, else −1, of which there can
 * be one. The arithmetic that nothing else reads goes away.
 */
export function fixReshapes(model: OnnxModel): {
  readonly model: OnnxModel;
  readonly applied: readonly Applied[];
  readonly refused: readonly Refused[];
} {
  const untouched = { model, applied: [], refused: [] };
  const candidates = model.nodes.filter((node) => isCandidate(model, node));
  const inputs = candidates.length > 0 ? checkModel(model, '') : undefined;
  if (!inputs?.ok) return untouched;
  const { shapes } = importModel(model, inputs.value);
  const known = shapeArithmetic(model, shapes);
  const initializers = new Map<string, Tensor>(model.initializers);
  const targets = new Map<OnnxNode, string>();
  const refused: Refused[] = [];
  for (const node of candidates) {
    const numbers = known.get(node.inputs[1]!)?.values;
    const target = numbers && targetOf(numbers, shapes.get(node.inputs[0]!) ?? []);
    if (!target) {
      const reason = numbers
        ? 'more than one extent depends on the batch'
        : 'its target is not known before it runs';
      refused.push({ rule, operator: node.name, reason });
      continue;
    }
    const name = `${node.name}/target`;
    if (initializers.has(name)) continue;
    initializers.set(name, { type: 'int64', shape: [target.length], data: target });
    targets.set(node, name);
  }
  const nodes = model.nodes.map((node) => {
    const target = targets.get(node);
    return target === undefined ? node : { ...node, inputs: [node.inputs[0]!, target] };
  });
  const applied = [...targets.keys()].map((node) => ({ rule, operators: [node.name] }));
  return { model: applied.length > 0 ? { ...model, nodes, initializers } : model, applied, refused };
}

function isCandidate(model: OnnxModel, node: OnnxNode): boolean {
  const target = node.inputs[1];
  return node.type === 'Reshape' && node.domain === '' && !!target && !model.initializers.has(target);
}

function targetOf(numbers: readonly Affine[], operand: readonly number[]): number[] | null {
  const target = numbers.map(({ fixed, perSample }, axis) => {
    if (perSample === 0) return fixed;
    return fixed === 0 && operand[axis] === -perSample ? 0 : -1;
  });
  return target.filter((d) => d === -1).length > 1 ? null : target;
}

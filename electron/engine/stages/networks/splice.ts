import { lower } from '../../instructions/lower.ts';
import type { Parameters } from '../../instructions/program.ts';
import { replaceRegion } from '../../onnx/extract.ts';
import type { OnnxModel, Tensor } from '../../onnx/model.ts';
import type { Group } from '../../operators/groups.ts';
import type { Draft } from '../../search/draft.ts';

/** A draft that takes the place of an operator group. */
export interface Placed {
  readonly group: Group;
  readonly draft: Draft;
}

/**
 * The model with drafts in place of their groups. `parameters`, where given, hold the trained values of the
 * whole student, the drafts' and the untouched operators' alike.
 */
export function splice(model: OnnxModel, placed: readonly Placed[], parameters?: Parameters): OnnxModel {
  const first = model.inputs[0]?.shape[0];
  const batch = typeof first === 'number' ? first : null;
  const opset = model.opsets['']!;
  let result = parameters ? withValues(model, parameters) : model;
  placed.forEach(({ group, draft }, n) => {
    const prefix = `fieldtune_${n}`;
    const names = new Map<string, string>();
    const initializers = new Map<string, Tensor>();
    for (const [name, own] of draft.parameters) {
      const { shape, data } = parameters?.get(name) ?? own;
      const tensor = `${prefix}/${name}`;
      names.set(name, tensor);
      initializers.set(tensor, { type: 'float32', shape, data });
    }
    const lowered = lower(draft.program, {
      opset,
      batch,
      prefix,
      inputs: new Map([[group.input, group.input]]),
      outputs: [group.output],
      parameters: names,
    });
    result = replaceRegion(result, new Set(group.operators), {
      nodes: lowered.nodes,
      initializers: new Map([...initializers, ...lowered.initializers]),
    });
  });
  return result;
}

/** The model with the values of all parameters that kept their shape. */
function withValues(model: OnnxModel, parameters: Parameters): OnnxModel {
  const initializers = new Map(model.initializers);
  for (const [name, { shape, data }] of parameters) {
    const old = initializers.get(name);
    if (old?.type === 'float32' && old.shape.join() === shape.join())
      initializers.set(name, { type: 'float32', shape, data });
  }
  return { ...model, initializers };
}

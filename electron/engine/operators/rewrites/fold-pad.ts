import { intsOf, textOf } from '../attributes.ts';
import type { Rule } from './rewrite-rule.ts';

/** A Conv over a tensor padded with zeros along its spatial axes pads by itself: pads add up. */
export const foldPad: Rule = {
  name: 'fold Pad into Conv',
  match(view, node) {
    if (node.type !== 'Conv' || node.domain !== '') return null;
    const pad = view.producer(node.inputs[0], 'Pad');
    if (!pad) return null;
    if (!view.isPrivate(pad, node)) return 'the padded tensor is read elsewhere too';
    if (textOf(pad, 'mode', 'constant') !== 'constant') return 'it repeats or mirrors the edge';
    const value = view.opset < 11 ? pad.attributes.value : pad.inputs[2];
    const filling =
      typeof value === 'string' && value !== ''
        ? view.scalar(value)
        : typeof value === 'object' && value.kind === 'float'
          ? value.value
          : 0;
    if (filling !== 0) return 'it does not pad with zeros';
    const given = intsOf(pad, 'pads') ?? view.integers(pad.inputs[1]);
    if (!given || (pad.inputs[3] ?? '') !== '') return 'its pads are not constant, or name their axes';
    const rank = given.length / 2;
    const spatial = [...given.slice(2, rank), ...given.slice(rank + 2)];
    if ([...given.slice(0, 2), ...given.slice(rank, rank + 2)].some((p) => p !== 0))
      return 'it pads batch or channels';
    if (spatial.some((p) => p < 0)) return 'it cuts instead of padding';
    if (!['NOTSET', ''].includes(textOf(node, 'auto_pad', 'NOTSET'))) return 'the Conv pads by its size';
    const own = intsOf(node, 'pads') ?? spatial.map(() => 0);
    const pads = own.map((p, i) => p + (spatial[i] ?? 0));
    const inputs = [pad.inputs[0]!, ...node.inputs.slice(1)];
    const attributes = { ...node.attributes, pads: { kind: 'ints', value: pads } } as const;
    return {
      operators: [pad.name, node.name],
      nodes: [{ ...node, inputs, attributes }],
      initializers: new Map(),
    };
  },
};

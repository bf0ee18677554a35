import { intOf } from '../attributes.ts';
import { passOn } from './merge-transposes.ts';
import type { Rule } from './rewrite-rule.ts';

/** Dropout hands its operand on when it does not train, and a Concat of one tensor always does. */
export const dropNeedless: Rule = {
  name: 'drop what does nothing',
  match(view, node) {
    if (node.domain !== '') return null;
    const isConcat = node.type === 'Concat' && node.inputs.length === 1;
    if (!isConcat && node.type !== 'Dropout') return null;
    const mask = node.outputs[1] ?? '';
    const isMaskRead = view.readers(mask).length > 0 || view.model.outputs.some((o) => o.name === mask);
    if (mask !== '' && isMaskRead) return 'its mask is read';
    const training = node.inputs[2] ?? '';
    if (!isConcat && training !== '') {
      const flag = view.model.initializers.get(training);
      if (flag?.type !== 'bool' || flag.data[0] !== 0) return 'it may train';
    }
    if (!isConcat && intOf(node, 'is_test', 1) === 0) return 'it trains';
    return { operators: [node.name], nodes: [passOn(node, node.inputs[0]!)], initializers: new Map() };
  },
};

import { type Draft, linears, rebuild, valuesFor } from './draft.ts';
import { convolutionForm } from './forms/convolution.ts';
import type { Form } from './forms/form.ts';
import { productForm } from './forms/product.ts';

/** Puts `form` in place of the linear instruction with this weight; null where it does not fit. */
export function replaceLinear(draft: Draft, weight: string, form: Form): Draft | null {
  const linear = linears(draft.program).find((l) => l.weight === weight);
  const value = draft.parameters.get(weight);
  if (!linear || !value) return null;
  const make = linear.kind === 'conv' ? convolutionForm : productForm;
  const made = make(draft.program, linear, value, form);
  if (!made) return null;
  const program = rebuild(draft.program, (id, b, ids) => {
    if (id !== linear.id) return undefined;
    return made.build(b, ids[draft.program.instructions[id]!.inputs[0]!]!);
  });
  const parameters = valuesFor(program, new Map([...draft.parameters, ...made.values]));
  const refits = draft.refits.filter((r) => r.weight !== weight);
  return {
    program,
    parameters,
    refits: made.refit ? [...refits, { weight: made.refit, target: weight }] : refits,
  };
}

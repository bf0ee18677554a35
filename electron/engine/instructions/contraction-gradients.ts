import { isDepthwise } from './gradient-form.ts';
import { inputForms } from './input-gradients.ts';
import type { Convolution, Shape } from './program.ts';
import type { Builder, GradientForms } from './row.ts';
import { weightForms } from './weight-gradients.ts';

/** What is fastest as a rule, where nothing was measured. */
export const usualForms: GradientForms = {
  weight: (site) => {
    if (isDepthwise(site)) return 'rows';
    return site.convolution.groups === 1 && site.large[1]! < 8 ? 'stacked' : 'samples';
  },
  input: () => 'adjoint',
};

/** The gradient of a convolution's weight in the form that is chosen for it. */
export function weightGradient(
  b: Builder,
  x: number,
  g: number,
  weight: Shape,
  convolution: Convolution,
  forms: GradientForms,
): number {
  const site = { large: b.shape(x), small: b.shape(g), weight, convolution };
  return weightForms[forms.weight(site)].build(b, x, g, site);
}

/** The gradient of a convolution's input of shape `large` in the form that is chosen for it. */
export function inputGradient(
  b: Builder,
  g: number,
  weight: number,
  large: Shape,
  convolution: Convolution,
  forms: GradientForms,
): number {
  const site = { large, small: b.shape(g), weight: b.shape(weight), convolution };
  return inputForms[forms.input(site)].build(b, g, weight, site);
}

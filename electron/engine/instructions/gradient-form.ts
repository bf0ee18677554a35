import type { Builder, ConvolutionSite } from './row.ts';

/** One way to say a gradient of a convolution in instructions; all forms of one gradient are equal. */
export interface GradientForm {
  /** False where the form cannot say it, or plainly loses. */
  fits(site: ConvolutionSite): boolean;
  /** `first` and `second` are the operands: for a weight x [N,C,…] and g [N,K,…], for an input g and the weight. */
  build(b: Builder, first: number, second: number, site: ConvolutionSite): number;
}

/** The last two axes swapped. */
export const transposed = (b: Builder, id: number): number => {
  const rank = b.shape(id).length;
  const permutation = Array.from({ length: rank }, (_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i));
  return b.add('transpose', [id], { permutation });
};

/** True where every channel has a kernel of its own. */
export const isDepthwise = ({ large, weight, convolution: { groups } }: ConvolutionSite): boolean =>
  weight[1] === 1 && weight[0] === groups && large[1] === groups;
/** True where the kernel is one tap. */
export const isPoint = ({ weight }: ConvolutionSite): boolean => weight.slice(2).every((k) => k === 1);
/** True where a stride is not 1. */
export const isStrided = ({ convolution }: ConvolutionSite): boolean =>
  convolution.strides.some((s) => s !== 1);

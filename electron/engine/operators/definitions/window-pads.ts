import type { Shape } from '../../instructions/program.ts';
import { intsOf, textOf } from '../attributes.ts';
import { type OperatorContext, refuse } from '../context.ts';

/** Pads of a sliding window, all starts and then all ends, with ONNX's `auto_pad` worked out. @throws Refused */
export function windowPads(
  c: OperatorContext,
  spatial: Shape,
  kernel: Shape,
  strides: readonly number[],
  dilations: readonly number[],
): number[] {
  const none = new Array<number>(2 * spatial.length).fill(0);
  const mode = textOf(c.node, 'auto_pad', 'NOTSET');
  if (mode === 'NOTSET' || mode === '') return [...(intsOf(c.node, 'pads') ?? none)];
  if (mode === 'VALID') return none;
  if (mode !== 'SAME_UPPER' && mode !== 'SAME_LOWER') refuse(`auto_pad ${mode}`);
  if (spatial.some((d) => d < 0)) refuse('a window over the batch');
  const totals = spatial.map((extent, i) => {
    const stride = strides[i] ?? 1;
    const reach = ((kernel[i] ?? 1) - 1) * (dilations[i] ?? 1) + 1;
    return Math.max(0, (Math.ceil(extent / stride) - 1) * stride + reach - extent);
  });
  const lower = totals.map((t) => (mode === 'SAME_UPPER' ? Math.floor(t / 2) : Math.ceil(t / 2)));
  return [...lower, ...totals.map((t, i) => t - (lower[i] ?? 0))];
}

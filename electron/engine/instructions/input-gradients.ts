import { type GradientForm, isDepthwise, isStrided } from './gradient-form.ts';
import type { Shape } from './program.ts';
import type { Builder, ConvolutionSite } from './row.ts';

/** Forms of the gradient of an input: g [N,K,H',W'], weight [K,C/groups,kH,kW] → [N,C,H,W]. */
export const inputForms = {
  /** The adjoint as it is. */
  adjoint: { fits: () => true, build: buildAdjoint },
  /** A convolution with the turned kernel, which makes all phases of the strides as channels of their own. */
  phases: { fits: fitsPhases, build: buildPhases },
} satisfies Record<string, GradientForm>;

/** Names the forms of an input's gradient. */
export type InputForm = keyof typeof inputForms;

function buildAdjoint(b: Builder, g: number, weight: number, site: ConvolutionSite): number {
  const { large, small, convolution } = site;
  const n = convolution.strides.length;
  const outputPads = convolution.strides.map((s, i) => {
    const reach = (site.weight[i + 2]! - 1) * convolution.dilations[i]! + 1;
    const own = (small[i + 2]! - 1) * s + reach - convolution.pads[i]! - convolution.pads[i + n]!;
    return large[i + 2]! - own;
  });
  return b.add('convTranspose', [g, weight], { ...convolution, outputPads });
}

/** Per spatial axis: the kernel's taps of one phase, and how many places of each phase the input has. */
function phasesOf({ large, small, weight, convolution: a }: ConvolutionSite) {
  return a.strides.map((stride, i) => {
    const taps = Math.ceil(weight[i + 2]! / stride);
    const places = Math.floor((large[i + 2]! - 1 + a.pads[i]!) / stride) + 1;
    return { stride, taps, places, before: (taps - 1) * a.dilations[i]!, after: places - small[i + 2]! };
  });
}

function fitsPhases(site: ConvolutionSite): boolean {
  const { groups, strides, dilations } = site.convolution;
  // At stride 1 the adjoint is lowered to this same convolution, unless it is in groups.
  const isGrouped = groups > 1 && !isDepthwise(site);
  return (
    (isStrided(site) || isGrouped) &&
    strides.every((s, i) => s === 1 || dilations[i] === 1) &&
    phasesOf(site).every(({ after }) => after >= 0)
  );
}

function buildPhases(b: Builder, g: number, weight: number, site: ConvolutionSite): number {
  const { large, convolution: a } = site;
  const axes = phasesOf(site);
  const n = axes.length;
  const [k, perGroup, ...kernel] = site.weight as [number, number, ...number[]];
  const zeros = new Array<number>(2 + n).fill(0);
  const wide = axes.some(({ taps, stride }, i) => taps * stride !== kernel[i])
    ? b.add('pad', [weight], {
        before: zeros,
        after: [0, 0, ...axes.map(({ taps, stride }, i) => taps * stride - kernel[i]!)],
        value: 0,
      })
    : weight;
  // [groups, K/groups, C/groups, taps, stride, …] → [groups, C/groups, strides …, K/groups, taps …]
  const split = b.add('reshape', [wide], {
    shape: [a.groups, k / a.groups, perGroup, ...axes.flatMap(({ taps, stride }) => [taps, stride])],
  });
  const ordered = b.add('transpose', [split], {
    permutation: [0, 2, ...axes.map((_, i) => 4 + 2 * i), 1, ...axes.map((_, i) => 3 + 2 * i)],
  });
  const phases = axes.reduce((p, { stride }) => p * stride, 1);
  const c = large[1]!;
  let turned = b.add('reshape', [ordered], {
    shape: [c * phases, k / a.groups, ...axes.map(({ taps }) => taps)],
  });
  axes.forEach(({ taps }, i) => {
    if (taps > 1)
      turned = b.add('gather', [turned], {
        axis: i + 2,
        indices: Array.from({ length: taps }, (_, t) => taps - 1 - t),
      });
  });
  const y = b.add('conv', [g, turned], {
    strides: axes.map(() => 1),
    dilations: a.dilations,
    pads: [...axes.map(({ before }) => before), ...axes.map(({ after }) => after)],
    groups: a.groups,
  });
  const strides = axes.map(({ stride }) => stride);
  const places = axes.map((axis) => axis.places);
  const opened = b.add('reshape', [y], { shape: [large[0]!, c, ...strides, ...places] });
  const woven = b.add('transpose', [opened], {
    permutation: [0, 1, ...axes.flatMap((_, i) => [2 + n + i, 2 + i])],
  });
  const whole = b.add('reshape', [woven], {
    shape: [large[0]!, c, ...axes.map((axis) => axis.places * axis.stride)],
  });
  return cut(b, whole, a.pads.slice(0, n), large);
}

/** The part of `id` that begins at `starts` of the spatial axes and has the extents of `shape`. */
function cut(b: Builder, id: number, starts: readonly number[], shape: Shape): number {
  return starts.reduceRight((from, start, i) => {
    const end = start + shape[i + 2]!;
    if (start === 0 && end === b.shape(from)[i + 2]) return from;
    return b.add('slice', [from], { axis: i + 2, start, end, step: 1 });
  }, id);
}

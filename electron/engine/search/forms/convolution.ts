import type { ProgramBuilder } from '../../instructions/builder.ts';
import type { Convolution, InstructionOf, Program } from '../../instructions/program.ts';
import { everyStep, positions, spatialPads } from '../../instructions/shapes.ts';
import { gatherValues, type Linear } from '../draft.ts';
import {
  cropKernel,
  factor,
  regroup,
  splitDepthwise,
  splitSeparable,
  sumTaps,
  tapsOf,
  tuckerOf,
} from './decompose.ts';
import type { Form, Made, Values } from './form.ts';

/** A convolution that is to be replaced: x [N,C,…spatial], weight [K,C/groups,…kernel], of one or two spatial axes. */
interface Site {
  readonly w: string;
  readonly value: Values;
  readonly k: number;
  readonly c: number;
  readonly kernel: readonly number[];
  readonly taps: number;
  readonly a: Convolution;
  readonly input: readonly number[];
  readonly output: readonly number[];
  /** A convolution of 1×1 that only mixes channels. */
  readonly one: Convolution;
}

/** Puts `form` in the place of a convolution; null where it does not fit. */
export function convolutionForm(program: Program, linear: Linear, value: Values, form: Form): Made | null {
  const conv = program.instructions[linear.id] as InstructionOf<'conv'>;
  const input = program.instructions[conv.inputs[0]!]!.shape;
  const kernel = linear.shape.slice(2);
  const flat = kernel.map(() => 1);
  const site: Site = {
    w: linear.weight,
    value,
    k: linear.shape[0]!,
    c: input[1]!,
    kernel,
    taps: tapsOf(linear.shape),
    a: conv.attributes,
    input,
    output: conv.shape,
    one: { strides: flat, dilations: flat, pads: [...flat, ...flat].map(() => 0), groups: 1 },
  };
  const isDense = conv.attributes.groups === 1;
  switch (form.name) {
    case 'grouped':
      return grouped(site, form.groups);
    case 'cropped':
      return cropped(site, form.kernel);
    case 'pooled':
      return pooled(site);
    case 'depthwise':
      return isDense ? depthwise(site, form.kernel) : null;
    case 'pointwise':
      return isDense ? pointwise(site) : null;
    case 'average':
      return isDense ? average(site) : null;
    case 'shift':
      return isDense ? shift(site) : null;
    case 'shuffled':
      return isDense ? shuffled(site, form.groups) : null;
    case 'lowRank':
      return isDense ? lowRank(site, form.rank) : null;
    case 'separable':
      return isDense ? separable(site, form.rank) : null;
  }
}

/** A convolution with a parameter `${w}:${part}`. */
function add(b: ProgramBuilder, x: number, w: string, part: string, value: Values, a: Convolution): number {
  return b.add('conv', [x, b.parameter(`${w}:${part}`, value.shape)], a);
}

const named = (w: string, parts: Readonly<Record<string, Values>>): ReadonlyMap<string, Values> =>
  new Map(Object.entries(parts).map(([part, value]) => [`${w}:${part}`, value]));

const points = (site: Site, rows: number, columns: number, data: Float32Array): Values => ({
  shape: [rows, columns, ...site.kernel.map(() => 1)],
  data,
});

/** More than one tap and enough channels; the kernel is cut to `kernel`, centred, where its pads allow that. */
function depthwise(site: Site, kernel: number): Made | null {
  const { w, c, a, one } = site;
  const small = site.kernel.map((d) => Math.min(kernel, d));
  const pads = padsFor(site, small);
  if (site.taps === 1 || c < 4 || !pads) return null;
  const parts = splitDepthwise(cropKernel(site.value, small));
  return {
    values: named(w, { ...parts }),
    refit: `${w}:pointwise`,
    build: (b, x) => {
      const own = add(b, x, w, 'depthwise', parts.depthwise, { ...a, pads, groups: c });
      return add(b, own, w, 'pointwise', parts.pointwise, one);
    },
  };
}

/** More than one tap, and pads that let the kernel be centred on its middle. */
function pointwise(site: Site): Made | null {
  const { w, k, c, a, one } = site;
  const pads = padsFor(site, one.strides);
  if (site.taps === 1 || !pads) return null;
  const point = points(site, k, c, sumTaps(site.value));
  return {
    values: named(w, { point }),
    refit: `${w}:point`,
    build: (b, x) => add(b, x, w, 'point', point, { ...one, strides: a.strides, pads }),
  };
}

/** More than one tap, no dilation, and pads shorter than the kernel, as windows need them. */
function average(site: Site): Made | null {
  const { w, k, c, a, one, kernel } = site;
  const fits = a.pads.every((p, i) => p < kernel[i % kernel.length]!);
  if (site.taps === 1 || a.dilations.some((d) => d !== 1) || !fits) return null;
  const point = points(site, k, c, sumTaps(site.value));
  const window = { kernel, strides: a.strides, pads: a.pads, countIncludePad: true };
  return {
    values: named(w, { average: point }),
    refit: `${w}:average`,
    build: (b, x) => add(b, b.add('averagePool', [x], window), w, 'average', point, one),
  };
}

/** More than one tap, and at least as many channels as taps; strides, dilations and pads are all kept. */
function shift(site: Site): Made | null {
  const { w, k, c, a, one, taps, value, output } = site;
  if (taps === 1 || c < taps) return null;
  const first = (t: number) => Math.floor((t * c) / taps);
  const tapOf = Array.from({ length: taps }, (_, t) =>
    new Array<number>(first(t + 1) - first(t)).fill(t),
  ).flat();
  const data = new Float32Array(k * c);
  for (let o = 0; o < k; o++)
    for (let i = 0; i < c; i++) data[o * c + i] = value.data[(o * c + i) * taps + tapOf[i]!]!;
  const point = points(site, k, c, data);
  return {
    values: named(w, { shifted: point }),
    refit: `${w}:shifted`,
    build: (b, x) => {
      const padded = b.add('pad', [x], { ...spatialPads(a.pads), value: 0 });
      const parts = positions(site.kernel).map((tap, t) => {
        const own = b.add('slice', [padded], { axis: 1, start: first(t), end: first(t + 1), step: 1 });
        return tap.reduce(
          (id, v, i) =>
            b.add('slice', [id], everyStep(i + 2, v * a.dilations[i]!, output[i + 2]!, a.strides[i]!)),
          own,
        );
      });
      return add(b, b.add('concat', parts, { axis: 1 }), w, 'shifted', point, one);
    },
  };
}

/**
 * A multiple of the groups that divides inputs and outputs, each with two inputs or more. Fewer groups would compute
 * the same with zeros, and were slower wherever they were measured.
 */
function grouped(site: Site, groups: number): Made | null {
  const { w, k, c, a } = site;
  if (groups <= a.groups || groups % a.groups !== 0) return null;
  if (c % groups !== 0 || k % groups !== 0 || c / groups < 2) return null;
  const value = regroup(site.value, a.groups, groups);
  return {
    values: named(w, { grouped: value }),
    refit: null,
    build: (b, x) => add(b, x, w, 'grouped', value, { ...a, groups }),
  };
}

/** Groups that divide the inputs, and whose square divides the outputs so that every group reaches every other. */
function shuffled(site: Site, groups: number): Made | null {
  const { w, k, c, a, one, output } = site;
  if (groups < 2 || c % groups !== 0 || k % (groups * groups) !== 0 || c / groups < 2) return null;
  const per = k / groups;
  // Output j of the first stage comes out of the shuffle at (j mod per)·groups + ⌊j/per⌋: it begins as that kernel.
  const order = Array.from({ length: k }, (_, j) => (j % per) * groups + Math.floor(j / per));
  const first = regroup(gatherValues(site.value, 0, order), 1, groups);
  const data = new Float32Array(k * per);
  for (let o = 0; o < k; o++) data[o * per + (o % per)] = 1;
  const second = points(site, k, per, data);
  return {
    values: named(w, { grouped: first, mixed: second }),
    refit: null,
    build: (b, x) => {
      const own = add(b, x, w, 'grouped', first, { ...a, groups });
      const spatial = output.slice(2);
      const split = b.add('reshape', [own], { shape: [output[0]!, groups, per, ...spatial] });
      const turned = b.add('transpose', [split], { permutation: [0, 2, 1, ...spatial.map((_, i) => i + 3)] });
      const joined = b.add('reshape', [turned], { shape: output });
      return add(b, joined, w, 'mixed', second, { ...one, groups });
    },
  };
}

/** A rank below inputs and outputs; strides, dilations and pads stay with the core. */
function lowRank(site: Site, rank: number): Made | null {
  const { w, k, c, a, one, taps, kernel, value } = site;
  if (rank < 1 || rank >= Math.min(c, k)) return null;
  if (taps === 1) {
    const [outer, inner] = factor(value, k, c, rank);
    const parts = { in: points(site, rank, c, inner), out: points(site, k, rank, outer) };
    return {
      values: named(w, parts),
      refit: `${w}:out`,
      build: (b, x) => add(b, add(b, x, w, 'in', parts.in, a), w, 'out', parts.out, one),
    };
  }
  const tucker = tuckerOf(value, rank);
  const parts = {
    in: points(site, rank, c, tucker.inner),
    core: { shape: [rank, rank, ...kernel], data: tucker.core },
    out: points(site, k, rank, tucker.outer),
  };
  return {
    values: named(w, parts),
    refit: `${w}:out`,
    build: (b, x) => {
      const core = add(b, add(b, x, w, 'in', parts.in, one), w, 'core', parts.core, a);
      return add(b, core, w, 'out', parts.out, one);
    },
  };
}

/** Two spatial axes with more than one tap along each, and fewer weights than before. */
function separable(site: Site, rank: number): Made | null {
  const { w, k, c, a, kernel, taps } = site;
  if (kernel.length !== 2 || kernel.includes(1) || rank < 1) return null;
  const [kh, kw] = kernel as [number, number];
  if (rank * (c * kh + k * kw) >= k * c * taps) return null;
  const [vertical, horizontal] = splitSeparable(site.value, rank);
  const parts = {
    vertical: { shape: [rank, c, kh, 1], data: vertical },
    horizontal: { shape: [k, rank, 1, kw], data: horizontal },
  };
  const along = (axis: number): Convolution => ({
    strides: a.strides.map((s, i) => (i === axis ? s : 1)),
    dilations: a.dilations.map((d, i) => (i === axis ? d : 1)),
    pads: a.pads.map((p, i) => (i % 2 === axis ? p : 0)),
    groups: 1,
  });
  return {
    values: named(w, parts),
    refit: `${w}:horizontal`,
    build: (b, x) => {
      const down = add(b, x, w, 'vertical', parts.vertical, along(0));
      return add(b, down, w, 'horizontal', parts.horizontal, along(1));
    },
  };
}

/** A smaller kernel, in any groups, where its pads let it be centred; a dense one of a single tap is `pointwise`. */
function cropped(site: Site, kernel: number): Made | null {
  const { w, a } = site;
  const small = site.kernel.map((d) => Math.min(kernel, d));
  const pads = padsFor(site, small);
  if (small.some((d) => d < 1) || small.join() === site.kernel.join() || !pads) return null;
  if (a.groups === 1 && small.every((d) => d === 1)) return null;
  const value = cropKernel(site.value, small);
  return {
    values: named(w, { cropped: value }),
    refit: a.groups === 1 ? `${w}:cropped` : null,
    build: (b, x) => add(b, x, w, 'cropped', value, { ...a, pads }),
  };
}

/** More than one tap at stride 1, even extents of 8 or more, and a result as large as the input. */
function pooled(site: Site): Made | null {
  const { w, a, input, output, value } = site;
  const spatial = input.slice(2);
  const fits =
    a.strides.every((s) => s === 1) && site.taps > 1 && spatial.every((d) => d % 2 === 0 && d >= 8);
  if (!fits || output.slice(2).join() !== spatial.join()) return null;
  const two = spatial.map(() => 2);
  const window = { kernel: two, strides: two, pads: [...two, ...two].map(() => 0), countIncludePad: false };
  return {
    values: named(w, { pooled: value }),
    refit: null,
    build: (b, x) =>
      b.add('resize', [add(b, b.add('averagePool', [x], window), w, 'pooled', value, a)], { factors: two }),
  };
}

/** Pads for a smaller kernel around the centre of the old one; null where it cannot be centred. */
function padsFor({ a, kernel }: Site, small: readonly number[]): number[] | null {
  const first = kernel.map((d, i) => Math.floor((d - small[i]!) / 2));
  const last = kernel.map((d, i) => d - small[i]! - first[i]!);
  const both = [...first, ...last].map((d, i) => d * a.dilations[i % kernel.length]!);
  const pads = both.map((d, i) => a.pads[i]! - d);
  return pads.every((p) => p >= 0) ? pads : null;
}

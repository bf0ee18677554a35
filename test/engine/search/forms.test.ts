import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ProgramBuilder } from '../../../electron/engine/instructions/builder.ts';
import { checkProgram, signatureOf } from '../../../electron/engine/instructions/check.ts';
import { lowerToModel } from '../../../electron/engine/instructions/lower.ts';
import type { Convolution } from '../../../electron/engine/instructions/program.ts';
import type { Draft } from '../../../electron/engine/search/draft.ts';
import { regroup, tapsOf } from '../../../electron/engine/search/forms/decompose.ts';
import type { Form } from '../../../electron/engine/search/forms/form.ts';
import { replaceLinear } from '../../../electron/engine/search/replace.ts';
import { openSession } from '../../../electron/engine/tuning/runtime.ts';
import { inputs, outputOf, withValues } from './small-nets.ts';

interface Setting {
  readonly inputs: number;
  readonly outputs: number;
  readonly extents: readonly number[];
  readonly kernel: readonly number[];
  readonly attributes: Convolution;
}

/** Any convolution over 1 or 2 axes: strides, dilations, uneven pads, groups from 1 to depthwise. */
const settings: fc.Arbitrary<Setting> = fc.integer({ min: 1, max: 2 }).chain((n) => {
  const each = (min: number, max: number) =>
    fc.array(fc.integer({ min, max }), { minLength: n, maxLength: n });
  return fc
    .record({
      groups: fc.constantFrom(1, 1, 1, 2, 4),
      perGroup: fc.constantFrom(1, 2, 4),
      kernels: fc.constantFrom(1, 4),
      extents: fc.constantFrom(8, 9, 12).chain((d) => fc.constant(new Array<number>(n).fill(d))),
      kernel: fc.array(fc.constantFrom(1, 2, 3, 3, 5), { minLength: n, maxLength: n }),
      strides: each(1, 2),
      dilations: each(1, 2),
      pads: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 2 * n, maxLength: 2 * n }),
    })
    .filter(({ kernel, dilations, extents }) => kernel.every((k, i) => (k - 1) * dilations[i]! < extents[i]!))
    .map(({ groups, perGroup, kernels, extents, kernel, strides, dilations, pads }) => ({
      inputs: groups * perGroup * 2,
      outputs: groups * kernels * 2,
      extents,
      kernel,
      attributes: { strides, dilations, pads, groups },
    }));
});

const forms: readonly Form[] = [
  { name: 'depthwise', kernel: 5 },
  { name: 'depthwise', kernel: 3 },
  { name: 'pointwise' },
  { name: 'average' },
  { name: 'shift' },
  { name: 'grouped', groups: 2 },
  { name: 'grouped', groups: 4 },
  { name: 'shuffled', groups: 2 },
  { name: 'lowRank', rank: 1 },
  { name: 'lowRank', rank: 3 },
  { name: 'separable', rank: 1 },
  { name: 'cropped', kernel: 1 },
  { name: 'cropped', kernel: 3 },
  { name: 'pooled' },
];

function convolution(s: Setting): Draft {
  const b = new ProgramBuilder();
  const weight = b.parameter('w', [s.outputs, s.inputs / s.attributes.groups, ...s.kernel]);
  return withValues(
    b.build([b.add('conv', [b.input('x', [-1, s.inputs, ...s.extents]), weight], s.attributes)]),
  );
}

function product(rank: 2 | 3, transposed: boolean): Draft {
  const b = new ProgramBuilder();
  const x = b.input('x', rank === 2 ? [-1, 32] : [-1, 3, 32]);
  const weight = b.parameter('w', transposed ? [16, 32] : [32, 16]);
  const matrix = transposed ? b.add('transpose', [weight], { permutation: [1, 0] }) : weight;
  return withValues(b.build([b.add('matmul', [x, matrix], {})]));
}

const difference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((most, v, i) => Math.max(most, Math.abs(v - b[i]!)), Math.abs(a.length - b.length));

/** The draft's first output as onnxruntime computes it, for the inputs of `outputOf`. */
async function runtimeOutput({ program, parameters }: Draft): Promise<Float32Array> {
  const model = lowerToModel(program, parameters, { opset: 17, batch: 2, outputs: ['y'] });
  const session = await openSession(model, 1);
  const feeds = [...inputs(program, 2)].map(([name, { shape, data }]) => [
    name,
    { shape, data: Float32Array.from(data) },
  ]);
  const { y } = await session.run(Object.fromEntries(feeds));
  await session.release();
  return y!.data;
}

describe.each(forms.map((form) => [JSON.stringify(form), form] as const))('%s', (_name, form) => {
  test('fits or is refused; what fits has the old signature and computes the same in onnxruntime', async () => {
    await fc.assert(
      fc.asyncProperty(settings, async (s) => {
        const draft = convolution(s);
        const made = replaceLinear(draft, 'w', form);
        if (!made) return;
        expect(checkProgram(made.program, signatureOf(draft.program))).toEqual({
          ok: true,
          value: undefined,
        });
        expect(difference(await runtimeOutput(made), outputOf(made, 2))).toBeLessThan(1e-4);
      }),
      { numRuns: 25, seed: 7 },
    );
  });

  test('a weight that already has the form computes the same', () => {
    let fitted = 0;
    fc.assert(
      fc.property(settings, (s) => {
        const draft = convolution(s);
        const value = draft.parameters.get('w')!;
        const data = inForm(form, s, value);
        const special = { ...draft, parameters: new Map([['w', { shape: value.shape, data }]]) };
        const made = data && replaceLinear(special as Draft, 'w', form);
        if (!made) return;
        fitted++;
        expect(difference(outputOf(made, 2), outputOf(special as Draft, 2))).toBeLessThan(1e-4);
      }),
      { numRuns: 60, seed: 11 },
    );
    expect(fitted > 0 || form.name === 'pooled').toBe(true);
  });
});

/** The values brought into the form: what the form can say exactly. Null where that is never all of a kernel. */
function inForm(
  form: Form,
  s: Setting,
  { shape, data }: { readonly shape: readonly number[]; readonly data: Float32Array },
): Float32Array | null {
  const [k, c] = shape as [number, number];
  const taps = tapsOf(shape);
  const index = (n: number) => ({ o: Math.floor(n / (c * taps)), i: Math.floor(n / taps) % c, t: n % taps });
  const where = (keeps: (at: { o: number; i: number; t: number }) => boolean) =>
    data.map((v, n) => (keeps(index(n)) ? v : 0));
  const middle = (kernel: number) => (t: number) => {
    const along = [Math.floor(t / (shape[3] ?? 1)), t % (shape[3] ?? 1)].slice(0, s.kernel.length);
    if (s.kernel.length === 1) along[0] = t;
    return along.every((v, i) => {
      const small = Math.min(kernel, s.kernel[i]!);
      const first = Math.floor((s.kernel[i]! - small) / 2);
      return v >= first && v < first + small;
    });
  };
  switch (form.name) {
    case 'depthwise':
      return where(({ t }) => middle(form.kernel)(t)).map((v, n) => {
        const { o, i, t } = index(n);
        return v === 0 ? 0 : Math.sin(o + 2 * i) * Math.cos(3 * t + i);
      });
    case 'cropped':
      return where(({ t }) => middle(form.kernel)(t));
    case 'pointwise':
      return where(({ t }) => middle(1)(t));
    case 'average':
      return data.map((_, n) => data[n - (n % taps)]!);
    case 'shift':
      return where(({ i, t }) => i >= Math.floor((t * c) / taps) && i < Math.floor(((t + 1) * c) / taps));
    case 'grouped':
    case 'shuffled': {
      const { groups } = form;
      const per = Math.max(1, (c * s.attributes.groups) / groups);
      const groupOf = (o: number) =>
        form.name === 'grouped' ? Math.floor(o / (k / groups)) % (groups / s.attributes.groups) : o % groups;
      return where(({ o, i }) => Math.floor(i / per) === groupOf(o));
    }
    case 'lowRank':
      return data.map((_, n) => {
        const { o, i, t } = index(n);
        return Math.sin(o + 1) * Math.cos(2 * i) * (1 + t / 4);
      });
    case 'separable':
      return data.map((_, n) => {
        const { o, i, t } = index(n);
        const columns = shape[3] ?? 1;
        return Math.sin(o + (t % columns)) * Math.cos(2 * i + Math.floor(t / columns));
      });
    case 'pooled':
      return null;
  }
}

describe.each([
  [2, false],
  [2, true],
  [3, false],
  [3, true],
] as const)('a product of a tensor of rank %i, weight transposed: %s', (rank, transposed) => {
  const draft = product(rank, transposed);

  test('a block-diagonal form is exact for a block-diagonal matrix, also in onnxruntime', async () => {
    const value = draft.parameters.get('w')!;
    const at = (n: number) => (transposed ? [n % 32, Math.floor(n / 32)] : [Math.floor(n / 16), n % 16]);
    const data = value.data.map((v, n) => (Math.floor(at(n)[0]! / 16) === Math.floor(at(n)[1]! / 8) ? v : 0));
    const blocks = { ...draft, parameters: new Map([['w', { shape: value.shape, data }]]) };
    const made = replaceLinear(blocks, 'w', { name: 'grouped', groups: 2 })!;
    expect(checkProgram(made.program, signatureOf(draft.program)).ok).toBe(true);
    expect(difference(outputOf(made, 2), outputOf(blocks, 2))).toBeLessThan(1e-6);
    expect(difference(await runtimeOutput(made), outputOf(made, 2))).toBeLessThan(1e-4);
  });

  test('what does not fit a matrix is refused', () => {
    for (const form of forms.filter((f) => f.name !== 'lowRank' && f.name !== 'grouped'))
      expect(replaceLinear(draft, 'w', form)).toBeNull();
    expect(replaceLinear(draft, 'w', { name: 'grouped', groups: 4 })).toBeNull();
    expect(replaceLinear(draft, 'w', { name: 'lowRank', rank: 11 })).toBeNull();
  });
});

test('regrouping gives each kernel its own part of what it read', () => {
  const value = { shape: [4, 4, 1], data: Float32Array.from({ length: 16 }, (_, i) => i) };
  expect(regroup(value, 1, 2)).toEqual({
    shape: [4, 2, 1],
    data: Float32Array.from([0, 1, 4, 5, 10, 11, 14, 15]),
  });
});

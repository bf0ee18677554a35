import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blockedDomain } from '../../../electron/engine/instructions/blocked-layout.ts';
import { ProgramBuilder } from '../../../electron/engine/instructions/builder.ts';
import { usualForms } from '../../../electron/engine/instructions/contraction-gradients.ts';
import { differentiate, parametersOf } from '../../../electron/engine/instructions/differentiate.ts';
import { lowerToModel } from '../../../electron/engine/instructions/lower.ts';
import type { Program } from '../../../electron/engine/instructions/program.ts';
import type { OnnxModel } from '../../../electron/engine/onnx/model.ts';
import { blockHere } from '../../../electron/engine/tuning/blocks.ts';
import { batch, expectClose, givenFor, inRuntime } from './running.ts';

const same = { strides: [1, 1], dilations: [1, 1], pads: [1, 1, 1, 1], groups: 1 };
const point = { ...same, pads: [0, 0, 0, 0] };
/** A layout of this computer, if it has one; the structure of a graph is held everywhere. */
const here = await blockHere();
const inBlocks = (program: Program, block = 16): OnnxModel =>
  lowerToModel(program, new Map(), { opset: 17, batch, block });
const kinds = (model: OnnxModel): string[] =>
  model.nodes.map(({ domain, type }) => (domain === blockedDomain ? `${type}/b` : type));
const count = (model: OnnxModel, kind: string): number => kinds(model).filter((k) => k === kind).length;

test('between convolutions nothing is reordered, and activations go into them', () => {
  const b = new ProgramBuilder();
  const x = b.input('x', [-1, 32, 8, 8]);
  const first = b.add('relu', [b.add('conv', [x, b.parameter('w1', [32, 32, 3, 3])], same)], {});
  const deep = b.add('conv', [first, b.parameter('w2', [32, 1, 3, 3])], { ...same, groups: 32 });
  const clipped = b.add('clip', [deep], { min: 0, max: 6 });
  const sum = b.add('add', [clipped, first], {});
  const model = inBlocks(b.build([b.add('conv', [sum, b.parameter('w3', [16, 32, 1, 1])], point)]));
  expect(count(model, 'ReorderInput/b')).toBe(1);
  expect(count(model, 'ReorderOutput/b')).toBe(1);
  expect(count(model, 'Conv/b')).toBe(3);
  expect(count(model, 'Add')).toBe(1);
  expect(kinds(model)).not.toContain('Relu');
  expect(kinds(model)).not.toContain('Clip');
  const activations = model.nodes.flatMap(({ attributes: { activation } }) =>
    activation?.kind === 'string' ? [activation.value] : [],
  );
  expect(activations).toEqual(['Relu', 'Clip']);
  expect(model.opsets[blockedDomain]).toBe(1);
  expect(model.outputs.map((o) => o.shape)).toEqual([[batch, 16, 8, 8]]);
  expect(model.nodes.at(-1)!.outputs).toEqual([model.outputs[0]!.name]);
});

test('a convolution whose result is also an output keeps it, and its activation beside it', () => {
  const b = new ProgramBuilder();
  const conv = b.add('conv', [b.input('x', [-1, 16, 4, 4]), b.parameter('w', [16, 16, 3, 3])], same);
  const model = inBlocks(b.build([conv, b.add('relu', [conv], {})]));
  expect(count(model, 'Relu')).toBe(1);
  expect(model.nodes.some(({ attributes }) => 'activation' in attributes)).toBe(false);
});

test('what would mostly fill blocks, or has channels the runtime cannot reorder, stays as it is', () => {
  const b = new ProgramBuilder();
  const x = b.input('x', [-1, 18, 8, 8]);
  const uneven = b.add('conv', [x, b.parameter('w1', [32, 18, 3, 3])], same);
  const few = b.add('conv', [uneven, b.parameter('w2', [3, 32, 3, 3])], same);
  const model = inBlocks(b.build([few]));
  expect(kinds(model)).toEqual(['Conv', 'Conv']);
});

test('the taps of a depthwise weight are convolved without leaving the blocks', () => {
  const b = new ProgramBuilder();
  const x = b.input('x', [-1, 32, 8, 8]);
  const wide = b.add('relu', [b.add('conv', [x, b.parameter('w1', [32, 32, 1, 1])], point)], {});
  const deep = b.add('conv', [wide, b.parameter('w2', [32, 1, 3, 3])], { ...same, groups: 32 });
  const loss = b.add('mean', [b.add('mul', [deep, deep], {})], { axes: [0, 1, 2, 3], keepDims: false });
  const forms = {
    ...usualForms,
    weight: (site: Parameters<typeof usualForms.weight>[0]) => {
      const usual = usualForms.weight(site);
      return usual === 'rows' ? ('convolved' as const) : usual;
    },
  };
  const model = inBlocks(differentiate(b.build([loss]), ['w2'], forms));
  const taps = model.nodes.find(
    ({ attributes: { group } }) => group?.kind === 'int' && group.value === 32 * batch,
  )!;
  expect(taps.domain).toBe(blockedDomain);
  // Both of its operands are views of what is in blocks already.
  for (const name of taps.inputs) {
    const view = model.nodes.find((node) => node.outputs[0] === name)!;
    expect(view.type).toBe('Reshape');
    expect(view.inputs[0]).toMatch(/\/blocks$/);
  }
});

type Step =
  | { readonly kind: 'conv'; readonly out: number; readonly stride: number; readonly kernel: number }
  | { readonly kind: 'depthwise'; readonly stride: number }
  | { readonly kind: 'grouped' }
  | {
      readonly kind: 'relu' | 'clip' | 'sigmoid' | 'tanh' | 'scale' | 'shift' | 'residual' | 'mean' | 'pool';
    };

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('conv' as const),
    out: fc.constantFrom(3, 8, 12, 16, 20, 32),
    stride: fc.constantFrom(1, 2),
    kernel: fc.constantFrom(1, 3),
  }),
  fc.record({ kind: fc.constant('depthwise' as const), stride: fc.constantFrom(1, 2) }),
  fc.record({ kind: fc.constant('grouped' as const) }),
  fc.record({
    kind: fc.constantFrom('relu', 'clip', 'sigmoid', 'tanh', 'scale', 'shift', 'residual', 'mean', 'pool'),
  }),
);

/** A net of such steps from `channels` channels; the loss is the mean of squares. */
function netOf(channels: number, list: readonly Step[]): Program {
  const b = new ProgramBuilder();
  let y = b.input('x', [-1, channels, 8, 8]);
  let earlier = y;
  list.forEach((step, n) => {
    const [, c, high, wide] = b.shape(y) as [number, number, number, number];
    const before = y;
    const convolve = (weight: readonly number[], a: typeof same): number => {
      const sum = b.add('conv', [y, b.parameter(`w${n}`, [...weight])], a);
      const bias = b.add('reshape', [b.parameter(`b${n}`, [weight[0]!])], { shape: [weight[0]!, 1, 1] });
      return b.add('add', [sum, bias], {});
    };
    if (step.kind === 'conv') {
      const a = { ...(step.kernel === 1 ? point : same), strides: [step.stride, step.stride] };
      y = convolve([step.out, c, step.kernel, step.kernel], a);
    } else if (step.kind === 'depthwise')
      y = convolve([c, 1, 3, 3], { ...same, strides: [step.stride, step.stride], groups: c });
    else if (step.kind === 'grouped')
      y = c % 4 === 0 ? convolve([c, c / 4, 3, 3], { ...same, groups: 4 }) : y;
    else if (step.kind === 'clip') y = b.add('clip', [y], { min: -0.5, max: 0.5 });
    else if (step.kind === 'scale') y = b.add('mul', [y, b.parameter(`s${n}`, [c, 1, 1])], {});
    else if (step.kind === 'shift') y = b.add('add', [y, b.constant(0.25)], {});
    else if (step.kind === 'residual')
      y = b.shape(earlier).join() === b.shape(y).join() ? b.add('add', [y, earlier], {}) : y;
    else if (step.kind === 'mean')
      y = b.add('sub', [y, b.add('mean', [y], { axes: [2, 3], keepDims: true })], {});
    else if (step.kind === 'pool')
      y =
        high > 2 && wide > 2
          ? b.add('maxPool', [y], { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0] })
          : y;
    else y = b.add(step.kind, [y], {});
    earlier = before;
  });
  const squares = b.add('mul', [y, y], {});
  return b.build([b.add('mean', [squares], { axes: [0, 1, 2, 3], keepDims: false }), y]);
}

test.skipIf(here === null)('any net and its gradients are in blocks what they are without', async () => {
  const nets = fc.record({
    channels: fc.constantFrom(3, 4, 16, 20, 32),
    list: fc.array(steps, { minLength: 2, maxLength: 7 }),
    seed: fc.integer({ min: 1, max: 1000 }),
  });
  let converted = 0;
  await fc.assert(
    fc.asyncProperty(nets, async ({ channels, list, seed }) => {
      const net = netOf(channels, list);
      const program = differentiate(
        net,
        parametersOf(net).map((p) => p.name),
        {
          ...usualForms,
          weight: (site) => {
            const usual = usualForms.weight(site);
            if (usual === 'rows' && seed % 2 === 0) return 'convolved';
            return usual === 'samples' &&
              seed % 3 === 0 &&
              site.convolution.groups === 1 &&
              site.weight[2] !== 1
              ? 'exchanged'
              : usual;
          },
        },
      );
      const given = givenFor(program, seed);
      const [plain, own] = [
        await inRuntime(program, given, 17),
        await inRuntime(program, given, 17, batch, here),
      ];
      plain.forEach((wanted, n) => {
        expectClose(own[n]!, wanted, 1e-3, 1e-5);
      });
      converted += count(inBlocks(program, here!), 'Conv/b');
    }),
    { numRuns: 40, seed: 11 },
  );
  expect(converted).toBeGreaterThan(40);
});

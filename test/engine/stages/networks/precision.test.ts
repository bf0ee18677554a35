import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FinishedWork } from '../../../../electron/engine/host.ts';
import { select } from '../../../../electron/engine/instructions/program.ts';
import type { OnnxModel } from '../../../../electron/engine/onnx/model.ts';
import { readModel } from '../../../../electron/engine/onnx/read.ts';
import { rebuild } from '../../../../electron/engine/search/draft.ts';
import { editBase, makeReference } from '../../../../electron/engine/stages/networks/fit.ts';
import {
  calibratedInt8,
  gentlerBase,
  timeBase,
  timeForms,
} from '../../../../electron/engine/stages/networks/precision.ts';
import { originalStudent } from '../../../../electron/engine/stages/networks/student.ts';
import { openStudy, type Study } from '../../../../electron/engine/stages/study.ts';
import { unwrap } from '../../inspect/listening-host.ts';
import { makeOptimizable, pricedHost, shortJob } from '../../optimizing.ts';

const folder = mkdtempSync(join(tmpdir(), 'fieldtune-precision-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Time on the pretended board of the i-th contraction of a model, in float or in 8 bits, µs. */
type Price = (index: number, isInt8: boolean) => number;

/** Models that the pretended board was given. */
let timed: OnnxModel[] = [];
let price: Price;
let study: Study;
/** What the run has finished. */
const memo = new Map<string, FinishedWork>();

/** For each contraction whether its weight is in 8 bits. */
function contractionsOf(model: OnnxModel): boolean[] {
  const dequantized = new Set(
    model.nodes.filter((n) => n.type === 'DequantizeLinear').map((n) => n.outputs[0]),
  );
  return model.nodes
    .filter(({ type }) => ['Conv', 'Gemm', 'MatMul'].includes(type))
    .map(({ inputs }) => dequantized.has(inputs[1]));
}

function timeOf(bytes: Uint8Array): number {
  const model = unwrap(readModel(bytes, 'timed.onnx'));
  timed.push(model);
  return contractionsOf(model).reduce((sum, isInt8, index) => sum + price(index, isInt8), 0);
}

beforeAll(async () => {
  const host = pricedHost(timeOf, memo);
  study = unwrap(await openStudy(shortJob(await makeOptimizable(folder)), host));
});

const original = () => originalStudent(study);

async function baseUnder(own: Price, run: 'new' | 'resumed' = 'new') {
  if (run === 'new') memo.clear();
  timed = [];
  price = own;
  return timeBase(study, original());
}

describe('The form in 8 bits', () => {
  test.each([
    [0, []],
    [1, ['w1']],
    [2, ['w1', 'w2']],
  ] as const)('keeps as many of the first contractions in float as is fastest: %i', async (slow, inFloat) => {
    const base = await baseUnder((index, isInt8) => (isInt8 ? (index < slow ? 90 : 10) : 40));
    expect(base.inFloat).toEqual(inFloat);
    // Four contractions of 40 in float, some of them 10 instead.
    expect(base.int8Speedup).toBeCloseTo(160 / (40 * slow + 10 * (4 - slow)), 6);
    expect(base.speedup).toBeCloseTo(1, 6);
  });

  test('keeps the same in float when the run is resumed, whatever is faster then', async () => {
    await baseUnder((index, isInt8) => (isInt8 ? (index < 1 ? 90 : 10) : 40));
    const inInt8Faster: Price = (_index, isInt8) => (isInt8 ? 10 : 40);
    expect((await baseUnder(inInt8Faster, 'resumed')).inFloat).toEqual(['w1']);
    expect((await baseUnder(inInt8Faster)).inFloat).toEqual([]);
  });

  test('has a gentler one beside it with more in float, as long as that keeps most of the gain', async () => {
    const firstSlow: Price = (index, isInt8) => (isInt8 ? (index < 1 ? 35 : 10) : 40);
    const base = await baseUnder(firstSlow);
    expect([base.inFloat, base.int8Speedup]).toEqual([[], expect.closeTo(160 / 65, 6)]);
    const gentler = await gentlerBase(study, base);
    expect(gentler).toMatchObject({ key: 'A but for 1', inFloat: ['w1'], rounds: [] });
    expect(gentler!.int8Speedup).toBeCloseTo(160 / 70, 6);
    // 160 / 70 is less than three quarters of what 160 / 40 gains.
    const alike = await baseUnder((_index, isInt8) => (isInt8 ? 10 : 40));
    expect(await gentlerBase(study, alike)).toBeNull();
  });

  test('is none where no part of it is faster than float', async () => {
    expect((await baseUnder((_index, isInt8) => (isInt8 ? 50 : 40))).int8Speedup).toBeNull();
  });

  test('of what comes of a base keeps in float what is made of the same weights', async () => {
    const base = await baseUnder((index, isInt8) => (isInt8 ? (index < 1 ? 90 : 10) : 40));
    const form = { name: 'separable', rank: 2 } as const;
    const twice = editBase(base, [{ kind: 'replace', weight: 'w1', form }]);
    expect(twice, 'the edit fits').not.toBeNull();
    timed = [];
    price = (_index, isInt8) => (isInt8 ? 10 : 40);
    await timeForms(study, [{ ...twice!, inFloat: base.inFloat }], true);
    expect(timed.map(contractionsOf).at(-1)).toEqual([false, false, true, true, true]);
  });

  test('is timed with ranges within a clip, which runtimes then leave out', async () => {
    const { program, parameters } = original();
    const clipped = rebuild(program, (id, b, ids) => {
      const { op, inputs } = program.instructions[id]!;
      return op === 'relu' ? b.add('clip', [ids[inputs[0]!]!], { min: 0, max: 6 }) : undefined;
    });
    timed = [];
    price = () => 10;
    await timeForms(study, [{ program: clipped, parameters, inFloat: ['w1'] }], true);
    const { nodes, initializers } = timed.at(-1)!;
    const clips = new Set(nodes.filter((n) => n.type === 'Clip').map((n) => n.outputs[0]));
    const scales = nodes
      .filter((n) => n.type === 'QuantizeLinear' && clips.has(n.inputs[0]))
      .map((n) => (initializers.get(n.inputs[1]!)!.data as Float32Array)[0]!);
    expect(scales).toHaveLength(3);
    for (const scale of scales) {
      expect(Math.fround(scale * 255)).toBeLessThanOrEqual(6);
      expect(scale * 255).toBeCloseTo(6, 4);
    }
  });

  test('is calibrated on samples, what is in float untouched', async () => {
    const { program, parameters } = original();
    const reference = await makeReference(study);
    const form = (await calibratedInt8(study, reference, program, parameters, ['w1']))!;
    const signed = select(form.program, 'quantize').filter(([, { attributes }]) => attributes.signed);
    expect(signed).toHaveLength(3);
    const [, first] = select(form.program, 'conv')[0]!;
    expect(first.inputs.map((i) => form.program.instructions[i]!.op)).toEqual(['input', 'parameter']);
  });
});

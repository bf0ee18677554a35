import { ProgramBuilder } from '../instructions/builder.ts';
import { usualForms } from '../instructions/contraction-gradients.ts';
import type { GradientForm } from '../instructions/gradient-form.ts';
import { type InputForm, inputForms } from '../instructions/input-gradients.ts';
import { lowerToModel } from '../instructions/lower.ts';
import { bind, type Program, type Shape, sizeOf } from '../instructions/program.ts';
import type { ConvolutionSite, GradientForms } from '../instructions/row.ts';
import { type WeightForm, weightForms } from '../instructions/weight-gradients.ts';
import { type Dense, type LocalSession, openSession } from './runtime.ts';

const opset = 17;
/** Operands of a measurement hold at most so many numbers, unless that left fewer than `leastSamples`. */
const mostNumbers = 2 ** 20;
const leastSamples = 4;
/** Rounds after the first one, from which the clearly slower forms are left out. */
const laterRounds = 4;
const clearlySlower = 1.6;

/** A net's forms are measured for so long at most; training is what the time is for. */
const usualMs = 3000;

/** Where gradients are run. */
export interface FormSettings {
  readonly batch: number;
  readonly threads: number;
  /** Channels in a block of the runtime's own layout, null for the plain one. */
  readonly block: number | null;
}

/** What one form took, in milliseconds: the best of its runs. */
export interface FormTiming {
  readonly form: string;
  readonly bestMs: number;
}

type Side = 'weight' | 'input';

/** Measured once per process, shape and setting: the same convolution stands in many students. */
const known = new Map<string, readonly FormTiming[]>();

/**
 * Measures the forms of every gradient that training `program` needs, on this computer, and chooses the fastest
 * of each. The forms are equal but for rounding, so that only the time of a step depends on the clock.
 */
export async function measureForms(
  program: Program,
  settings: FormSettings,
  longestMs = usualMs,
): Promise<GradientForms> {
  const started = performance.now();
  // The dearest first; what is not reached takes its usual form, and is measured for the next student.
  const needed = neededGradients(program).sort((a, b) => workOf(b.site) - workOf(a.site));
  for (const { side, site } of needed) {
    if (performance.now() - started >= longestMs) break;
    await timeForms(side, site, settings);
  }
  const fastest = (side: Side, site: ConvolutionSite): string | undefined =>
    known.get(keyOf(side, site, settings))?.[0]?.form;
  return {
    weight: (site) => (fastest('weight', site) as WeightForm | undefined) ?? usualForms.weight(site),
    input: (site) => (fastest('input', site) as InputForm | undefined) ?? usualForms.input(site),
  };
}

/** The convolutions' gradients that lead to a parameter; each shape once. */
function neededGradients(program: Program): { side: Side; site: ConvolutionSite }[] {
  const learns: boolean[] = [];
  const found = new Map<string, { side: Side; site: ConvolutionSite }>();
  const need = (side: Side, site: ConvolutionSite): void => {
    found.set(JSON.stringify([side, site]), { side, site });
  };
  for (const { op, inputs, attributes, shape } of program.instructions) {
    learns.push(op === 'parameter' || inputs.some((i) => learns[i]));
    if (op !== 'conv' && op !== 'convTranspose') continue;
    const [x, w] = inputs as [number, number];
    const operand = program.instructions[x]!.shape;
    const { strides, dilations, pads, groups } = attributes;
    const site: ConvolutionSite = {
      large: op === 'conv' ? operand : shape,
      small: op === 'conv' ? shape : operand,
      weight: program.instructions[w]!.shape,
      convolution: { strides, dilations, pads, groups },
    };
    if (learns[w]) need('weight', site);
    if (learns[x] && op === 'conv') need('input', site);
  }
  return [...found.values()];
}

/** Multiply-adds of the convolution. */
const workOf = ({ small, weight }: ConvolutionSite): number => sizeOf(small) * sizeOf(weight.slice(1));

function keyOf(side: Side, { large, small, weight, convolution }: ConvolutionSite, settings: FormSettings) {
  const { strides, dilations, pads, groups } = convolution;
  const { batch, threads, block } = settings;
  const sizes = [large, small, weight, strides, dilations, pads, groups];
  return JSON.stringify([side, ...sizes, batch, threads, block]);
}

/** The forms that fit, the fastest first; the only one is not timed. */
export async function timeForms(
  side: Side,
  site: ConvolutionSite,
  settings: FormSettings,
): Promise<readonly FormTiming[]> {
  const key = keyOf(side, site, settings);
  const measured = known.get(key);
  if (measured) return measured;
  const forms: Readonly<Record<string, GradientForm>> = side === 'weight' ? weightForms : inputForms;
  const fitting = Object.entries(forms).filter(([, form]) => form.fits(site));
  const result =
    fitting.length === 1
      ? [{ form: fitting[0]![0], bestMs: 0 }]
      : await race(new Map(fitting), side, site, settings);
  known.set(key, result);
  return result;
}

async function race(
  forms: ReadonlyMap<string, GradientForm>,
  side: Side,
  site: ConvolutionSite,
  { batch, threads, block }: FormSettings,
): Promise<FormTiming[]> {
  const operands: readonly [Shape, Shape] =
    side === 'weight' ? [site.large, site.small] : [site.small, site.weight];
  const perSample = sizeOf(site.large) + sizeOf(site.small);
  const samples = Math.min(batch, Math.max(leastSamples, Math.floor(mostNumbers / perSample)));
  const feeds: Record<string, Dense> = {};
  operands.forEach((shape, n) => {
    feeds[`operand_${n}`] = { shape: bind(shape, samples), data: waves(sizeOf(shape, samples)) };
  });
  const runners: { form: string; session: LocalSession; times: number[] }[] = [];
  try {
    for (const [form, { build }] of forms) {
      const b = new ProgramBuilder();
      const [first, second] = operands.map((shape, n) => b.input(`operand_${n}`, shape));
      const program = b.build([build(b, first!, second!, site)]);
      const model = lowerToModel(program, new Map(), { opset, batch: samples, block });
      runners.push({ form, session: await openSession(model, threads), times: [] });
    }
    const runAll = async (some: typeof runners): Promise<void> => {
      for (const { session, times } of some) {
        const started = performance.now();
        await session.run(feeds);
        times.push(performance.now() - started);
      }
    };
    // The first run learns which memory is needed, the second takes it; the third tells who is out of the question.
    for (const { session } of runners) for (let run = 0; run < 2; run++) await session.run(feeds);
    await runAll(runners);
    const best = Math.min(...runners.map((r) => r.times[0]!));
    const close = runners.filter((r) => r.times[0]! <= clearlySlower * best);
    if (close.length > 1) for (let round = 0; round < laterRounds; round++) await runAll(close);
    return runners
      .map(({ form, times }) => ({ form, bestMs: Math.min(...times) }))
      .sort((a, b) => a.bestMs - b.bestMs);
  } finally {
    for (const { session } of runners) await session.release();
  }
}

/** Numbers of ordinary size: zeros or denormals would time something else. */
export const waves = (length: number): Float32Array => Float32Array.from({ length }, (_, i) => Math.sin(i));

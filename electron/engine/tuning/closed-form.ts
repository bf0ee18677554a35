import { ProgramBuilder } from '../instructions/builder.ts';
import { lowerToModel } from '../instructions/lower.ts';
import type { Parameters, Program } from '../instructions/program.ts';
import { positions } from '../instructions/shapes.ts';
import { type Draft, type Linear, linears } from '../search/draft.ts';
import { solvePositive } from './cholesky.ts';
import { type Dense, openSession } from './runtime.ts';

/** Past this many columns the normal equations cost more than they bring; the weight keeps its first values. */
const largestColumns = 1700;
/** Rows of the regression: enough for stable moments, few enough to hold the unfolded input in memory. */
const wantedRows = 24_000;
const opset = 17;

/** The teacher's side: its program, and inputs of some samples of the fit part. */
export interface Teacher {
  readonly program: Program;
  readonly parameters: Parameters;
  readonly input: string;
  /** [samples, …] in the model's input layout. */
  readonly samples: Dense;
}

/** What one refit reached: the share of the target's variance that it leaves unexplained. */
export interface FitReport {
  readonly weight: string;
  readonly error: number | null;
}

/**
 * Fits the draft's replaced linear instructions in network order, each by least squares: the student's own
 * input of the instruction against the teacher's output of the one it replaces, with an intercept that goes
 * into the bias that follows. What cannot be fitted so keeps its initial values (error null).
 */
export async function fitClosedForm(
  draft: Draft,
  teacher: Teacher,
  threads: number,
): Promise<{ parameters: Parameters; reports: FitReport[] }> {
  const values = new Map(
    [...draft.parameters].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]),
  );
  const reports: FitReport[] = [];
  const all = linears(draft.program);
  const order = draft.refits
    .filter((refit, i) => draft.refits.findIndex((r) => r.weight === refit.weight) === i)
    .map((refit) => ({ refit, linear: all.find((l) => l.weight === refit.weight) }))
    .sort((a, b) => (a.linear?.id ?? 0) - (b.linear?.id ?? 0));
  for (const { refit, linear } of order) {
    if (!linear) continue;
    reports.push({
      weight: refit.weight,
      error: await fitOne(draft.program, values, linear, refit.target, teacher, threads),
    });
  }
  return { parameters: values, reports };
}

type Values = Map<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;

async function fitOne(
  program: Program,
  values: Values,
  linear: Linear,
  target: string,
  teacher: Teacher,
  threads: number,
): Promise<number | null> {
  const goal = linears(teacher.program).find((l) => l.weight === target);
  const instruction = program.instructions[linear.id]!;
  if (!goal || (instruction.op === 'conv' && instruction.attributes.groups !== 1)) return null;
  const goalShape = teacher.program.instructions[goal.id]!.shape;
  if (goalShape.join() !== instruction.shape.join()) return null;
  const columns =
    linear.kind === 'conv' ? linear.shape.slice(1).reduce((a, d) => a * d, 1) : linear.shape[linear.inAxis]!;
  const outputs = linear.shape[linear.outAxis]!;
  if (columns > largestColumns) return null;
  const biasName = biasAfter(program, linear);
  const rowsPerSample = instruction.shape.slice(1).reduce((a, d) => a * Math.abs(d), 1) / outputs;
  const available = teacher.samples.shape[0]!;
  const samples = Math.max(
    1,
    Math.min(available, Math.ceil(Math.max(wantedRows, 3 * columns) / rowsPerSample)),
  );
  const moments = await measureMoments(program, values, linear, goal, teacher, samples, threads);
  return solve(values, linear, moments, { columns, outputs, biasName });
}

interface Moments {
  /** [columns+1, columns+1], the last row and column those of the constant 1. */
  readonly features: Float32Array;
  /** [columns+1, outputs] */
  readonly cross: Float32Array;
  /** Σ of the target and Σ of its square, and the rows they are over. */
  readonly targetSum: Float32Array;
  readonly targetSquares: number;
  readonly rows: number;
}

/** One pass over the samples: the moment matrix of [features of the student, 1] with itself and with the target. */
async function measureMoments(
  program: Program,
  values: Values,
  linear: Linear,
  goal: Linear,
  teacher: Teacher,
  samples: number,
  threads: number,
): Promise<Moments> {
  const b = new ProgramBuilder();
  const inputShape = teacher.program.instructions.find((i) => i.op === 'input')!.shape;
  const x = b.input(teacher.input, inputShape);
  const instruction = program.instructions[linear.id]!;
  const studentPrefix: Program = { ...program, outputs: [instruction.inputs[0]!] };
  const [own] = b.include(studentPrefix, new Map([[teacher.input, x]]));
  const [goalOut] = b.include(
    { ...teacher.program, outputs: [goal.id] },
    new Map([[teacher.input, x]]),
    (n) => `teacher:${n}`,
  );
  const features = linear.kind === 'conv' ? unfold(b, own!, program, linear) : rowsOf(b, own!);
  const target = linear.kind === 'conv' ? channelsLast(b, goalOut!) : rowsOf(b, goalOut!);
  const rows = b.shape(features)[0]!;
  const withOne = b.add('concat', [features, b.constant(1, [rows, 1])], { axis: 1 });
  const flipped = b.add('transpose', [withOne], { permutation: [1, 0] });
  const outputs = [
    b.add('matmul', [flipped, withOne], {}),
    b.add('matmul', [flipped, target], {}),
    b.add('sum', [target], { axes: [0], keepDims: false }),
    b.add('sum', [b.add('mul', [target, target], {})], { axes: [0, 1], keepDims: false }),
  ];
  const known = new Map([
    ...values,
    ...[...teacher.parameters].map(([name, v]) => [`teacher:${name}`, v] as const),
  ]);
  const model = lowerToModel(b.build(outputs), known, {
    opset,
    batch: samples,
    outputs: ['features', 'cross', 'sum', 'squares'],
  });
  const session = await openSession(model, threads);
  try {
    const perSample = teacher.samples.data.length / teacher.samples.shape[0]!;
    const shape = [samples, ...teacher.samples.shape.slice(1)];
    const results = await session.run({
      [teacher.input]: { shape, data: teacher.samples.data.subarray(0, samples * perSample) },
    });
    return {
      features: results.features!.data,
      cross: results.cross!.data,
      targetSum: results.sum!.data,
      targetSquares: results.squares!.data[0]!,
      rows: Math.abs(rows) * samples,
    };
  } finally {
    await session.release();
  }
}

function solve(
  values: Values,
  linear: Linear,
  m: Moments,
  { columns, outputs, biasName }: { columns: number; outputs: number; biasName: string | null },
): number | null {
  const n = biasName === null ? columns : columns + 1;
  const a = new Float64Array(n * n);
  const b = new Float64Array(n * outputs);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) a[i * n + j] = m.features[i * (columns + 1) + j]!;
    for (let o = 0; o < outputs; o++) b[i * outputs + o] = m.cross[i * outputs + o]!;
  }
  const cross = b.slice();
  if (!solvePositive(a, b, n, outputs, 1e-4) || b.some((v) => !Number.isFinite(v))) return null;
  const current = values.get(linear.weight)!;
  const data = new Float32Array(current.data.length);
  // Unfolded features run over [channel, tap]; a weight [K,C,k,k] read row by row is the same order.
  for (let o = 0; o < outputs; o++)
    for (let i = 0; i < columns; i++)
      data[linear.outAxis === 0 ? o * columns + i : i * outputs + o] = b[i * outputs + o]!;
  values.set(linear.weight, { shape: current.shape, data });
  if (biasName !== null) {
    const bias = values.get(biasName)!;
    values.set(biasName, { shape: bias.shape, data: bias.data.map((v, o) => v + b[columns * outputs + o]!) });
  }
  return unexplained(m, b, cross, n, outputs);
}

/** Residual over variance, from the moments: Σy² − Σ b·cross, over Σ(y − ȳ)². */
function unexplained(m: Moments, b: Float64Array, cross: Float64Array, n: number, outputs: number): number {
  let explained = 0;
  for (let i = 0; i < n * outputs; i++) explained += b[i]! * cross[i]!;
  const mean = m.targetSum.reduce((sum, s) => sum + (s * s) / m.rows, 0);
  const variance = Math.max(m.targetSquares - mean, 1e-12);
  return Math.min(1, Math.max(0, (m.targetSquares - explained) / variance));
}

/** The bias [K] that is added right after the instruction and that nothing else reads; null if there is none. */
function biasAfter(program: Program, linear: Linear): string | null {
  const readers = program.instructions.flatMap((i, id) => (i.inputs.includes(linear.id) ? [id] : []));
  const sum = program.instructions[readers[0] ?? -1];
  if (readers.length !== 1 || sum?.op !== 'add') return null;
  const other = program.instructions[sum.inputs.find((i) => i !== linear.id) ?? -1];
  const leaf = other?.op === 'reshape' ? program.instructions[other.inputs[0]!] : other;
  if (leaf?.op !== 'parameter' || leaf.shape.length !== 1 || leaf.shape[0] !== linear.shape[linear.outAxis])
    return null;
  return leaf.attributes.name;
}

/** [N,C,H,W] → [N·H'·W', C·taps], what each output point of the convolution sees. */
function unfold(b: ProgramBuilder, x: number, program: Program, linear: Linear): number {
  const instruction = program.instructions[linear.id]!;
  if (instruction.op !== 'conv') throw new Error('Only a convolution unfolds');
  const { strides, dilations, pads } = instruction.attributes;
  const n = strides.length;
  const small = instruction.shape.slice(2);
  const kernel = linear.shape.slice(2);
  const zero = new Array<number>(2).fill(0);
  const padded = b.add('pad', [x], {
    before: [...zero, ...pads.slice(0, n)],
    after: [...zero, ...pads.slice(n)],
    value: 0,
  });
  const channels = linear.shape[1]!;
  const points = small.reduce((a, d) => a * d, 1);
  const parts = positions(kernel).map((tap) => {
    const shifted = tap.reduce((id, t, i) => {
      const start = t * dilations[i]!;
      return b.add('slice', [id], {
        axis: i + 2,
        start,
        end: start + (small[i]! - 1) * strides[i]! + 1,
        step: strides[i]!,
      });
    }, padded);
    return b.add('reshape', [shifted], { shape: [-1, channels, 1, points] });
  });
  const stacked = parts.length === 1 ? parts[0]! : b.add('concat', parts, { axis: 2 });
  const last = b.add('transpose', [stacked], { permutation: [0, 3, 1, 2] });
  return b.add('reshape', [last], { shape: [-points, channels * parts.length] });
}

/** [N,K,H,W] → [N·H·W, K] */
function channelsLast(b: ProgramBuilder, y: number): number {
  const [, k, ...spatial] = b.shape(y) as number[];
  const points = spatial.reduce((a, d) => a * d, 1);
  const flat = b.add('reshape', [y], { shape: [-1, k!, points] });
  return b.add('reshape', [b.add('transpose', [flat], { permutation: [0, 2, 1] })], { shape: [-points, k!] });
}

/** [..., D] → [rows, D] */
function rowsOf(b: ProgramBuilder, x: number): number {
  const shape = b.shape(x);
  const rows = shape.slice(0, -1).reduce((a, d) => a * Math.abs(d), 1);
  return b.add('reshape', [x], { shape: [-rows, shape[shape.length - 1]!] });
}

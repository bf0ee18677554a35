import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import type { AppError } from '../../contract/errors.ts';
import { fail, ok, type Result } from '../../contract/result.ts';
import type { SearchObstacle } from '../../contract/run-notes.ts';
import { checkAgainstModel, type Data, openData, type Part } from '../data/data.ts';
import type { EngineHost, OptimizeJob } from '../host.ts';
import { ProgramBuilder } from '../instructions/builder.ts';
import type { Parameters, Program, Shape } from '../instructions/program.ts';
import { checkModel } from '../onnx/check.ts';
import type { OnnxModel } from '../onnx/model.ts';
import { readModelFile } from '../onnx/read.ts';
import { writeModel } from '../onnx/write.ts';
import { type ImportedModel, importModel, importRegion, type Opaque } from '../operators/import.ts';
import { rewriteModel } from '../operators/rewrite.ts';
import { classesOf, headOf } from '../run-on-data.ts';
import type { Head } from '../tuning/loss.ts';
import { localThreads } from '../tuning/runtime.ts';
import { withViews } from '../tuning/views.ts';
import { type Ledger, makeLedger } from './candidates/ledger.ts';
import { type Live, makeLive } from './live.ts';

/** Everything the stages of one optimization share. */
export interface Study {
  readonly job: OptimizeJob;
  readonly host: EngineHost;
  readonly live: Live;
  readonly ledger: Ledger;
  /** Threads for work on this computer. */
  readonly threads: number;
  readonly data: Data;
  /** What candidates are chosen on: `select`, with views of its samples where they are few. */
  readonly choosing: Part;
  /** A as the user gave it, its operators named. */
  readonly original: OnnxModel;
  readonly originalBytes: Uint8Array;
  /** A after the exact rewrites: where the search starts. */
  readonly model: OnnxModel;
  /** Rules that were applied, e.g. `fold BatchNormalization: conv1, bn1`. */
  readonly rewrites: readonly string[];
  readonly inputName: string;
  readonly inputShape: Shape;
  readonly shapes: ReadonlyMap<string, Shape>;
  /** The whole model in instructions, up to the scores before a final softmax; null when there is an `obstacle`. */
  readonly whole: { readonly program: Program; readonly parameters: Parameters } | null;
  /** What makes A's output of the scores of `whole`, its one input; null where they are the output. */
  readonly tail: Program | null;
  /** Why there is no `whole`; null when there is one. */
  readonly obstacle: SearchObstacle | null;
  readonly head: Head;
  /** Seconds that are left of the budget. */
  secondsLeft(): number;
}

/** Opens model and data, checks one against the other and brings the model into instructions. */
export async function openStudy(job: OptimizeJob, host: EngineHost): Promise<Result<Study, AppError>> {
  const started = performance.now();
  const read = readModelFile(job.modelPath);
  if (!read.ok) return read;
  const opened = await openData(job.dataPath, basename(job.modelPath), job.seed);
  if (!opened.ok) return opened;
  const data = opened.value;
  const checked = checkModel(read.value, job.modelPath, { sampleShape: data.sampleShape });
  if (!checked.ok) return checked;
  const [inputName, inputShape] = [...checked.value][0]!;
  const originalBytes = writeModel(read.value);
  const rewritten = rewriteModel(read.value);
  const imported = importModel(rewritten.model, checked.value);
  const classes = classesOf(read.value, imported.shapes.get(read.value.outputs[0]?.name ?? ''));
  const fits = checkAgainstModel(data, inputShape, classes, job.dataPath);
  if (!fits.ok) return fits;
  const obstacle = obstacleOf(read.value, imported.opaque);
  const head = headOf(data, read.value);
  const { program, tail } =
    head === 'scores' && obstacle === null
      ? scoresOf(rewritten.model, imported)
      : { program: imported.program, tail: null };
  return ok({
    job,
    host,
    live: makeLive(host),
    ledger: makeLedger(),
    threads: localThreads(availableParallelism()),
    data,
    choosing: withViews(data.parts.select, data.sampleShape, job.seed),
    original: read.value,
    originalBytes,
    model: rewritten.model,
    rewrites: rewritten.applied.map(({ rule, operators }) => `${rule}: ${operators.join(', ')}`),
    inputName,
    inputShape,
    shapes: imported.shapes,
    whole: obstacle === null ? { program, parameters: imported.parameters } : null,
    tail,
    obstacle,
    head,
    secondsLeft: () => job.budgetSeconds - job.elapsedSeconds - (performance.now() - started) / 1000,
  });
}

/** Operators that models in 8 bits are made of. */
const eightBits = /^((Dynamic)?QuantizeLinear|DequantizeLinear|QLinear.+|(Conv|MatMul)Integer)$/;

function obstacleOf({ inputs, nodes }: OnnxModel, [opaque]: readonly Opaque[]): SearchObstacle | null {
  if (inputs.length > 1) return { kind: 'severalInputs', inputs: inputs.length };
  if (nodes.some((node) => node.name === opaque?.operator && eightBits.test(node.type)))
    return { kind: 'inEightBits', operator: opaque!.operator };
  return opaque ? { kind: 'undefinedOperator', operator: opaque.operator, reason: opaque.reason } : null;
}

/** The program up to the scores [N,C], before a final softmax, and what follows them. */
function scoresOf(
  model: OnnxModel,
  { program, values, shapes }: ImportedModel,
): { readonly program: Program; readonly tail: Program | null } {
  const result = model.outputs[0]!.name;
  const last = model.nodes.find((node) => node.outputs.includes(result));
  const before = last?.type === 'Softmax' ? values.get(last.inputs[0]!) : undefined;
  const scores = before ?? program.outputs[0]!;
  const b = new ProgramBuilder();
  const [made] = b.takeIn({ ...program, outputs: [scores] });
  const shape = b.shape(made!);
  const isFlat = shape.length === 2 || shape.slice(2).some((d) => d !== 1);
  const flat = isFlat ? made! : b.add('reshape', [made!], { shape: shape.slice(0, 2) });
  if (isFlat && before === undefined) return { program: b.build([flat]), tail: null };
  const t = new ProgramBuilder();
  const input = t.input('scores', b.shape(flat));
  const restored = isFlat ? input : t.add('reshape', [input], { shape });
  if (before === undefined) return { program: b.build([flat]), tail: t.build([restored]) };
  const softmax = importRegion(model, new Set([last!.name]), shapes);
  return {
    program: b.build([flat]),
    tail: t.build(t.include(softmax, new Map([[last!.inputs[0]!, restored]]))),
  };
}

/** The failure of a host call that cannot be gone on from. */
export class StudyFailure extends Error {
  readonly error: AppError;
  constructor(error: AppError) {
    super(error.kind);
    this.error = error;
  }
}

/** The value, or a `StudyFailure` that `optimize` turns back into a result. */
export function need<T>(result: Result<T, AppError>): T {
  if (!result.ok) throw new StudyFailure(result.error);
  return result.value;
}

/** Stops here when the person cancelled. */
export function checkCancelled(host: EngineHost): void {
  if (host.signal.aborted) throw new StudyFailure({ kind: 'cancelled' });
}

/** Turns a `StudyFailure` back into a result. */
export async function settled<T>(work: () => Promise<T>): Promise<Result<T, AppError>> {
  try {
    return ok(await work());
  } catch (error) {
    if (error instanceof StudyFailure) return fail(error.error);
    throw error;
  }
}

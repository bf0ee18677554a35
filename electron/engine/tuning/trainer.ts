import { differentiate, parametersOf } from '../instructions/differentiate.ts';
import { lowerToModel } from '../instructions/lower.ts';
import { bind, type Parameters, type Program, sizeOf } from '../instructions/program.ts';
import { Adam } from './adam.ts';
import { blockHere } from './blocks.ts';
import { measureForms } from './gradient-forms.ts';
import { guidanceName, type LossSettings, targetName, withLoss } from './loss.ts';
import { type Dense, type LocalSession, openSession } from './runtime.ts';

/** Opset of training graphs: new enough for every row, old enough for every fused kernel. */
const trainingOpset = 17;

/** A student under training: a gradient graph in onnxruntime, Adam on the arrays that are fed to it. */
export interface Trainer {
  /** The values as they now are; changed in place by `step`. */
  readonly parameters: Parameters;
  readonly batch: number;
  /**
   * One step on a batch: `x` [batch, …], a target for each output, and by their names the loss's further inputs.
   * Returns the loss before the step.
   */
  step(
    x: Float32Array,
    targets: readonly Float32Array[],
    rate: number,
    further?: Readonly<Record<string, Float32Array>>,
  ): Promise<number>;
  release(): Promise<void>;
}

/** Settings of a trainer; the input and the outputs are those of the program. */
export interface TrainerSettings extends LossSettings {
  readonly batch: number;
  readonly threads: number;
  readonly weightDecay: number;
  /** Milliseconds for measuring the forms of gradients, at most. */
  readonly formMs?: number;
}

/** Builds the training graph of `program`; `parameters` are copied. Parameters without influence stay as they are. */
export async function makeTrainer(
  program: Program,
  parameters: Parameters,
  settings: TrainerSettings,
): Promise<Trainer> {
  const lossProgram = withLoss(program, settings);
  const names = parametersOf(lossProgram).map((p) => p.name);
  const own = new Map(
    [...parameters].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]),
  );
  const parts = partsOf(lossProgram, settings.batch);
  const batch = settings.batch / parts;
  const block = await blockHere();
  const { threads } = settings;
  const forms = await measureForms(lossProgram, { batch, threads, block }, settings.formMs);
  const gradient = differentiate(lossProgram, names, forms);
  const outputs = [
    'loss',
    ...program.outputs.map((_, n) => `y_${n}`),
    ...names.map((_, n) => `gradient_${n}`),
  ];
  const model = lowerToModel(gradient, new Map(), { opset: trainingOpset, batch, outputs, block });
  const session: LocalSession = await openSession(model, threads);
  const trained = names.map((name) => own.get(name)!);
  const adam = new Adam(trained, {
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    weightDecay: settings.weightDecay,
  });
  const feeds: Record<string, Dense> = {};
  names.forEach((name, n) => {
    feeds[name] = trained[n]!;
  });
  const inputs = lossProgram.instructions.flatMap((i) => (i.op === 'input' ? [i.attributes] : []));
  const sums = parts > 1 ? trained.map(({ data }) => new Float32Array(data.length)) : [];
  return {
    parameters: own,
    batch: settings.batch,
    async step(x, targets, rate, further = {}) {
      let loss = 0;
      let gradients: Float32Array[] = [];
      for (let part = 0; part < parts; part++) {
        for (const { name, shape } of inputs) {
          const n = program.outputs.findIndex((_, i) => targetName(i) === name);
          const whole = targets[n] ?? further[name] ?? x;
          const [from, to] = name === guidanceName ? [0, 1] : [part / parts, (part + 1) / parts];
          const data = whole.subarray(from * whole.length, to * whole.length);
          feeds[name] = { shape: bind(shape, batch), data };
        }
        const results = await session.run(feeds);
        loss += results.loss!.data[0]! / parts;
        gradients = names.map((_, n) => results[`gradient_${n}`]!.data);
        for (const [n, sum] of sums.entries())
          if (part === 0) sum.set(gradients[n]!);
          else addTo(sum, gradients[n]!);
      }
      adam.step(parts > 1 ? sums : gradients, rate, 5, parts);
      return loss;
    },
    release: () => session.release(),
  };
}

/** Values of this many numbers stay near the cores; larger ones make every instruction wait for the memory. */
const nearNumbers = 2 ** 21;
const leastPart = 8;

/** In how many equal parts a batch is run, so that the largest value of a part stays small; gradients add up. */
function partsOf(program: Program, batch: number): number {
  const largest = program.instructions.reduce(
    (most, { shape }) => (shape.some((d) => d < 0) ? Math.max(most, sizeOf(shape)) : most),
    0,
  );
  let parts = 1;
  while (
    batch % (2 * parts) === 0 &&
    batch / (2 * parts) >= leastPart &&
    (largest * batch) / parts > nearNumbers
  )
    parts *= 2;
  return parts;
}

function addTo(sum: Float32Array, part: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += part[i]!;
}

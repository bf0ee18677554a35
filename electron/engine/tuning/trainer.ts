import { differentiate, parametersOf } from '../instructions/differentiate.ts';
import { lowerToModel } from '../instructions/lower.ts';
import type { Parameters, Program } from '../instructions/program.ts';
import { Adam } from './adam.ts';
import { measureForms } from './gradient-forms.ts';
import { type Head, targetName, withLoss } from './loss.ts';
import { type Dense, type LocalSession, openSession } from './runtime.ts';

/** Opset of training graphs: new enough for every row, old enough for every fused kernel. */
const trainingOpset = 17;

/** A student under training: a gradient graph in onnxruntime, Adam on the arrays that are fed to it. */
export interface Trainer {
  /** The values as they now are; changed in place by `step`. */
  readonly parameters: Parameters;
  readonly batch: number;
  /** One step on a batch: `x` [batch, …], a target for each output. Returns the loss before the step. */
  step(x: Float32Array, targets: readonly Float32Array[], rate: number): Promise<number>;
  release(): Promise<void>;
}

/** Settings of a trainer; the input and the outputs are those of the program. */
export interface TrainerSettings {
  readonly batch: number;
  readonly threads: number;
  readonly head: Head;
  readonly scales: readonly number[];
  readonly weightDecay: number;
}

/** Builds the training graph of `program`; `parameters` are copied. Parameters without influence stay as they are. */
export async function makeTrainer(
  program: Program,
  parameters: Parameters,
  settings: TrainerSettings,
): Promise<Trainer> {
  const lossProgram = withLoss(program, settings.head, settings.scales);
  const names = parametersOf(lossProgram).map((p) => p.name);
  const own = new Map(
    [...parameters].map(([name, { shape, data }]) => [name, { shape, data: data.slice() }]),
  );
  const forms = await measureForms(lossProgram, settings);
  const gradient = differentiate(lossProgram, names, forms);
  const outputs = [
    'loss',
    ...program.outputs.map((_, n) => `y_${n}`),
    ...names.map((_, n) => `gradient_${n}`),
  ];
  const model = lowerToModel(gradient, new Map(), { opset: trainingOpset, batch: settings.batch, outputs });
  const session: LocalSession = await openSession(model, settings.threads);
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
  const bound = (shape: readonly number[]) => shape.map((d) => (d < 0 ? -d * settings.batch : d));
  const inputs = lossProgram.instructions.flatMap((i) => (i.op === 'input' ? [i.attributes] : []));
  return {
    parameters: own,
    batch: settings.batch,
    async step(x, targets, rate) {
      for (const { name, shape } of inputs) {
        const n = program.outputs.findIndex((_, i) => targetName(i) === name);
        feeds[name] = { shape: bound(shape), data: n < 0 ? x : targets[n]! };
      }
      const results = await session.run(feeds);
      adam.step(
        names.map((_, n) => results[`gradient_${n}`]!.data),
        rate,
      );
      return results.loss!.data[0]!;
    },
    release: () => session.release(),
  };
}

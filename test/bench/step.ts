import { median } from '../../electron/engine/complexity/intervals.ts';
import { lowerToModel } from '../../electron/engine/instructions/lower.ts';
import { batchOf } from '../../electron/engine/stages/tuning/lessons.ts';
import { blockHere } from '../../electron/engine/tuning/blocks.ts';
import { guidanceName, softenedName } from '../../electron/engine/tuning/loss.ts';
import { type Dense, openSession } from '../../electron/engine/tuning/runtime.ts';
import { makeTrainer } from '../../electron/engine/tuning/trainer.ts';
import { markdownTable } from './figures.ts';
import { studyOf } from './study-of.ts';
import { type Subject, subjectsOf } from './subjects.ts';
import { tell } from './tell.ts';

const rounds = 15;
const temperature = 4;

/**
 * Prints what a step of fine-tuning costs against a forward pass of the same batch with the weights as inputs: the
 * gradients of all of A's parameters with soft labels, and the optimizer. One thread, in turns. Beside it the forward
 * pass in blocks of channels, the layout of the step.
 */
export async function step(names: readonly string[]): Promise<void> {
  const { subjects, skipped } = subjectsOf(names, {});
  for (const line of skipped) console.log(line);
  const rows: string[][] = [];
  for (const subject of subjects) {
    tell(`${subject.name}: steps and forward passes`);
    rows.push(await rowOf(subject));
  }
  const columns = [
    'Model',
    'Batch',
    'Forward, ms',
    'In blocks, ms',
    'Step, ms',
    'Step / forward [of the rounds]',
  ];
  console.log(markdownTable(columns, rows));
}

async function rowOf(subject: Subject): Promise<string[]> {
  const study = await studyOf(subject);
  const { fit } = study.data.parts;
  if (!study.whole) return [subject.name, '–', '–', '–', '–', 'has an operator without a definition'];
  const { program, parameters } = study.whole;
  const batch = batchOf(study.head, program, fit.count);
  const x = await fit.read(Array.from({ length: batch }, (_, i) => i));

  const outputs = program.outputs.map((_, n) => `y_${n}`);
  const opened = (block: number | null) =>
    openSession(lowerToModel(program, new Map(), { opset: 17, batch, outputs, block }), 1);
  const forward = await opened(null);
  const inBlocks = await opened(await blockHere());
  const feeds: Record<string, Dense> = {
    ...Object.fromEntries(parameters),
    [study.inputName]: { shape: [batch, ...study.data.sampleShape], data: x },
  };
  const results = await forward.run(feeds);
  // Whatever they are, targets cost the same.
  const taught = outputs.map((name) => results[name]!.data);
  const trainer = await makeTrainer(program, parameters, {
    batch,
    threads: 1,
    head: study.head,
    scales: outputs.map(() => 1),
    temperature: study.head === 'scores' ? temperature : 1,
    weightDecay: 1e-4,
  });
  const further = {
    [guidanceName]: Float32Array.of(1),
    ...Object.fromEntries(taught.map((target, n) => [softenedName(n), target])),
  };
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const started = performance.now();
    await work();
    return performance.now() - started;
  };
  const pairs: { readonly forwardMs: number; readonly blocksMs: number; readonly stepMs: number }[] = [];
  for (let round = -2; round < rounds; round++) {
    const forwardMs = await timed(() => forward.run(feeds));
    const blocksMs = await timed(() => inBlocks.run(feeds));
    const stepMs = await timed(() => trainer.step(x, taught, 1e-6, further));
    if (round >= 0) pairs.push({ forwardMs, blocksMs, stepMs });
  }
  await forward.release();
  await inBlocks.release();
  await trainer.release();
  const ratios = pairs.map(({ forwardMs, stepMs }) => stepMs / forwardMs).sort((a, b) => a - b);
  const ends = [ratios[1]!, ratios.at(-2)!].map((ratio) => ratio.toFixed(2)).join(', ');
  return [
    subject.name,
    String(batch),
    median(pairs.map((p) => p.forwardMs)).toFixed(1),
    median(pairs.map((p) => p.blocksMs)).toFixed(1),
    median(pairs.map((p) => p.stepMs)).toFixed(1),
    `${median(ratios).toFixed(2)} [${ends}]`,
  ];
}

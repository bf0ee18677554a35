import { type Data, openData } from '../data/data.ts';
import { makeDistillation } from './distil.ts';
import type { FromSchool, Pupil, SchoolData, Taught, ToSchool } from './schools.ts';

// A process of its own that trains one student at a time; it ends when the engine is gone.

let data: Promise<Data> | null = null;
let stopping = new AbortController();

const say = (message: FromSchool): void => {
  process.send?.(message, undefined, undefined, () => undefined);
};

async function open({ dataPath, modelName, seed }: SchoolData): Promise<Data> {
  const opened = await openData(dataPath, modelName, seed);
  if (!opened.ok) throw new Error(`The data could not be opened again: ${opened.error.kind}`);
  return opened.value;
}

async function teach({ program, parameters, lessons, leg }: Pupil): Promise<Taught> {
  if (!data) throw new Error('No data was named');
  const started = performance.now();
  const { parts, sampleShape } = await data;
  stopping = new AbortController();
  const whole = { ...lessons, fit: parts.fit, sampleShape };
  const distillation = await makeDistillation(program, parameters, whole);
  try {
    // Setting up is a part of the leg, so that legs of one length end together.
    const spent = (performance.now() - started) / 1000;
    const rest = { ...leg, seconds: Math.max(leg.seconds / 2, leg.seconds - spent) };
    const report = await distillation.train(rest, stopping.signal, (done) => say({ kind: 'progress', done }));
    return { parameters: distillation.parameters, report };
  } finally {
    await distillation.release();
  }
}

process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit());
process.on('message', (message: ToSchool) => {
  if (message.kind === 'stop') stopping.abort();
  else if (message.kind === 'open') data = open(message.data);
  else
    teach(message.pupil).then(
      (taught) => say({ kind: 'taught', taught }),
      (error: unknown) => {
        const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
        say({ kind: 'failed', message: text });
      },
    );
});

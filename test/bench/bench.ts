/** `npm run bench -- ROW …`: long measurements; the rows are those of the README beside this file. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { CompareResult, OptimizeResult } from '../../electron/contract/api.ts';
import { sshdMissing, startPrivateSshd } from '../faults/private-sshd.ts';
import { ablation } from './ablation.ts';
import { type BenchOptions, readBenchOptions } from './bench-options.ts';
import { boards } from './boards.ts';
import { connect } from './connect.ts';
import { evolution } from './evolution.ts';
import { fieldtune, type Outcome, root, scratchFolder } from './fieldtune.ts';
import { graph } from './graph.ts';
import { history } from './history.ts';
import { kills } from './kills.ts';
import { plainAccuracy } from './plain-accuracy.ts';
import { search } from './search.ts';
import { serial } from './serial.ts';
import { step } from './step.ts';
import { dataOf, type Subject, shared, subjectsOf } from './subjects.ts';
import { sustained } from './sustained.ts';
import { upload } from './upload.ts';
import { windowFigures } from './window.ts';

const state = scratchFolder();

const percent = (v: number): string => `${v >= 0 ? '+' : ''}${v.toFixed(2)}`;

async function report(
  { name, modelPath, dataPath }: Subject,
  outcome: Outcome<OptimizeResult>,
): Promise<void> {
  const { exitCode, seconds, result, message } = outcome;
  if (!result) return console.log(`${name} | exit ${exitCode} | ${message}`);
  const { comparison: c, original: a, optimized: b } = result.result;
  const model = result.files.find((file) => file.endsWith('optimized.onnx'))!;
  const plain = await plainAccuracy(model, dataPath, basename(modelPath));
  const columns = [
    name,
    `exit ${exitCode}`,
    `${seconds.toFixed(0)} s`,
    `${c.speedup.toFixed(2)} [${c.speedupInterval95.map((v) => v.toFixed(2)).join(', ')}] ${c.verdict}`,
    `${percent(c.accuracyChange)} [${c.accuracyChangeInterval95.map(percent).join(', ')}] points`,
    `A ${a.accuracy.value.toFixed(2)} % tuned ${c.tunedOriginalAccuracy?.toFixed(2) ?? '–'} %`,
    `B ${b.accuracy.value.toFixed(2)} %, in plain onnxruntime ${plain === null ? '–' : `${plain.toFixed(2)} %`}`,
    result.explanation,
  ];
  console.log(columns.join(' | '));
}

const optimizeArguments = ({ modelPath, dataPath }: Subject): string[] => [
  'optimize',
  '--model',
  modelPath,
  '--data',
  dataPath,
];

async function sample(): Promise<void> {
  const out = join(scratchFolder(), 'sample');
  for (const subject of subjectsOf(['sample'], {}).subjects)
    await report(
      subject,
      await fieldtune([...optimizeArguments(subject), '--budget', '4m', '--out', out], state),
    );
}

async function sharedModels(args: readonly string[]): Promise<void> {
  // What follows the models goes to the command as it is.
  const first = args.findIndex((arg) => arg.startsWith('--'));
  const names = first < 0 ? args : args.slice(0, first);
  const options = first < 0 ? [] : args.slice(first);
  if (!existsSync(shared)) return console.log('skipped: ../shared is missing');
  if (sshdMissing) return console.log(sshdMissing);
  const { subjects } = subjectsOf(names.length > 0 ? names : Object.keys(dataOf), {});
  const sshd = await startPrivateSshd();
  const folder = scratchFolder();
  try {
    const board = [
      ...['--board', sshd.address, '--identity', sshd.identityFile],
      ...['--accept-host-key', sshd.fingerprint],
    ];
    for (const subject of subjects) {
      const out = ['--out', join(folder, subject.name)];
      await report(
        subject,
        await fieldtune([...optimizeArguments(subject), ...board, ...out, ...options], state),
      );
    }
  } finally {
    await sshd.stop();
  }
}

/** A against itself, 20 times: how often it is called faster or slower. */
async function same(): Promise<void> {
  const model = join(root, 'resources/sample/model.onnx');
  const verdicts: string[] = [];
  for (let i = 0; i < 20; i++) {
    const { result } = await fieldtune<CompareResult>(['compare', model, model], state);
    verdicts.push(
      result ? `${result.verdict} ${result.speedup.toFixed(3)} ±${result.noiseFloor.toFixed(3)}` : 'failed',
    );
    console.log(`${i + 1}: ${verdicts.at(-1)}`);
  }
  const wrong = verdicts.filter((v) => !v.startsWith('inconclusive')).length;
  console.log(`A against A, 20 times: ${wrong} called faster, slower or failed`);
}

/** A row with the options of a bench of the search; what cannot be is one sentence and exit code 2. */
const withOptions =
  (measure: (options: BenchOptions) => Promise<void>) =>
  async (args: readonly string[]): Promise<void> => {
    let options: BenchOptions;
    try {
      options = readBenchOptions(args);
    } catch (error) {
      console.error(error instanceof Error ? error.message : String(error));
      process.exitCode = 2;
      return;
    }
    await measure(options);
  };

const rows: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  sample,
  shared: sharedModels,
  same,
  search: withOptions(search),
  ablation: withOptions(ablation),
  evolution: withOptions(evolution),
  step,
  history,
  kills,
  window: windowFigures,
  graph,
  upload,
  boards,
  connect,
  sustained,
  serial,
};

const [row = '', ...rest] = process.argv.slice(2);
const measure = Object.hasOwn(rows, row) ? rows[row] : undefined;
if (measure) await measure(rest);
else console.log(readFileSync(join(import.meta.dirname, 'README.md'), 'utf8'));

/** `npm run bench -- sample | shared [model …] [--budget 7m …] | same | history | window | graph`: long measurements. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CompareResult, OptimizeResult } from '../../electron/contract/api.ts';
import { sshdMissing, startPrivateSshd } from '../board/private-sshd.ts';
import { graph } from './graph.ts';
import { history } from './history.ts';
import { plainAccuracy } from './plain-accuracy.ts';
import { windowFigures } from './window.ts';

const root = join(import.meta.dirname, '../..');
const shared = join(root, '../shared');
const state = mkdtempSync(join(tmpdir(), 'fieldtune-bench-'));

/** Data of each shared model. */
const dataOf: Readonly<Record<string, string>> = {
  fashion_mnist_cnn: 'fashion-mnist',
  cifar10_resnet20: 'cifar10',
  cifar10_vit_pgd_2_3_16: 'cifar10',
  mlperf_tiny_kws_dscnn: 'keywords',
  mobilenet_v1_025_224: 'imagenet-photos',
  ultraface_rfb_320: 'faces',
};

interface Outcome<T> {
  readonly exitCode: number;
  readonly seconds: number;
  readonly result: T | undefined;
  readonly message: string;
}

/** Runs one command of the terminal face with `--json`. */
function fieldtune<T>(args: readonly string[]): Promise<Outcome<T>> {
  const started = performance.now();
  const child = spawn(process.execPath, [join(root, 'electron/cli.ts'), ...args, '--json'], {
    cwd: root,
    env: { ...process.env, FIELDTUNE_HOME: state },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  return new Promise((resolve) => {
    child.on('close', (code) => {
      const document = JSON.parse(out) as { result?: T; error?: { message: string } };
      const seconds = (performance.now() - started) / 1000;
      resolve({
        exitCode: code ?? -1,
        seconds,
        result: document.result,
        message: document.error?.message ?? '',
      });
    });
  });
}

const percent = (v: number): string => `${v >= 0 ? '+' : ''}${v.toFixed(2)}`;

async function report(name: string, outcome: Outcome<OptimizeResult>): Promise<void> {
  const { exitCode, seconds, result, message } = outcome;
  if (!result) return console.log(`${name} | exit ${exitCode} | ${message}`);
  const { comparison: c, original: a, optimized: b } = result.result;
  const model = result.files.find((file) => file.endsWith('optimized.onnx'))!;
  const plain = await plainAccuracy(model, dataFolderOf(name), `${name}.onnx`);
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

const dataFolderOf = (name: string): string =>
  name === 'model' ? join(root, 'resources/sample/data') : join(shared, 'data', dataOf[name]!);

async function sample(): Promise<void> {
  const out = join(mkdtempSync(join(tmpdir(), 'fieldtune-bench-')), 'sample');
  const model = join(root, 'resources/sample/model.onnx');
  await report(
    'model',
    await fieldtune([
      'optimize',
      '--model',
      model,
      '--data',
      dataFolderOf('model'),
      '--budget',
      '4m',
      '--out',
      out,
    ]),
  );
}

async function sharedModels(args: readonly string[]): Promise<void> {
  // What follows the models goes to the command as it is.
  const first = args.findIndex((arg) => arg.startsWith('--'));
  const names = first < 0 ? args : args.slice(0, first);
  const options = first < 0 ? [] : args.slice(first);
  if (!existsSync(shared)) return console.log('skipped: ../shared is missing');
  if (sshdMissing) return console.log(sshdMissing);
  const sshd = await startPrivateSshd();
  const folder = mkdtempSync(join(tmpdir(), 'fieldtune-bench-'));
  try {
    for (const name of names.length > 0 ? names : Object.keys(dataOf)) {
      const board = [
        '--board',
        sshd.address,
        '--identity',
        sshd.identityFile,
        '--accept-host-key',
        sshd.fingerprint,
      ];
      const model = join(shared, 'models', `${name}.onnx`);
      await report(
        name,
        await fieldtune([
          'optimize',
          '--model',
          model,
          '--data',
          dataFolderOf(name),
          ...board,
          '--out',
          join(folder, name),
          ...options,
        ]),
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
    const { result } = await fieldtune<CompareResult>(['compare', model, model]);
    verdicts.push(
      result ? `${result.verdict} ${result.speedup.toFixed(3)} ±${result.noiseFloor.toFixed(3)}` : 'failed',
    );
    console.log(`${i + 1}: ${verdicts.at(-1)}`);
  }
  const wrong = verdicts.filter((v) => !v.startsWith('inconclusive')).length;
  console.log(`A against A, 20 times: ${wrong} called faster, slower or failed`);
}

const [row, ...rest] = process.argv.slice(2);
if (row === 'sample') await sample();
else if (row === 'shared') await sharedModels(rest);
else if (row === 'same') await same();
else if (row === 'history') await history(rest);
else if (row === 'graph') await graph(rest);
else if (row === 'window') await windowFigures(rest);
else console.log(readFileSync(join(import.meta.dirname, 'README.md'), 'utf8'));

import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createApp } from '../../electron/app/app.ts';
import { formatBytes, formatSigned } from '../../electron/cli/quantities.ts';
import { compareLines } from '../../electron/cli/tables/compare.ts';
import { noPaint } from '../../electron/cli/tables/text-table.ts';
import { root, scratchFolder } from './fieldtune.ts';
import { tell } from './tell.ts';

/** What memory may change and still be flat, percent. */
const flatPercent = 5;
const sampleEveryMs = 1_000;

/**
 * `[A.onnx B.onnx] [--minutes 30] [--board local]`: compares over minutes and prints the verdict, the memory of the
 * runner and that of the app. Without models the sample is held against itself, where one verdict is right.
 */
export async function sustained(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      minutes: { type: 'string', default: '30' },
      board: { type: 'string', default: 'local' },
    },
  });
  const minutes = Number(values.minutes);
  if (!(minutes >= 0.05)) throw new Error(`--minutes cannot be ${values.minutes}`);
  const sample = join(root, 'resources/sample/model.onnx');
  const [a = sample, b = a] = positionals.map((path) => resolve(path));
  const opened = await createApp({ stateFolder: scratchFolder() });
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const app = opened.value;

  const ownBytes: number[] = [];
  const timer = setInterval(() => ownBytes.push(process.memoryUsage.rss()), sampleEveryMs);
  let toldMinute = -1;
  const compared = await app.compare(
    { modelPathA: a, modelPathB: b, board: { address: values.board }, minutes, threads: 1 },
    {
      signal: new AbortController().signal,
      confirmHostKey: async () => false,
      ask: null,
      onEvent: (event) => {
        if (event.kind !== 'progress' || event.note.kind !== 'sustaining') return;
        const minute = Math.floor(event.done / 60);
        if (minute !== toldMinute) tell(`${minute} of ${minutes} minutes`);
        toldMinute = minute;
      },
    },
  );
  clearInterval(timer);
  await app.close();
  if (!compared.ok) throw new Error(JSON.stringify(compared.error));
  const { value } = compared;
  const view = { width: 100, paint: noPaint, folder: process.cwd() };
  console.log(compareLines(value, view).join('\n'));

  const memory = value.sustained?.memory ?? null;
  const own = fromTo(ownBytes);
  console.log(`\nverdict: ${value.verdict}, ranking ${value.sustained?.ranking ?? 'unknown'}`);
  console.log(`runner: ${memory === null ? 'too short' : change(memory.fromBytes, memory.toBytes)}`);
  console.log(`app:    ${own === null ? 'too short' : change(...own)}`);
}

/** Medians once it has settled (5 to 15 % of the time) and in the last tenth. */
function fromTo(values: readonly number[]): readonly [number, number] | null {
  const part = (from: number, to: number): number | undefined => {
    const some = values.slice(Math.floor(from * values.length), Math.ceil(to * values.length));
    return some.sort((x, y) => x - y)[some.length >> 1];
  };
  const [from, to] = [part(0.05, 0.15), part(0.9, 1)];
  return from === undefined || to === undefined ? null : [from, to];
}

function change(fromBytes: number, toBytes: number): string {
  const percent = 100 * (toBytes / fromBytes - 1);
  const verdict =
    percent > flatPercent ? 'NOT flat' : percent < -flatPercent ? 'shrank, so not flat' : 'flat';
  return `${formatBytes(fromBytes)} → ${formatBytes(toBytes)} (${formatSigned(percent)} %), ${verdict} within ${flatPercent} %`;
}

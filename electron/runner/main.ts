import { Console } from 'node:console';
import { parseArgs } from 'node:util';
import { createFrameDecoder, encodeFrame } from './frames.ts';
import { readIdentity } from './identity.ts';
import { peakMemoryFlag, printPeakMemory } from './peak-memory.ts';
import { samplePower, samplePowerFlag } from './power-samples.ts';
import type { Request, SessionSettings } from './protocol.ts';
import { createServer } from './server.ts';
import { smokeRun } from './smoke.ts';
import { identityFlag, smokeFlag } from './smoke-samples.ts';
import { openTransport, serialVariable } from './transport.ts';

/** Silence of the app after which the runner takes the link for dead; the app makes itself heard far more often. */
const silenceLimitMs = 120_000;
const silenceCheckMs = 15_000;

const [first, path, settings, samples] = process.argv.slice(2);
if (first === peakMemoryFlag && path !== undefined && settings !== undefined) {
  printPeakMemory(path, JSON.parse(settings) as SessionSettings); // written by the same program, see measurePeakMemory
} else if (first === samplePowerFlag && path !== undefined) {
  samplePower(path, settings ?? '');
} else if (first === identityFlag && path !== undefined) {
  process.stdout.write(`${JSON.stringify(readIdentity('', path))}\n`);
} else if (first === smokeFlag && path !== undefined && settings !== undefined && samples !== undefined) {
  // Written by the app, see board/deployment/smoke.ts.
  process.stdout.write(
    `${JSON.stringify(smokeRun(path, samples, JSON.parse(settings) as SessionSettings))}\n`,
  );
} else {
  serve();
}

/** Serves frames on stdin and stdout until the link ends, the app says `exit`, or it falls silent. */
function serve(): void {
  const { values } = parseArgs({ options: { root: { type: 'string' }, marker: { type: 'string' } } });
  if (values.root === undefined || values.marker === undefined) {
    process.stderr.write('usage: runner --root <folder> --marker <text>\n');
    process.exit(2);
  }

  const writeOut = process.stdout.write.bind(process.stdout);
  // Anything else that prints would break the frames.
  process.stdout.write = process.stderr.write.bind(process.stderr);
  globalThis.console = new Console(process.stderr);
  process.stdout.on('error', () => process.exit(0));

  const transport = openTransport(writeOut, process.env[serialVariable]);
  const exit = (): void => void transport.finish().then(() => process.exit(0));
  const server = createServer(
    values.root,
    (header, body) => {
      for (const piece of encodeFrame(header, body)) transport.write(piece);
    },
    exit,
  );

  const decoder = createFrameDecoder();
  let silentChecks = 0;
  transport.read(
    (chunk) => {
      silentChecks = 0;
      const frames = decoder.push(chunk);
      if (!frames.ok) {
        process.stderr.write(`the app sent a broken frame: ${frames.error.reason}\n`);
        process.exit(3);
      }
      // The link is the app's own and authenticated; methods and model names are checked where they are used.
      for (const frame of frames.value) server.accept(frame.header as Request, frame.body);
    },
    () => process.exit(0),
  );
  // Ctrl-C in a terminal reaches a local runner too; the app decides what it means.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(0));

  // Checks are counted, not time: a long call blocks this thread and must not look like silence.
  setInterval(() => {
    silentChecks++;
    if (silentChecks * silenceCheckMs >= silenceLimitMs) process.exit(0);
  }, silenceCheckMs).unref();

  // Shell start-up files may have printed something already: the app reads from here on.
  transport.write(Buffer.from(`${values.marker}\n`));
}

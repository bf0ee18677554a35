import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { listenForInterrupt } from './cli/interrupt.ts';
import { exitCodes, messageOf } from './cli/messages.ts';
import type { AppError } from './contract/errors.ts';
import { openBrowser } from './service/open-browser.ts';
import { readServiceArguments } from './service/service-arguments.ts';
import { logBug } from './state/crash-log.ts';
import { stateFolderOf } from './state/state-folder.ts';

const stateFolder = stateFolderOf({ platform: process.platform, home: homedir(), env: process.env });
const read = readServiceArguments(process.argv.slice(2));
const giveUp = (error: AppError, exitCode: number): never => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(exitCode);
};
const dieOfBug = async (bug: unknown): Promise<void> =>
  giveUp({ kind: 'internal', logId: await logBug(stateFolder, bug) }, exitCodes.failed);
process.on('uncaughtException', dieOfBug);
process.on('unhandledRejection', dieOfBug);
// Whoever reads the output may be gone; what ends the service is the end of stdin, or a signal.
process.stdout.on('error', () => undefined);

if (!read.ok) giveUp(read.error, exitCodes.usage);
else {
  const { forElectron, open } = read.value;
  // What was compiled and stripped of types once is not compiled again: a third of the time to the first page.
  enableCompileCache(join(stateFolder, 'compiled'));
  // Loaded late, so that complaints about usage come at once.
  const [{ createApp }, { startService }] = await Promise.all([
    import('./app/app.ts'),
    import('./service/server.ts'),
  ]);
  const api = await createApp({ stateFolder });
  if (!api.ok) giveUp(api.error, exitCodes.failed);
  else {
    const service = await startService({
      api: api.value,
      stateFolder,
      face: forElectron ? 'electron' : 'browser',
    });
    let isEnding = false;
    const end = (): void => {
      if (isEnding) return;
      isEnding = true;
      service.close().then(() => process.exit(exitCodes.done), dieOfBug);
    };
    listenForInterrupt(
      process,
      () => {
        if (!forElectron)
          process.stderr.write('Stopping after the step at hand; Ctrl+C again ends at once …\n');
        end();
      },
      () => process.exit(exitCodes.interrupted),
    );

    if (forElectron) {
      const { url, token, port } = service;
      process.stdout.write(`${JSON.stringify({ url, token, port })}\n`);
      process.stdin.on('close', end).on('end', end).on('error', end).resume();
    } else {
      const show = (url: string): void => {
        process.stdout.write(
          `Fieldtune is at ${url} (this link works once; Enter gives another, Ctrl+C ends)\n`,
        );
        if (open) openBrowser(url);
      };
      show(service.url);
      if (process.stdin.isTTY) process.stdin.on('data', () => show(service.newUrl()));
    }
  }
}

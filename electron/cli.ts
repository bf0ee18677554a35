import { homedir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { runCli } from './cli/commands.ts';
import { askDeployment } from './cli/deploy-question.ts';
import { askHostKey } from './cli/host-key.ts';
import { exitCodes, messageOf } from './cli/messages.ts';
import { askSignIn } from './cli/sign-in.ts';
import { logBug } from './state/crash-log.ts';
import { stateFolderOf } from './state/state-folder.ts';

const stateFolder = stateFolderOf({ platform: process.platform, home: homedir(), env: process.env });
const inProject = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

const dieOfBug = async (bug: unknown): Promise<void> => {
  process.stderr.write(`${messageOf({ kind: 'internal', logId: await logBug(stateFolder, bug) })}\n`);
  process.exit(exitCodes.failed);
};
process.on('uncaughtException', dieOfBug);
process.on('unhandledRejection', dieOfBug);

// Whoever reads the output may stop reading, as `head` does: that is no failure of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.done);
  throw error;
});

process.exitCode = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  canAsk: process.stdin.isTTY === true && process.stdout.isTTY === true,
  env: process.env,
  folder: process.cwd(),
  sample: {
    modelPath: inProject('resources/sample/model.onnx'),
    dataPath: inProject('resources/sample/data'),
  },
  signals: process,
  nowMs: Date.now,
  openApi: async () => {
    // Loaded late, so that help and complaints about usage come at once.
    const { createApp } = await import('./app/app.ts');
    return createApp({ stateFolder });
  },
  askHostKey,
  askDeployment,
  askSignIn: (question, signal) => askSignIn(question, signal),
  logBug: (bug) => logBug(stateFolder, bug),
  endNow: (exitCode) => {
    if (process.stdout.isTTY) process.stdout.write('\u001b[?25h');
    process.exit(exitCode);
  },
});

// A connection that will not close must not keep the terminal waiting.
setTimeout(() => process.exit(), 2000).unref();

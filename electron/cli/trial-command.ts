import type { Command } from 'commander';
import type { AppError } from '../contract/errors.ts';
import type { Result } from '../contract/result.ts';
import type { Trial, TrialVerdict } from '../contract/trial.ts';
import { readTrialCall, type TrialOptions } from './arguments.ts';
import { exitCodes } from './messages.ts';
import { trialLines, trialListLines } from './tables/trial.ts';
import type { Work } from './work.ts';

/** Does the work of one command, once its arguments are read. */
export type StartWork = <C, T>(
  command: string,
  options: { readonly json?: true },
  read: Result<C, AppError>,
  work: (call: C) => Pick<Work<T>, 'call' | 'lines' | 'exitCode'>,
) => Promise<void>;

/** What the commands of a trial are made with. */
export interface TrialCommandTools {
  withJson(command: Command): Command;
  /** Options of the board and of the session. */
  withBoardAndSession(command: Command): Command;
  readonly start: StartWork;
}

interface DecideOptions {
  readonly json?: true;
  readonly by?: string;
  readonly note?: string;
}

const done = (): number => exitCodes.done;

/** Adds `trial`, with `trial list`, `trial approve` and `trial reject` under it. */
export function addTrialCommand(program: Command, tools: TrialCommandTools): void {
  const { withJson, withBoardAndSession } = tools;
  // What stands behind `trial approve` is its own: each command reads only what comes before the next one's name.
  program.enablePositionalOptions();
  const trial = program
    .command('trial')
    .description('let B answer in the shadow of A on inputs that lie on the board, for a person to approve')
    .argument('<A.onnx or run>', 'the model that serves, or a run whose two models are meant')
    .argument('[B.onnx]', 'the model that shadows it')
    .option('--inputs <folder>', 'folder on the board with .npy, .npz, .bin or .raw inputs (required)')
    .option('--outputs <folder>', "folder on the board for A's answers, as .npy")
    .option('--max <count>', 'end after so many inputs')
    .option('--watch', 'go on with what is put into the folder, until Ctrl+C')
    .enablePositionalOptions();
  withJson(withBoardAndSession(trial)).action(
    (a: string, b: string | undefined, options: TrialOptions & { readonly json?: true }) =>
      tools.start('trial', options, readTrialCall(a, b, options), (call) => ({
        call: (api, listener) => api.trial(call, listener),
        lines: trialLines,
        exitCode: ({ ended }: Trial) =>
          // Watching ends in no other way.
          ended === 'stopped' && call.watch !== true ? exitCodes.interrupted : exitCodes.done,
      })),
  );

  withJson(trial.command('list').description('list the trials so far')).action(
    (options: { readonly json?: true }) =>
      tools.start('trial', options, { ok: true, value: null }, () => ({
        call: (api) => api.query('trials.list', {}),
        lines: trialListLines,
        exitCode: done,
      })),
  );

  for (const [name, decision] of [
    ['approve', 'approved'],
    ['reject', 'rejected'],
  ] as const) {
    const command = trial
      .command(name)
      .description(`write down that a person ${decision} B after a trial`)
      .argument('<trial>', 'its id')
      .option('--by <name>', 'the name of the person who decides (required)')
      .option('--note <text>', 'what is to be remembered of it');
    withJson(command).action((id: string, options: DecideOptions) => {
      const verdict: TrialVerdict = { trial: id, decision, by: options.by ?? '', note: options.note ?? '' };
      return tools.start('trial', options, { ok: true, value: verdict }, (value) => ({
        call: (api) => api.query('trials.decide', value),
        lines: trialLines,
        exitCode: done,
      }));
    });
  }
}

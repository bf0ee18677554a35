import { Command, CommanderError } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { addressForms } from '../board/address.ts';
import type { OptimizeCall, OptimizeResult } from '../contract/api.ts';
import type { AppError } from '../contract/errors.ts';
import type { Result } from '../contract/result.ts';
import {
  type BoardOptions,
  type CompareOptions,
  type PickOptions,
  type ProfileOptions,
  type RemovalOptions,
  readCompareCall,
  readInspectedBoard,
  readOptimizeCall,
  readPickCall,
  readProfileCall,
  readRemovalCall,
  readResumeChanges,
  type SearchOptions,
} from './arguments.ts';
import { addBoardsCommand, boardsWork, readSearchSeconds } from './board-commands.ts';
import type { CliContext } from './context.ts';
import { prepareDemoFolder } from './demo-folder.ts';
import { addDeployCommands } from './deploy-commands.ts';
import { exitCodeOf, exitCodes, messageOf } from './messages.ts';
import { oneLine } from './one-line.ts';
import { boardLines } from './tables/board.ts';
import { compareLines } from './tables/compare.ts';
import { historyLines } from './tables/history.ts';
import { optimizeLines } from './tables/optimize.ts';
import { profileLines } from './tables/profile.ts';
import { runnerRemovalLines } from './tables/runner-removal.ts';
import { addTrialCommand, type StartWork } from './trial-command.ts';
import { perform, tellFailure, type Work } from './work.ts';

/** Every command takes `--json`. */
interface OutputOptions {
  readonly json?: true;
}

const exitCodeHelp = `
Exit codes: 0 improved or done, 1 failed, 2 wrong usage, 3 no improvement found, 130 stopped.`;

const withJson = (command: Command): Command =>
  command.option('--json', 'print one JSON document on stdout; progress goes to stderr');

const acceptBoardHelp = 'id of the board that may stand at the address in place of the one known there';

const withBoard = (command: Command): Command =>
  command
    .option('--board <address>', addressForms, 'local')
    .option(
      '--accept-host-key <fingerprint>',
      'SHA256:… to accept at a first contact without asking; several with commas, of jump hosts',
    )
    .option(
      '--replace-host-key <fingerprint>',
      'SHA256:… of a changed key to give up for the one of --accept-host-key',
    )
    .option('--accept-board <id>', acceptBoardHelp)
    .option('--identity <file>', 'private key for SSH');

const several = (value: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  value,
];

/** As `withBoard`, each option as often as there are boards. */
const withBoards = (command: Command): Command =>
  command
    .option(
      '--board <address>',
      'local or ssh://user@host[:port]; once for each of several boards (default: local)',
      several,
    )
    .option(
      '--accept-host-key <fingerprint>',
      'SHA256:… to accept at a first contact without asking; once, or for each board over SSH in turn',
      several,
    )
    .option(
      '--replace-host-key <fingerprint>',
      'SHA256:… of a changed key to give up for the one of --accept-host-key; as often as that',
      several,
    )
    .option('--accept-board <id>', acceptBoardHelp)
    .option(
      '--identity <file>',
      'private key for SSH; once for all, or for each board over SSH in turn',
      several,
    );

const withSession = (command: Command): Command =>
  command
    .option('--threads <count>', 'threads of a session on the board', '1')
    .option(
      '--level <level>',
      'all, or extended: as on boards whose runtime has no blocked layout (on x64 it stands in for Arm)',
      'all',
    );

const withSearch = (
  command: Command,
  defaults: { readonly budget: string; readonly out?: string },
): Command =>
  withSession(
    command
      .option('--out <folder>', 'folder for the results, new or empty', defaults.out)
      .option('--max-accuracy-drop <points>', 'accuracy that may be lost, percentage points', '1')
      .option('--target-speedup <ratio>', 'stop when this is reached; else as fast as the budget allows')
      .option('--budget <time>', 'time for the whole, such as 90s, 10m or 1h', defaults.budget)
      .option('--group-size <count>', 'operators that one candidate may replace together', '4')
      .option('--seed <number>', 'seed of everything random', '1')
      .option(
        '--search <strategy>',
        'evolution, or random: for comparison, samples the same space at random under the same budget',
        'evolution',
      ),
  );

/** Builds the commands; each sets the exit code through `finish`. */
function buildProgram(context: CliContext, finish: (exitCode: number) => void): Command {
  const refuse = (command: string, json: boolean, error: AppError): void =>
    finish(tellFailure(context, { command, json, error }, exitCodeOf(error), messageOf(error)));

  const start: StartWork = async <C, T>(
    command: string,
    options: OutputOptions,
    read: Result<C, AppError>,
    work: (call: C) => Pick<Work<T>, 'call' | 'lines' | 'exitCode' | 'agreed'>,
  ): Promise<void> => {
    const json = options.json === true;
    if (!read.ok) refuse(command, json, read.error);
    else finish(await perform(context, { command, json, ...work(read.value) }));
  };

  const done = (): number => exitCodes.done;
  /** How a run is told, whatever brought it to its end; the limit is null where it is not known any more. */
  const toldAsRun = (maxAccuracyDrop: number | null): Pick<Work<OptimizeResult>, 'lines' | 'exitCode'> => ({
    lines: (value, view) => optimizeLines(value, maxAccuracyDrop, view),
    exitCode: (value) => (value.improved ? exitCodes.done : exitCodes.noImprovement),
  });
  const optimizing = (call: OptimizeCall): Pick<Work<OptimizeResult>, 'call' | 'lines' | 'exitCode'> => ({
    call: (api, listener) => api.optimize(call, listener),
    ...toldAsRun(call.maxAccuracyDrop),
  });

  const program = new Command('fieldtune')
    .description(manifest.description)
    .version(manifest.version)
    .addHelpText('after', exitCodeHelp)
    .exitOverride()
    // What follows a command below another one is its own.
    .enablePositionalOptions()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: (text) => context.stderr.write(text),
      // Said once, in this project's words, by `runCli`.
      outputError: () => undefined,
    });

  const profile = program
    .command('profile')
    .description('measure on the board which operators of a model take the time')
    .option('--model <file>', 'ONNX model (required)')
    .option('--out <folder>', 'folder for the profile as files, new or empty');
  withJson(withSession(withBoard(profile))).action((options: ProfileOptions & OutputOptions) =>
    start('profile', options, readProfileCall(options), (call) => ({
      call: (api, listener) => api.profile(call, listener),
      lines: profileLines,
      exitCode: done,
    })),
  );

  const optimize = program
    .command('optimize')
    .description('replace slow operators with cheaper ones, and measure what that gained')
    .option('--model <file>', 'ONNX model (required)')
    .option('--data <folder>', 'data: a folder with dataset.json, fit and verify, or one .npz (required)');
  withJson(withBoards(withSearch(optimize, { budget: '10m' }))).action(
    (options: SearchOptions & OutputOptions & { readonly model?: string; readonly data?: string }) =>
      start('optimize', options, readOptimizeCall(options.model, options.data, options), optimizing),
  );

  const compare = program
    .command('compare')
    .description('time two models against each other on the board')
    .argument('<A.onnx>', 'the model that counts as the original')
    .argument('<B.onnx>', 'the model that is compared with it')
    .option('--data <folder>', 'compare the accuracy as well')
    .option(
      '--minutes <count>',
      'measure for so long, with everything loaded and nothing dropped: whether the verdict holds in the heat',
    );
  withJson(withSession(withBoards(compare))).action(
    (a: string, b: string, options: CompareOptions & OutputOptions) =>
      start('compare', options, readCompareCall(a, b, options), (call) => ({
        call: (api, listener) => api.compare(call, listener),
        lines: compareLines,
        exitCode: ({ sustained }) =>
          sustained?.ended === 'stopped' ? exitCodes.interrupted : exitCodes.done,
      })),
  );

  const resume = program
    .command('resume')
    .description('continue a run that was stopped')
    .argument('<run>', 'its id')
    .option('--accept-board <id>', acceptBoardHelp);
  withJson(resume).action((run: string, options: OutputOptions & { readonly acceptBoard?: string }) =>
    start('resume', options, readResumeChanges(options), (changes) => ({
      call: (api, listener) => api.resume(run, listener, changes),
      ...toldAsRun(null),
    })),
  );

  const pick = program
    .command('pick')
    .description('choose again from what a finished run found, with another limit and without a new search')
    .argument('<run>', 'its id')
    .option('--max-accuracy-drop <points>', 'accuracy that may be lost, percentage points (required)')
    .option('--out <folder>', 'folder for the results, new or empty');
  withJson(pick).action((run: string, options: PickOptions & OutputOptions) =>
    start('pick', options, readPickCall(run, options), (call) => ({
      call: (api, listener) => api.pick(call, listener),
      ...toldAsRun(call.maxAccuracyDrop),
    })),
  );

  addTrialCommand(program, {
    withJson,
    withBoardAndSession: (command) => withSession(withBoard(command)),
    start,
  });

  const history = program
    .command('history')
    .description('list the runs so far')
    .option('--board <address>', 'only of this board')
    .option('--model <file>', 'only of this model');
  withJson(history).action(
    (options: OutputOptions & { readonly board?: string; readonly model?: string }) => {
      const { json: _json, ...filter } = options;
      return start('history', options, { ok: true, value: filter }, (value) => ({
        call: (api) => api.history(value),
        lines: historyLines,
        exitCode: done,
      }));
    },
  );

  const boards = addBoardsCommand(program);
  const inspection = boards
    .command('inspect')
    .description('show what a board is made of, how it is now, and what would spoil a measurement on it');
  withJson(withBoard(inspection)).action((options: BoardOptions & OutputOptions) =>
    start('boards inspect', options, readInspectedBoard(options), (board) => ({
      call: (api, listener) => api.connect(board, listener),
      lines: boardLines,
      exitCode: done,
    })),
  );
  const removal = boards
    .command('remove-runner')
    .description('show what Fieldtune put on a board for its measurements and, with --yes, delete it')
    .option('--yes', 'delete it; what was deployed stays in any case');
  withJson(withBoard(removal)).action((options: RemovalOptions & OutputOptions) =>
    start('boards remove-runner', options, readRemovalCall(options), (call) => ({
      call: (api, listener) => api.removeRunner(call, listener),
      lines: runnerRemovalLines,
      exitCode: done,
    })),
  );
  withJson(boards).action((options: OutputOptions & { readonly timeout: string }) =>
    start('boards', options, readSearchSeconds(options.timeout), (seconds) => ({
      ...boardsWork(seconds),
      exitCode: done,
    })),
  );
  addDeployCommands({ program, withJson, withBoard, start });

  const demo = program
    .command('demo')
    .description('optimize the sample that comes with Fieldtune, with this computer as the board');
  withJson(withBoards(withSearch(demo, { budget: '4m', out: 'out/demo' }))).action(
    (options: SearchOptions & OutputOptions) => {
      const call = readOptimizeCall(context.sample.modelPath, context.sample.dataPath, options);
      const prepared = call.ok && call.value.out !== undefined ? prepareDemoFolder(call.value.out) : call;
      return start('demo', options, prepared.ok ? call : prepared, optimizing);
    },
  );
  return program;
}

/** Commander's complaint as one sentence with the way to the help. */
function usageSentence(error: CommanderError, command: string | undefined): string {
  const text = oneLine(error.message.replace(/^error:\s*/, '').replace(/\n\(Did you mean/, ' (did you mean'));
  const help = command === undefined ? 'fieldtune --help' : `fieldtune ${command} --help`;
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}: see ${help}`;
}

/** Runs one command line (without node and script); returns the exit code. */
export async function runCli(args: readonly string[], context: CliContext): Promise<number> {
  let exitCode: number = exitCodes.done;
  const program = buildProgram(context, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    const command = program.commands.map((each) => each.name()).find((name) => name === args[0]);
    const json = args.includes('--json');
    if (error instanceof CommanderError) {
      // Help and version have been written by now; without any command the help is the complaint.
      if (error.exitCode === 0) return exitCodes.done;
      if (error.code === 'commander.help') return exitCodes.usage;
      const failure = { command: command ?? 'fieldtune', json, error: { kind: 'usage' } };
      return tellFailure(context, failure, exitCodes.usage, usageSentence(error, command));
    }
    const bug = { kind: 'internal', logId: await context.logBug(error) } as const;
    const failure = { command: command ?? 'fieldtune', json, error: bug };
    return tellFailure(context, failure, exitCodes.failed, messageOf(bug));
  }
}

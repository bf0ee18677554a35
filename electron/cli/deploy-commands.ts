import type { Command } from 'commander';
import type { DeployResult } from '../contract/deploy.ts';
import type { AppError } from '../contract/errors.ts';
import type { Result } from '../contract/result.ts';
import {
  type BackOptions,
  type DeployOptions,
  readCheckCall,
  readDeployCall,
  readRollbackCall,
  readUnmanageCall,
} from './deploy-arguments.ts';
import { exitCodes } from './messages.ts';
import { checkLines, deploymentLines, deployResultLines } from './tables/deployments.ts';
import type { Work } from './work.ts';

/** What `commands.ts` lends to the commands of another file. */
export interface CommandKit {
  readonly program: Command;
  withJson(command: Command): Command;
  withBoard(command: Command): Command;
  /** Refuses what cannot be read, or does the work and sets the exit code. */
  start<C, T>(
    command: string,
    options: { readonly json?: true },
    read: Result<C, AppError>,
    work: (call: C) => Pick<Work<T>, 'call' | 'lines' | 'exitCode' | 'agreed'>,
  ): Promise<void>;
}

interface AgreeOptions {
  readonly json?: true;
  readonly yes?: true;
}

const done = (): number => exitCodes.done;
const yesHelp = 'agree to what would be asked, for scripts';
const breakLockHelp = 'take over from somebody who has been silent there for more than five minutes';

/** How the three commands that change a board are told; nobody is asked where a script has agreed. */
const changing = (
  options: AgreeOptions,
  call: Work<DeployResult>['call'],
): Pick<Work<DeployResult>, 'call' | 'lines' | 'exitCode' | 'agreed'> => ({
  call,
  lines: deployResultLines,
  exitCode: done,
  agreed: options.yes === true,
});

/** Adds `deploy`, `rollback`, `unmanage` and `deployments`. */
export function addDeployCommands({ program, withJson, withBoard, start }: CommandKit): void {
  const deploy = program
    .command('deploy')
    .description("put a model where the customer's service reads it, with a way home")
    .argument('[run]', 'the run whose model it is')
    .option('--model <file>', 'a model file instead of a run')
    .option('--to <path>', 'absolute path on the board (required)')
    .option('--manage', 'a plain file at the path may become a link that Fieldtune manages')
    .option('--restart <command>', 'run on the board after the switch, such as "systemctl restart app"')
    .option('--health <command>', 'must end with 0 on the board, else the model before comes back')
    .option('--health-timeout <time>', 'time for that', '30s')
    .option('--other-board', 'the board need not be the one that the run was measured on')
    .option('--despite-trial', 'deploy a model although a person rejected its latest trial on this board')
    .option('--break-lock', breakLockHelp)
    .option('--yes', yesHelp);
  withJson(withBoard(deploy)).action((run: string | undefined, options: DeployOptions & AgreeOptions) =>
    start('deploy', options, readDeployCall(run, options), (call) =>
      changing(options, (api, listener) => api.deploy(call, listener)),
    ),
  );

  const rollback = program
    .command('rollback')
    .description('make the model before active again')
    .option('--path <path>', 'absolute path on the board (required)')
    .option('--to <version>', 'previous, or the beginning of the sha256 of a version', 'previous')
    .option('--break-lock', breakLockHelp)
    .option('--yes', yesHelp);
  withJson(withBoard(rollback)).action((options: BackOptions & AgreeOptions) =>
    start('rollback', options, readRollbackCall(options), (call) =>
      changing(options, (api, listener) => api.rollback(call, listener)),
    ),
  );

  const unmanage = program
    .command('unmanage')
    .description('give the plain file back, and leave nothing of Fieldtune beside it')
    .option('--path <path>', 'absolute path on the board (required)')
    .option('--break-lock', breakLockHelp)
    .option('--yes', yesHelp);
  withJson(withBoard(unmanage)).action((options: BackOptions & AgreeOptions) =>
    start('unmanage', options, readUnmanageCall(options), (call) =>
      changing(options, (api, listener) => api.unmanage(call, listener)),
    ),
  );

  const deployments = program
    .command('deployments')
    .description('list what was put on which board, or ask a board what is active there')
    .option('--board <address>', 'only of this board');
  withJson(deployments).action((options: { readonly json?: true; readonly board?: string }) => {
    const { json: _json, ...filter } = options;
    return start('deployments', options, { ok: true, value: filter }, (value) => ({
      call: (api) => api.deployments(value),
      lines: deploymentLines,
      exitCode: done,
    }));
  });
  const check = deployments
    .command('check')
    .description('ask a board what is active, and bring to an end what was cut off')
    .option('--path <path>', 'only this path, also one that was never deployed to from here');
  withJson(withBoard(check)).action((_options: unknown, command: Command) => {
    // Both commands know --board and --json; whichever was given them hands them on.
    const options: BackOptions & AgreeOptions = command.optsWithGlobals();
    return start('deployments check', options, readCheckCall(options), (call) => ({
      call: (api, listener) => api.checkDeployments(call, listener),
      lines: checkLines,
      exitCode: ({ paths }) =>
        paths.some(({ standing, matches }) => standing === 'managed' && matches === false)
          ? exitCodes.failed
          : exitCodes.done,
    }));
  });
}

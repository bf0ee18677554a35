import type { DeployError } from '../contract/errors.ts';
import { assertNever } from '../contract/result.ts';
import type { RunWarning } from '../contract/run-notes.ts';
import { oneLine } from './one-line.ts';
import { formatSeconds } from './quantities.ts';

const short = (sha256: string): string => oneLine(sha256).slice(0, 12);

/** The sentence for a failure around a model on a board: what happened, why, and what to do now; one line. */
export function deployMessage(error: DeployError): string {
  switch (error.kind) {
    case 'deployPath':
      return pathMessage(error);
    case 'deployUnmanaged':
      return `Nothing was changed on ${oneLine(error.board)}, because ${oneLine(error.path)} is a plain file that Fieldtune does not manage: give --manage to have it replaced by a link, with the file kept as the way home (fieldtune unmanage gives a plain file back).`;
    case 'deployLocked': {
      const holder = error.holder === '' ? 'somebody' : oneLine(error.holder);
      const since = error.since === '' ? '' : ` since ${oneLine(error.since)}`;
      const now = error.breakable ? 'give --break-lock if that work is surely over' : 'wait until it is done';
      return `Nothing was changed at ${oneLine(error.path)} on ${oneLine(error.board)}, because ${holder} is at work there${since} (last sign of life ${formatSeconds(error.quietSeconds)} ago): ${now}.`;
    }
    case 'deployOtherBoard':
      return `Run ${oneLine(error.run)} was measured on ${oneLine(error.measuredOn)}, and this is ${oneLine(error.board)}, so nothing is known of its speed here: give --other-board to deploy it all the same, or measure on this board first.`;
    case 'deployTrialRejected': {
      const note = error.note === '' ? '' : ` (${oneLine(error.note)})`;
      return `Nothing was changed at ${oneLine(error.path)} on ${oneLine(error.board)}, because ${oneLine(error.by)} rejected the trial ${oneLine(error.trial)} of this model there on ${oneLine(error.at).slice(0, 10)}${note}: give --despite-trial to deploy it all the same, or hold a new trial with fieldtune trial.`;
    }
    case 'deployNoGain':
      return `Run ${oneLine(error.run)} has no improved model that could be deployed: give another run, or a model file with --model.`;
    case 'deploySmokeFailed':
      return `The model before stays active at ${oneLine(error.path)} on ${oneLine(error.board)}, because the new one failed its trial there (${oneLine(error.reason)}): check the model with fieldtune compare on that board.`;
    case 'deployRolledBack': {
      const what = {
        restart: 'the restart command failed',
        health: 'the service was not well with the new model',
        load: 'the new model could not be used at its path',
      }[error.step];
      const now =
        error.active === null
          ? 'nothing is at the path now, as before'
          : `${short(error.active)} is active again, verified by its hash`;
      const well = error.healthy
        ? 'look at the log of the service before the next try'
        : 'the service is still not well, so look at it now';
      return `The model at ${oneLine(error.path)} on ${oneLine(error.board)} was taken back, because ${what} (${oneLine(error.reason)}); ${now}: ${well}.`;
    }
    case 'deployNoWayBack': {
      const what = {
        none: 'there is no version before the active one',
        missing: `version ${short(error.sha256)} is not there`,
        damaged: `the bytes of version ${short(error.sha256)} are not what its hash says`,
      }[error.problem];
      return `Nothing was switched at ${oneLine(error.path)} on ${oneLine(error.board)}, because ${what}: see which versions are there with fieldtune deployments check, or give the model that you want to fieldtune deploy.`;
    }
    case 'deployChanged':
      return `Nothing was switched at ${oneLine(error.path)} on ${oneLine(error.board)}, because somebody or something changed it meanwhile: look with fieldtune deployments check, then try again.`;
    default:
      return assertNever(error);
  }
}

function pathMessage({ board, path, problem }: Extract<DeployError, { kind: 'deployPath' }>): string {
  const reasons: Readonly<Record<typeof problem, string>> = {
    folderMissing: 'its folder is not there: make the folder first, or check the path',
    directory: 'it is a folder: give the path of the file that the service reads',
    foreignLink:
      'it is a link that somebody else made: give the path that the link leads to, or remove the link first',
    special: 'it is no ordinary file: give the path of the file that the service reads',
    readOnly: 'its file system is mounted read-only: mount it writable first',
    notWritable:
      'its folder may not be written to: sign in as a user who may, or change the owner of the folder',
    notManaged: 'Fieldtune does not manage it: put a model there first with fieldtune deploy',
  };
  return `Nothing was changed at ${oneLine(path)} on ${oneLine(board)}, because ${reasons[problem]}.`;
}

type DeploymentWarning = Extract<RunWarning, { kind: `deployment${string}` }>;

/** What a person should know of a deployment that was cut off, in one line. */
export function deploymentWarning(warning: DeploymentWarning): string {
  const board = oneLine(warning.board);
  const path = oneLine(warning.path);
  const what = { deploy: 'A deployment', rollback: 'A rollback', unmanage: 'Giving back the plain file' }[
    warning.action
  ];
  switch (warning.kind) {
    case 'deploymentInterrupted':
      return `${what} to ${path} on ${board} (begun ${oneLine(warning.at)}) was cut off: see what the board is left with by fieldtune deployments check --board ${oneLine(warning.address)}`;
    case 'deploymentCutOff': {
      const came = {
        notSwitched:
          'before the switch: the model before is active, and what was left of it has been removed',
        finished: 'after the switch: the new model is active',
        unchecked:
          'after the switch: the new model is active, but its restart and its check were never finished; deploy it again to finish them, or roll back',
        unmanaged: 'after the switch: a plain file is there, and what was left has been removed',
        stillManaged: 'before the switch: Fieldtune still manages the path',
      }[warning.cutOff];
      return `${what} by ${oneLine(warning.by)} (begun ${oneLine(warning.at)}) at ${path} on ${board} had been cut off ${came}`;
    }
    default:
      return assertNever(warning);
  }
}

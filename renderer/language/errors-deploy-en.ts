import type { DeployError } from '../../electron/contract/errors.ts';
import { type ErrorTable, errorText as say } from './errors-table.ts';

/** Failures around a model on a board, in English. */
export const deployErrorsEn: Pick<ErrorTable, DeployError['kind']> = {
  deployPath: ({ board, path, problem }) =>
    say(`Nothing was changed at ${path} on ${board}`, why[problem], todo[problem]),
  deployUnmanaged: ({ board, path }) =>
    say(
      `Nothing was changed on ${board}`,
      `${path} is a plain file that Fieldtune does not manage.`,
      'Agree to Fieldtune managing it; the file is kept as the way home, and you can have a plain file back at any time.',
    ),
  deployLocked: ({ board, path, holder, since, quietSeconds, breakable }, { duration, date }) =>
    say(
      `Nothing was changed at ${path} on ${board}`,
      `${holder === '' ? 'Somebody' : holder} is at work there${since === '' ? '' : ` since ${date(since)}`}; the last sign of life was ${duration(quietSeconds)} ago.`,
      breakable ? 'Break the lock if that work is surely over.' : 'Wait until it is done.',
    ),
  deployOtherBoard: ({ board, run, measuredOn }) =>
    say(
      `Run ${run} was measured on another board`,
      `It was measured on ${measuredOn}, and this is ${board}: nothing is known of its speed here.`,
      'Measure on this board first, or allow another board.',
    ),
  deployTrialRejected: ({ board, path, by, at, note }, { date }) =>
    say(
      `Nothing was changed at ${path} on ${board}`,
      `${by} rejected the latest trial of this model there on ${date(at)}${note === '' ? '' : `: ${note}`}${/[.!?]$/.test(note) ? '' : '.'}`,
      'Hold a new trial, or say that the model is to be there despite its trial.',
    ),
  deployNoGain: ({ run }) =>
    say(
      `Run ${run} has nothing to put on a board`,
      'It found no model that is faster than the original.',
      'Choose another run.',
    ),
  deploySmokeFailed: ({ board, path, reason }) =>
    say(
      `The model before stays active at ${path} on ${board}`,
      `The new one failed its trial on the board: ${reason}.`,
      'Compare the two models on that board.',
    ),
  deployRolledBack: ({ board, path, step, reason, active, healthy }) =>
    say(
      `The model at ${path} on ${board} was taken back`,
      `${steps[step]}: ${reason}. ${active === null ? 'Nothing is at the path now, as before.' : `${active.slice(0, 12)} is active again, verified by its hash.`}`,
      healthy
        ? 'Look at the log of the service before the next try.'
        : 'The service is still not well: look at it now.',
    ),
  deployNoWayBack: ({ board, path, problem, sha256 }) =>
    say(
      `Nothing was switched at ${path} on ${board}`,
      {
        none: 'There is no version before the active one.',
        missing: `Version ${sha256.slice(0, 12)} is not there.`,
        damaged: `The bytes of version ${sha256.slice(0, 12)} are not what its hash says.`,
      }[problem],
      'Put the model that you want on the board anew.',
    ),
  deployChanged: ({ board, path }) =>
    say(
      `Nothing was switched at ${path} on ${board}`,
      'Somebody or something changed it meanwhile.',
      'Look at what the board has there, then try again.',
    ),
};

const steps = {
  restart: 'The restart command failed',
  health: 'The service was not well with the new model',
  load: 'The new model could not be used at its path',
} as const;

const why = {
  folderMissing: 'Its folder is not there.',
  directory: 'It is a folder.',
  foreignLink: 'It is a link that somebody else made.',
  special: 'It is no ordinary file.',
  readOnly: 'Its file system is mounted read-only.',
  notWritable: 'Its folder may not be written to.',
  notManaged: 'Fieldtune does not manage it.',
} as const;

const todo = {
  folderMissing: 'Make the folder first, or check the path.',
  directory: 'Give the path of the file that the service reads.',
  foreignLink: 'Give the path that the link leads to, or remove the link first.',
  special: 'Give the path of the file that the service reads.',
  readOnly: 'Mount it writable first.',
  notWritable: 'Sign in as a user who may, or change the owner of the folder.',
  notManaged: 'Put a model there first.',
} as const;

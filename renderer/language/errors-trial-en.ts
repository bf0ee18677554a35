import type { TrialError } from '../../electron/contract/errors.ts';
import { type ErrorTable, errorText as say } from './errors-table.ts';

/** What can go wrong with a trial, in English. */
export const trialErrorsEn: Pick<ErrorTable, TrialError['kind']> = {
  trialRefused: ({ board, folder, reason }) =>
    say(
      `The trial could not begin on ${board}`,
      `The folder ${folder} cannot be worked with: ${reason}.`,
      'Give a folder on the board as an absolute path that can be read there, and another one for the answers.',
    ),
  trialEmpty: ({ board, folder, malformed, example }, q) =>
    say(
      `There was no input in ${folder} on ${board}`,
      malformed === 0
        ? 'The folder holds no file that could be one.'
        : `${q.count(malformed)} files could not be used, such as ${example}.`,
      'Put .npy, .npz, .bin or .raw files of the input shape of the model there. Images have no decoder on the board.',
    ),
  trialUnknown: ({ trial }) =>
    say(`There is no trial ${trial}`, 'It is not in the history of this computer.', 'Start a new trial.'),
  trialDecided: ({ trial, state, by }) =>
    say(
      `The trial ${trial} was decided on already`,
      `It was ${state} by ${by}, and that stands.`,
      'Start a new trial to decide anew.',
    ),
};

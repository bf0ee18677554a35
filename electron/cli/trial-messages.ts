import type { TrialError } from '../contract/errors.ts';
import { assertNever } from '../contract/result.ts';
import { oneLine } from './one-line.ts';
import { formatCounted } from './quantities.ts';

/** The sentence for an error of a trial; one line. */
export function trialMessage(error: TrialError): string {
  switch (error.kind) {
    case 'trialRefused':
      return `The trial could not begin on ${oneLine(error.board)} with ${oneLine(error.folder)} (${oneLine(error.reason)}): give a folder on the board as an absolute path that can be read there, and another one for --outputs.`;
    case 'trialEmpty':
      return `There was no input in ${oneLine(error.folder)} on ${oneLine(error.board)} (${formatCounted(error.malformed, 'file')} could not be used${error.example === '' ? '' : `, such as ${oneLine(error.example)}`}): add .npy, .npz, .bin or .raw files of the model's input shape; images have no decoder on the board.`;
    case 'trialUnknown':
      return `There is no trial ${oneLine(error.trial)} here: see fieldtune trial list for those there are.`;
    case 'trialDecided':
      return `Trial ${oneLine(error.trial)} was ${oneLine(error.state)} by ${oneLine(error.by)} already, and that stands: see fieldtune trial list, or start a new trial to decide anew.`;
    default:
      return assertNever(error);
  }
}

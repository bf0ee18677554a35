import { parseArgs } from 'node:util';
import type { RequestError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';

/** How the service was asked to start. */
export interface ServiceArguments {
  /** Started by Electron's main process: one JSON line on stdout, and the end with stdin. */
  readonly forElectron: boolean;
  /** Open the system's browser. */
  readonly open: boolean;
}

/** Reads the command line of the service. Errors: usage. */
export function readServiceArguments(args: readonly string[]): Result<ServiceArguments, RequestError> {
  const expected = 'nothing, --no-open or --for-electron';
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { 'for-electron': { type: 'boolean' }, 'no-open': { type: 'boolean' } },
    });
    const forElectron = values['for-electron'] === true;
    return ok({ forElectron, open: !forElectron && values['no-open'] !== true });
  } catch {
    return fail({ kind: 'usage', option: 'The command line', value: args.join(' '), expected });
  }
}

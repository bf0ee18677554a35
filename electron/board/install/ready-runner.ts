import { join } from 'node:path';
import { fail, ok, type Result } from '../../contract/result.ts';
import type { BoardContact } from '../contact.ts';
import type { BoardShell, ShellError } from '../shell.ts';
import { openFileHashes } from './file-hashes.ts';
import { type Installation, installRunner } from './install.ts';
import { type BoardFacts, probeBoard } from './probe.ts';
import { collectRunnerFiles, ensureBundle } from './runner-files.ts';

/** Where the runner comes from and goes to. */
export interface ReadyOptions {
  readonly stateFolder: string;
  /** Runner's folder on the board, absolute or relative to the home. */
  readonly remoteRoot?: string;
  /** Longest time without a byte moving during the installation. */
  readonly installStallMs?: number;
}

/** A board that can take the runner, and how to put it there; `force` sends what is there already. */
export interface ReadyBoard {
  readonly facts: BoardFacts;
  install(force: boolean): Promise<Result<Installation, ShellError>>;
}

/** Runner's folder, below the home of whoever signs in. */
export const defaultRemoteRoot = '.fieldtune';

/** Looks at a board and collects what it needs. Errors: `boardUnsupported`, those of `probeBoard`. */
export async function readyBoard(
  shell: BoardShell,
  contact: BoardContact,
  options: ReadyOptions,
): Promise<Result<ReadyBoard, ShellError>> {
  const found = await probeBoard(shell, options.remoteRoot ?? defaultRemoteRoot, contact.signal);
  if (!found.ok) return found;
  const facts = found.value;
  const cacheFolder = join(options.stateFolder, 'cache');
  const hashes = openFileHashes(join(cacheFolder, 'runner-files.json'));
  const runner = await collectRunnerFiles(await ensureBundle(), facts.arch, facts.nodeFile === null, hashes);
  if (!runner) {
    const missing = 'Node 22.14 or later (none is here to be sent)';
    return fail({ kind: 'boardUnsupported', board: shell.board, missing });
  }
  const stallMs = options.installStallMs;
  return ok({
    facts,
    install: (force) => installRunner(shell, facts, runner, contact, { force, cacheFolder, stallMs }),
  });
}

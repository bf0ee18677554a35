import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { BoardChoice } from '../contract/api.ts';
import type { BoardError, RequestError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import { parseBoardAddress } from './address.ts';
import type { Board } from './board.ts';
import type { BoardContact } from './contact.ts';
import type { Installation } from './install/install.ts';
import type { BoardFacts } from './install/probe.ts';
import { readyBoard } from './install/ready-runner.ts';
import { connectLocal } from './local.ts';
import { makeLocalShell } from './local-shell.ts';
import { openRunnerBoard } from './runner-board.ts';
import { openKnownPorts } from './serial/known-ports.ts';
import { openSerial } from './serial/shell.ts';
import { type BoardShell, quoteForShell, type ShellError } from './shell.ts';
import { openSsh } from './ssh/connection.ts';
import type { SshFolders } from './ssh/settings.ts';
import { makeSshShell } from './ssh/shell.ts';

/** Where the app keeps its side of the connections, and bounds that tests tighten. */
export interface ConnectOptions {
  /** Holds `known_hosts`, and what the local runner writes. */
  readonly stateFolder: string;
  /** Runner's folder on the board, absolute or relative to the home. */
  readonly remoteRoot?: string;
  readonly connectTimeoutMs?: number;
  /** Where SSH keeps its own files; default: as on this computer. */
  readonly sshFolders?: SshFolders;
  /** Longest time without a byte moving during the installation. */
  readonly installStallMs?: number;
  /** Longest time without a frame from the runner while an answer is due. */
  readonly answerStallMs?: number;
}

/**
 * Connects to a board and starts its runner, which is installed there first if it is missing.
 * Errors: `boardAddress`, and those of `openShell`, `probeBoard`, `installRunner` and `openRunnerBoard`.
 */
export async function connectBoard(
  choice: BoardChoice,
  contact: BoardContact,
  options: ConnectOptions,
): Promise<Result<Board, BoardError | RequestError>> {
  if (choice.address === 'local') {
    if (contact.signal.aborted) return fail({ kind: 'cancelled' });
    return connectLocal(options.stateFolder);
  }
  const opened = await openShell(choice, contact, options);
  if (!opened.ok) return opened;
  const board = await bringUp(opened.value, contact, options);
  if (!board.ok) await opened.value.close();
  return board;
}

/** Opens a shell on a board, and nothing more. Errors: `boardAddress`, and those of `openSsh` and `openSerial`. */
export async function openShell(
  choice: BoardChoice,
  contact: BoardContact,
  options: ConnectOptions,
): Promise<Result<BoardShell, BoardError | RequestError>> {
  const address = parseBoardAddress(choice.address);
  if (!address.ok) return address;
  if (contact.signal.aborted) return fail({ kind: 'cancelled' });
  switch (address.value.kind) {
    case 'local':
      return ok(makeLocalShell());
    case 'ssh': {
      const opened = await openSsh(
        address.value,
        {
          knownHostsFile: join(options.stateFolder, 'known_hosts'),
          acceptHostKey: choice.acceptHostKey,
          replaceHostKey: choice.replaceHostKey,
          identityFile: choice.identityFile,
          connectTimeoutMs: options.connectTimeoutMs,
          folders: options.sshFolders,
        },
        contact,
      );
      return opened.ok ? ok(makeSshShell(opened.value)) : opened;
    }
    case 'serial':
      return openSerial(address.value, contact, { knownPorts: openKnownPorts(options.stateFolder) });
  }
}

async function bringUp(
  shell: BoardShell,
  contact: BoardContact,
  options: ConnectOptions,
): Promise<Result<Board, ShellError>> {
  const ready = await readyBoard(shell, contact, options);
  if (!ready.ok) return ready;
  const { facts, install } = ready.value;
  const found = await install(false);
  if (!found.ok) return found;
  const board = await start(shell, facts, found.value, contact, options);
  if (board.ok || board.error.kind !== 'runnerFailed' || found.value.isFresh) return board;
  // What was found on the board does not start: once more with fresh files.
  const fresh = await install(true);
  return fresh.ok ? start(shell, facts, fresh.value, contact, options) : fresh;
}

async function start(
  shell: BoardShell,
  facts: BoardFacts,
  installation: Installation,
  contact: BoardContact,
  options: ConnectOptions,
): Promise<Result<Board, ShellError>> {
  const marker = `fieldtune-runner-${randomUUID()}`;
  const { nodeFile, program, sentBytes } = installation;
  const words = [nodeFile, program, '--root', facts.root, '--marker', marker].map(quoteForShell).join(' ');
  const started = await shell.start(`cd / && unset NODE_OPTIONS; exec ${words}`, {
    signal: contact.signal,
  });
  if (!started.ok) return started;
  return openRunnerBoard(started.value, {
    board: shell.board,
    marker,
    modelFolder: `${facts.root}/models`,
    installedBytes: sentBytes,
    release: () => void shell.close(),
    ...(options.answerStallMs === undefined ? {} : { answerStallMs: options.answerStallMs }),
  });
}

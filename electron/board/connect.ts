import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { BoardChoice } from '../contract/api.ts';
import type { BoardError, RequestError } from '../contract/errors.ts';
import { fail, type Result } from '../contract/result.ts';
import { parseBoardAddress, type SshAddress } from './address.ts';
import type { Board } from './board.ts';
import type { BoardContact } from './contact.ts';
import { type Installation, installRunner } from './install.ts';
import { connectLocal } from './local.ts';
import { type BoardFacts, probeBoard } from './probe.ts';
import { quoteForShell, type RemoteError, startRemote } from './remote.ts';
import { openRunnerBoard } from './runner-board.ts';
import { collectRunnerFiles, ensureBundle } from './runner-files.ts';
import { openSsh, type SshConnection } from './ssh.ts';

/** Where the app keeps its side of the connections, and bounds that tests tighten. */
export interface ConnectOptions {
  /** Holds `known_hosts`, and what the local runner writes. */
  readonly stateFolder: string;
  /** Runner's folder on the board, absolute or relative to the home. */
  readonly remoteRoot?: string;
  readonly connectTimeoutMs?: number;
  /** Longest time without a byte moving during the installation. */
  readonly installStallMs?: number;
  /** Longest time without a frame from the runner while an answer is due. */
  readonly answerStallMs?: number;
}

const defaultRemoteRoot = '.fieldtune';

/**
 * Connects to a board and starts its runner, which is installed there first if it is missing.
 * Errors: `boardAddress`, and those of `openSsh`, `probeBoard`, `installRunner` and `openRunnerBoard`.
 */
export async function connectBoard(
  choice: BoardChoice,
  contact: BoardContact,
  options: ConnectOptions,
): Promise<Result<Board, BoardError | RequestError>> {
  const address = parseBoardAddress(choice.address);
  if (!address.ok) return address;
  if (contact.signal.aborted) return fail({ kind: 'cancelled' });
  if (address.value.kind === 'local') return connectLocal(options.stateFolder);
  return connectSsh(address.value, choice, contact, options);
}

async function connectSsh(
  address: SshAddress,
  choice: BoardChoice,
  contact: BoardContact,
  options: ConnectOptions,
): Promise<Result<Board, BoardError | RequestError>> {
  const opened = await openSsh(
    address,
    {
      knownHostsFile: join(options.stateFolder, 'known_hosts'),
      acceptHostKey: choice.acceptHostKey,
      identityFile: choice.identityFile,
      connectTimeoutMs: options.connectTimeoutMs,
    },
    contact,
  );
  if (!opened.ok) return opened;
  const connection = opened.value;
  const board = await bringUp(connection, contact, options);
  if (!board.ok) connection.close();
  return board;
}

async function bringUp(
  connection: SshConnection,
  contact: BoardContact,
  options: ConnectOptions,
): Promise<Result<Board, RemoteError>> {
  const facts = await probeBoard(connection, options.remoteRoot ?? defaultRemoteRoot, contact.signal);
  if (!facts.ok) return facts;
  const runner = collectRunnerFiles(await ensureBundle(), facts.value.arch, facts.value.nodeFile === null);
  if (!runner) {
    const missing = 'Node 22.14 or later (none is here to be sent)';
    return fail({ kind: 'boardUnsupported', board: connection.address.text, missing });
  }
  const stallMs = options.installStallMs;
  const found = await installRunner(connection, facts.value, runner, contact, { force: false, stallMs });
  if (!found.ok) return found;
  const board = await start(connection, facts.value, found.value, contact, options);
  if (board.ok || board.error.kind !== 'runnerFailed' || found.value.sentBytes > 0) return board;
  // What was found on the board does not start: once more with fresh files.
  const fresh = await installRunner(connection, facts.value, runner, contact, { force: true, stallMs });
  return fresh.ok ? start(connection, facts.value, fresh.value, contact, options) : fresh;
}

async function start(
  connection: SshConnection,
  facts: BoardFacts,
  installation: Installation,
  contact: BoardContact,
  options: ConnectOptions,
): Promise<Result<Board, RemoteError>> {
  const marker = `fieldtune-runner-${randomUUID()}`;
  const { nodeFile, program, sentBytes } = installation;
  const words = [nodeFile, program, '--root', facts.root, '--marker', marker].map(quoteForShell).join(' ');
  const started = await startRemote(connection, `cd / && unset NODE_OPTIONS; exec ${words}`, {
    signal: contact.signal,
  });
  if (!started.ok) return started;
  const { channel, ended } = started.value;
  return openRunnerBoard(
    { input: channel, output: channel, complaints: channel.stderr, ended, destroy: () => channel.destroy() },
    {
      board: connection.address.text,
      marker,
      modelFolder: `${facts.root}/models`,
      installedBytes: sentBytes,
      release: () => connection.close(),
      ...(options.answerStallMs === undefined ? {} : { answerStallMs: options.answerStallMs }),
    },
  );
}

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { z } from 'zod';
import { fail, ok, type Result } from '../../contract/result.ts';
import type { BoardIdentity, SessionSettings } from '../../runner/protocol.ts';
import {
  identityFlag,
  packSmokeSamples,
  type SmokeReply,
  type SmokeSamples,
  smokeFlag,
} from '../../runner/smoke-samples.ts';
import type { BoardContact } from '../contact.ts';
import { type ReadyOptions, readyBoard } from '../install/ready-runner.ts';
import { localRunnerProgram } from '../install/runner-files.ts';
import { identitySchema, smokeSchema } from '../reply-schemas.ts';
import {
  type BoardShell,
  commandFailed,
  quoteForShell,
  type ShellError,
  type UploadSource,
} from '../shell.ts';
import type { Held } from './lock.ts';

/** The runner's program on a board. */
export interface RunnerCommand {
  /** Quoted words of a shell. */
  readonly words: string;
  /** Its folder, absolute, where it keeps who the board is. */
  readonly root: string;
}

/** Loading a model and a few calls, on a slow board. */
const smokeStallMs = 180_000;

/** Finds the runner on a board, and installs it where it is missing. Errors: those of `readyBoard` and `installRunner`. */
export async function findRunner(
  shell: BoardShell,
  contact: BoardContact,
  options: ReadyOptions,
): Promise<Result<RunnerCommand, ShellError>> {
  const command = (words: readonly string[], root: string): RunnerCommand => ({
    words: words.map(quoteForShell).join(' '),
    root,
  });
  if (shell.link === 'local')
    return ok(command([process.execPath, localRunnerProgram()], join(options.stateFolder, 'local-board')));
  const ready = await readyBoard(shell, contact, options);
  if (!ready.ok) return ready;
  const found = await ready.value.install(false);
  return found.ok ? ok(command([found.value.nodeFile, found.value.program], ready.value.facts.root)) : found;
}

/** Asks the runner who the board is. Errors: `runnerFailed`, those of the link. */
export async function readBoardIdentity(
  shell: BoardShell,
  runner: RunnerCommand,
  signal: AbortSignal,
): Promise<Result<BoardIdentity, ShellError>> {
  return askRunner(
    shell,
    `${runner.words} ${identityFlag} ${quoteForShell(runner.root)}`,
    identitySchema,
    signal,
  );
}

/**
 * Lets the runner load a model file of the board and run it on samples whose outputs are known. Errors: `runnerFailed`
 * where the program itself could not do it, those of an upload and of the link.
 */
export async function smokeOnBoard(
  { shell, place, owner }: Held,
  runner: RunnerCommand,
  model: string,
  samples: SmokeSamples,
  settings: SessionSettings,
  signal: AbortSignal,
): Promise<Result<SmokeReply, ShellError>> {
  const path = `${place.home}/incoming/${owner.token}.smoke`;
  const sent = await shell.upload(sourceOf(packSmokeSamples(samples)), path, { signal });
  if (!sent.ok) return sent;
  const words = [model, JSON.stringify(settings), path].map(quoteForShell).join(' ');
  // Whoever takes over a dead owner's lock finds this process by the token in the path of the samples.
  const script = `: >${quoteForShell(`${place.home}/beat`)}\n${runner.words} ${smokeFlag} ${words}`;
  const asked = await askRunner(shell, script, smokeSchema, signal);
  await shell.run(`rm -f -- ${quoteForShell(path)}`);
  // A model that takes the process down with it is a reply too.
  if (!asked.ok && asked.error.kind === 'runnerFailed') return ok({ ok: false, reason: asked.error.reason });
  return asked;
}

/** Bytes in memory as something to upload. */
export const sourceOf = (bytes: Uint8Array): UploadSource => ({
  sizeBytes: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
  // In pieces, so that progress can be told.
  open: (offset) => Readable.from(pieces(bytes.subarray(offset))),
});

const pieceBytes = 64 * 1024;

function* pieces(bytes: Uint8Array): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += pieceBytes)
    yield Buffer.from(bytes.subarray(at, at + pieceBytes));
}

async function askRunner<T>(
  shell: BoardShell,
  command: string,
  schema: z.ZodType<T>,
  signal: AbortSignal,
): Promise<Result<T, ShellError>> {
  const ran = await shell.run(`cd / && unset NODE_OPTIONS\n${command}`, { signal, stallMs: smokeStallMs });
  if (!ran.ok) return ran;
  const line = ran.value.output.split('\n').at(-1) ?? '';
  const parsed = ran.value.code === 0 ? schema.safeParse(jsonOf(line)) : null;
  if (parsed?.success) return ok(parsed.data);
  const failed = commandFailed(shell.board, 'run the runner', ran.value);
  const reason = !failed.ok && failed.error.kind === 'boardCommandFailed' ? failed.error.reason : 'no answer';
  return fail({ kind: 'runnerFailed', board: shell.board, reason });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

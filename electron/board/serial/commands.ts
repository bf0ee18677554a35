import type { Readable } from 'node:stream';
import { fail, ok, type Result } from '../../contract/result.ts';
import type { CommandOutcome, RunOptions, ShellError } from '../shell.ts';
import type { Agent } from './agent.ts';
import { cksumOf } from './cksum.ts';
import type { Reply } from './replies.ts';
import { type Pace, sendBytes } from './transfer.ts';

/** Bounds of one command, and what it reads. */
export interface ConsoleOptions extends RunOptions {
  /** Bytes for the command's stdin. */
  readonly input?: Readable;
  /** What the command prints while it waits for its input. */
  readonly onOutput?: (text: string) => void;
}

const defaultStallMs = 30_000;
const interruptMs = 5_000;
/** Most of one stream that is kept; the end is the part that tells. */
const keptOutputBytes = 1024 * 1024;
const keptComplaintBytes = 64 * 1024;
const firstPartBytes = 4096;
const smallestPartBytes = 32;
const mostTries = 60;
const pollMs = 150;
const ctrlC = Buffer.from([3]);

/**
 * Runs a POSIX shell script on the board; both streams come back whole, whatever the kernel prints in between.
 * Errors: `boardLost`, `cancelled`, `boardDiskFull`, `consoleNotReady` (`badLine`).
 */
export async function runOnConsole(
  agent: Agent,
  pace: Pace,
  script: string,
  options: ConsoleOptions = {},
): Promise<Result<CommandOutcome, ShellError>> {
  const { signal, input, stallMs = defaultStallMs } = options;
  const sent = await sendScript(agent, pace, script, signal);
  if (!sent.ok) return sent;
  const id = agent.nextId();
  const request = input ? 'x 1' : 'x 0';
  const begun = await agent.ask(id, request, signal);
  if (!begun.ok) return interrupted(agent, id, request, begun);
  let end: Result<Reply, ShellError> = begun;
  if (begun.value.words[0] !== 'end') {
    if (input) {
      const fed = await feed(agent, pace, input, options);
      if (!fed.ok) return interrupted(agent, id, request, fed);
    }
    end = await agent.follow(id, request, { signal, stallMs });
  }
  if (!end.ok) return interrupted(agent, id, request, end);
  const [, code, sum, sizeText, complaintsText] = end.value.words;
  const sizeBytes = Number(sizeText);
  const streamed = input ? Buffer.alloc(0) : end.value.before.subarray(-sizeBytes || end.value.before.length);
  const output =
    streamed.length === sizeBytes && `${cksumOf(streamed)}` === sum
      ? ok(streamed)
      : await readBack(agent, 'o', sizeBytes, keptOutputBytes, signal);
  if (!output.ok) return output;
  const complaints = await readBack(agent, 'e', Number(complaintsText), keptComplaintBytes, signal);
  if (!complaints.ok) return complaints;
  return ok({
    code: Number.isInteger(Number(code)) ? Number(code) : null,
    signal: null,
    output: output.value.toString('utf8').trim(),
    complaints: complaints.value.toString('utf8').trim(),
  });
}

/** Puts a script on the board, where it is run next. Errors: as `runOnConsole`. */
export async function sendScript(
  agent: Agent,
  pace: Pace,
  script: string,
  signal: AbortSignal | undefined,
): Promise<Result<void, ShellError>> {
  const sent = await sendBytes(agent, pace, Buffer.from(`${script}\n`), { begins: true, signal });
  if (!sent.ok) return sent;
  return sent.value === 'taken'
    ? ok(undefined)
    : fail({ kind: 'boardDiskFull', board: agent.board, folder: '/tmp', neededBytes: script.length });
}

/**
 * Gives a command what it reads and waits until it has worked on it. What it prints before is read from its file, as
 * the line is taken by what it is fed.
 */
async function feed(
  agent: Agent,
  pace: Pace,
  input: Readable,
  options: ConsoleOptions,
): Promise<Result<void, ShellError>> {
  const { signal, stallMs = defaultStallMs, onOutput } = options;
  const chunks = input[Symbol.asyncIterator]();
  let toldBytes = 0;
  let movedMs = performance.now();
  // A source that fails is its owner's to explain; the command sees its input end.
  const nextChunk = () => chunks.next().catch(() => ({ done: true, value: undefined }) as const);
  const stalled = (): Result<never, ShellError> | null => {
    if (performance.now() - movedMs < stallMs) return null;
    const reason = `nothing moved for ${Math.round(stallMs / 1000)} s`;
    return fail({ kind: 'boardLost', board: agent.board, reason });
  };
  for (let coming = nextChunk(); ; coming = nextChunk()) {
    let next = await Promise.race([coming, after(pollMs)]);
    for (; next === null; next = await Promise.race([coming, after(pollMs)])) {
      // It waits for the command to say something first.
      const from = Math.floor(toldBytes / firstPartBytes) * firstPartBytes;
      const printed = await readPart(agent, 'o', from, firstPartBytes, signal);
      if (!printed.ok) return printed;
      const fresh = printed.value?.subarray(toldBytes - from) ?? Buffer.alloc(0);
      if (fresh.length > 0) {
        toldBytes += fresh.length;
        movedMs = performance.now();
        onOutput?.(fresh.toString('utf8'));
      }
      const failure = stalled();
      if (failure) return failure;
    }
    if (next.done) break;
    const bytes = next.value as Buffer; // a stream without an encoding gives buffers
    const sent = await sendBytes(agent, pace, bytes, { begins: false, signal });
    if (!sent.ok) return sent;
    // What reads it has ended and says why by its outcome.
    if (sent.value === 'refused') return ok(undefined);
    movedMs = performance.now();
  }
  const ended = await agent.ask(agent.nextId(), 'z', signal);
  if (!ended.ok) return ended;
  for (let before = ''; ; ) {
    const state = await agent.ask(agent.nextId(), 'w', signal);
    if (!state.ok) return state;
    const [word = '', size = ''] = state.value.words;
    if (word !== 'busy') return ok(undefined);
    if (size !== before) movedMs = performance.now();
    before = size;
    const failure = stalled();
    if (failure) return failure;
    await after(pollMs);
  }
}

/** Gets the console back from a command that nobody waits for any more. */
async function interrupted<T>(
  agent: Agent,
  id: number,
  request: string,
  failure: Extract<Result<T, ShellError>, { readonly ok: false }>,
): Promise<Result<never, ShellError>> {
  if (request === 'x 1') await agent.askOnce(agent.nextId(), 'k');
  await agent.line.write(ctrlC);
  await agent.follow(id, request, { stallMs: interruptMs });
  return failure;
}

/** What a command printed, from the file that was kept of it: its last bytes. */
async function readBack(
  agent: Agent,
  file: 'o' | 'e',
  sizeBytes: number,
  mostBytes: number,
  signal: AbortSignal | undefined,
): Promise<Result<Buffer, ShellError>> {
  const parts: Buffer[] = [];
  let partBytes = firstPartBytes;
  let failures = 0;
  let at = Math.max(0, Math.ceil((sizeBytes - mostBytes) / firstPartBytes) * firstPartBytes);
  while (at < sizeBytes) {
    const part = await readPart(agent, file, at, partBytes, signal);
    if (!part.ok) return part;
    if (part.value !== null && part.value.length > 0) {
      parts.push(part.value);
      at += part.value.length;
      failures = 0;
    } else if (++failures > mostTries) {
      return fail({ kind: 'consoleNotReady', board: agent.board, found: 'badLine', said: '' });
    } else partBytes = Math.max(smallestPartBytes, partBytes / 2);
  }
  return ok(Buffer.concat(parts));
}

/** A part of a file of the board, at most `partBytes`, from a multiple of which it begins; null: it came damaged. */
async function readPart(
  agent: Agent,
  file: 'o' | 'e',
  at: number,
  partBytes: number,
  signal: AbortSignal | undefined,
): Promise<Result<Buffer | null, ShellError>> {
  const reply = await agent.askOnce(agent.nextId(), `r ${file} ${at} ${partBytes}`, undefined, signal);
  if (!reply.ok) return reply;
  const [word, sum, length] = reply.value?.words ?? [];
  if (word !== 'part' || Number(length) > partBytes) return ok(null);
  const { before } = reply.value!;
  const part = before.subarray(before.length - Number(length));
  return ok(`${cksumOf(part)}` === sum ? Buffer.from(part) : null);
}

function after(durationMs: number): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), durationMs));
}

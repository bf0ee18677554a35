import { once } from 'node:events';
import type { BoardError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import { createFrameDecoder, encodeFrame, type Frame } from '../runner/frames.ts';
import type { Reply, RequestCall } from '../runner/protocol.ts';
import type { RuntimeRefusal } from './board.ts';
import type { LinkEnd, RunnerLink } from './link.ts';
import { incomingSchema } from './reply-schemas.ts';

/** Why a request to the runner gave no answer. */
export type CallError = BoardError | RuntimeRefusal;

/** Speaks the runner's protocol over one link; requests go one at a time, in the order they were made. */
export interface RunnerClient {
  /** `onPart` gets what the runner tells before its answer; it must not throw. */
  call(
    request: RequestCall,
    body?: Uint8Array,
    signal?: AbortSignal,
    onPart?: (part: unknown) => void,
  ): Promise<Result<Answer, CallError>>;
  /** Asks the runner to exit, and drops the link when it does not. */
  close(): Promise<void>;
}

/** A successful reply. */
export interface Answer {
  readonly value: unknown;
  readonly body: Uint8Array;
}

/** Bounds and names of a client; the defaults suit a slow board. */
export interface RunnerClientOptions {
  readonly board: string;
  /** Line that the runner prints before its first frame. */
  readonly marker: string;
  /** Folder of the models on the board, for messages. */
  readonly modelFolder: string;
  readonly startTimeoutMs?: number;
  /** Longest time without a byte taken by the link while something is being sent. */
  readonly sendStallMs?: number;
  /** Longest time without a byte while an answer is due. */
  readonly answerStallMs?: number;
}

const defaultStartTimeoutMs = 30_000;
const defaultSendStallMs = 20_000;
const defaultAnswerStallMs = 300_000;
const heartbeatMs = 20_000;
const closeTimeoutMs = 3_000;
const usualSliceBytes = 64 * 1024;
const maxNoiseBytes = 1024 * 1024;
const keptComplaintChars = 4_000;
/** Signals that a program brings upon itself; others come from outside. */
const crashSignals = new Set(['SIGSEGV', 'SIGABRT', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGTRAP']);

interface Pending {
  readonly id: number;
  settle(result: Result<{ reply: Reply; body: Uint8Array }, BoardError>): void;
  restartTimer(): void;
  takePart(part: unknown): void;
}

/** Waits for the runner behind `link` to come up. Errors: `runnerFailed`, `boardLost`. */
export async function startRunnerClient(
  link: RunnerLink,
  options: RunnerClientOptions,
): Promise<Result<RunnerClient, BoardError>> {
  const { board } = options;
  const { sliceBytes = usualSliceBytes } = link;
  let fault: BoardError | null = null;
  let pending: Pending | null = null;
  let nextId = 1;
  let requests: Promise<unknown> = Promise.resolve();
  let writes: Promise<unknown> = Promise.resolve();
  let complaints = '';
  let closing = false;

  let announceFault: (error: BoardError) => void = () => {};
  const faulted = new Promise<BoardError>((resolve) => {
    announceFault = resolve;
  });
  const break_ = (error: BoardError): void => {
    if (fault) return;
    fault = error;
    announceFault(error);
    pending?.settle(fail(error));
    clearInterval(heartbeat);
    link.destroy();
  };

  link.complaints.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-keptComplaintChars);
  });
  // Failing streams show as the end of the link; without listeners they would be thrown.
  for (const stream of [link.input, link.output, link.complaints]) stream.on('error', () => {});
  void link.ended.then((end) => break_(faultOf(end, board, complaints)));

  const decoder = createFrameDecoder();
  const takeFrame = (frame: Frame): void => {
    const incoming = incomingSchema.safeParse(frame.header);
    if (!incoming.success) {
      break_({ kind: 'runnerFailed', board, reason: 'the runner sent an unknown frame' });
    } else if (pending?.id === incoming.data.id) {
      if ('progress' in incoming.data) {
        pending.restartTimer();
        if (incoming.data.part !== undefined) pending.takePart(incoming.data.part);
      } else pending.settle(ok({ reply: incoming.data, body: frame.body }));
    }
  };
  let noise: Buffer | null = Buffer.alloc(0);
  const started = new Promise<void>((resolve) => {
    link.output.on('data', (chunk: Buffer) => {
      // A large answer takes its time on a slow link.
      currentPending()?.restartTimer();
      let bytes = chunk;
      if (noise) {
        noise = Buffer.concat([noise, chunk]);
        const line = `${options.marker}\n`;
        const at = noise.indexOf(line);
        if (at < 0) {
          if (noise.length > maxNoiseBytes) {
            break_({
              kind: 'runnerFailed',
              board,
              reason: 'the board prints without end when a command is run',
            });
          }
          return;
        }
        bytes = noise.subarray(at + line.length);
        noise = null;
        resolve();
      }
      const frames = decoder.push(bytes);
      if (frames.ok) frames.value.forEach(takeFrame);
      else break_({ kind: 'runnerFailed', board, reason: `the link is garbled: ${frames.error.reason}` });
    });
  });

  const writeAll = async (pieces: readonly Uint8Array[]): Promise<void> => {
    for (const piece of pieces) {
      for (let offset = 0; offset < piece.length && !fault; offset += sliceBytes) {
        if (link.input.write(piece.subarray(offset, offset + sliceBytes))) continue;
        const stallMs = options.sendStallMs ?? defaultSendStallMs;
        const drained = await beforeTimeout(
          once(link.input, 'drain').catch(() => {}),
          faulted,
          stallMs,
        );
        if (!drained)
          break_({ kind: 'boardLost', board, reason: `nothing was taken for ${seconds(stallMs)} s` });
      }
    }
  };
  const send = (header: object, body?: Uint8Array): Promise<unknown> => {
    writes = writes.then(() => writeAll(encodeFrame(header, body)));
    return writes;
  };
  // The runner exits when the app falls silent, so that a dead link leaves no process behind.
  const heartbeat = setInterval(() => void send({ id: nextId++, method: 'cancel', target: 0 }), heartbeatMs);
  heartbeat.unref();

  const exchange = async (
    call: RequestCall,
    body: Uint8Array | undefined,
    signal: AbortSignal | undefined,
    onPart: ((part: unknown) => void) | undefined,
  ): Promise<Result<Answer, CallError>> => {
    if (fault) return fail(fault);
    if (signal?.aborted) return fail({ kind: 'cancelled' });
    const id = nextId++;
    const stallMs = options.answerStallMs ?? defaultAnswerStallMs;
    let timer: NodeJS.Timeout | undefined;
    const settled = new Promise<Result<{ reply: Reply; body: Uint8Array }, BoardError>>((settle) => {
      const restartTimer = (): void => {
        clearTimeout(timer);
        timer = setTimeout(() => {
          break_({ kind: 'boardLost', board, reason: `the runner did not answer for ${seconds(stallMs)} s` });
        }, stallMs);
      };
      pending = { id, settle, restartTimer, takePart: (part) => onPart?.(part) };
    });
    const onAbort = (): void => void send({ id: nextId++, method: 'cancel', target: id });
    await send({ ...call, id }, body);
    // A write that failed has settled this already.
    currentPending()?.restartTimer();
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted) onAbort();
    const result = await settled;
    signal?.removeEventListener('abort', onAbort);
    clearTimeout(timer);
    pending = null;
    if (!result.ok) return result;
    const { reply } = result.value;
    if (reply.ok) return ok({ value: reply.value, body: result.value.body });
    return fail(errorOf(reply, call, body?.length ?? 0, options));
  };
  // Read through a function, as the assignment inside the promise escapes the compiler's flow analysis.
  const currentPending = (): Pending | null => pending;

  const startTimeoutMs = options.startTimeoutMs ?? defaultStartTimeoutMs;
  if (!(await beforeTimeout(started, faulted, startTimeoutMs))) {
    break_({ kind: 'runnerFailed', board, reason: `it did not start within ${seconds(startTimeoutMs)} s` });
  }
  if (fault) return fail(fault);

  return ok({
    call(request, body, signal, onPart) {
      const result = requests.then(() => exchange(request, body, signal, onPart));
      requests = result;
      return result;
    },
    async close() {
      if (!closing && !fault) {
        closing = true;
        void send({ id: nextId++, method: 'exit' });
        await beforeTimeout(link.ended, faulted, closeTimeoutMs);
      }
      break_({ kind: 'boardLost', board, reason: 'the board was disconnected' });
      await beforeTimeout(link.ended, new Promise(() => {}), closeTimeoutMs);
    },
  });
}

/** Whether `wanted` or `other` came before the time was up. */
async function beforeTimeout(
  wanted: Promise<unknown>,
  other: Promise<unknown>,
  timeoutMs: number,
): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMs);
  });
  const came = await Promise.race([wanted.then(() => true), other.then(() => true), timeUp]);
  clearTimeout(timer);
  return came;
}

function faultOf(end: LinkEnd, board: string, complaints: string): BoardError {
  const lastLine = complaints.trim().split('\n').at(-1) ?? '';
  switch (end.kind) {
    case 'lost':
      return { kind: 'boardLost', board, reason: end.reason };
    case 'killed':
      return crashSignals.has(end.signal)
        ? { kind: 'runnerFailed', board, reason: lastLine || `crashed (${end.signal})` }
        : { kind: 'boardLost', board, reason: `the runner was ended by ${end.signal}` };
    case 'exited':
      if (end.code === 0) return { kind: 'boardLost', board, reason: 'the runner ended' };
      return { kind: 'runnerFailed', board, reason: lastLine || `exit code ${end.code}` };
  }
}

function errorOf(
  reply: Extract<Reply, { readonly ok: false }>,
  call: RequestCall,
  bodyBytes: number,
  options: RunnerClientOptions,
): CallError {
  const { board, modelFolder } = options;
  const sha256 = 'sha256' in call ? call.sha256 : '';
  switch (reply.kind) {
    case 'cancelled':
      return { kind: 'cancelled' };
    case 'modelFailsToRun':
      return { kind: 'modelFailsToRun', path: sha256, reason: reply.reason };
    case 'diskFull':
      return { kind: 'boardDiskFull', board, folder: modelFolder, neededBytes: bodyBytes };
    case 'hashMismatch':
      return { kind: 'boardCorrupted', board, file: `${modelFolder}/${sha256}.onnx` };
    case 'internal':
      return { kind: 'runnerFailed', board, reason: reply.reason };
  }
}

function seconds(durationMs: number): number {
  return Math.round(durationMs / 1000);
}

import { fail, ok, type Result } from '../../contract/result.ts';
import type { ShellError } from '../shell.ts';
import { longestLineBytes } from './agent-script.ts';
import { cksumOf } from './cksum.ts';
import type { SerialLine } from './port.ts';
import { createReplyReader, type Reply } from './replies.ts';

/** Speaks with the program on the board, one request at a time. */
export interface Agent {
  readonly board: string;
  readonly mark: string;
  readonly line: SerialLine;
  /** Number for the next request. */
  nextId(): number;
  /** Sends a request until it is answered. Errors: `boardLost`, `cancelled`, `consoleNotReady` (`badLine`). */
  ask(id: number, words: string, signal?: AbortSignal): Promise<Result<Reply, ShellError>>;
  /** Sends a request once, with bytes behind it; null: no answer came in time. Errors: `boardLost`, `cancelled`. */
  askOnce(
    id: number,
    words: string,
    payload?: Uint8Array,
    signal?: AbortSignal,
  ): Promise<Result<Reply | null, ShellError>>;
  /**
   * The reply to a request that lasts as long as its command; `again` is the request, which brings a lost reply back.
   * Errors: `boardLost`, `cancelled`.
   */
  follow(id: number, again: string, bounds: FollowBounds): Promise<Result<Reply, ShellError>>;
  /** Sends a request and waits for nothing. */
  tell(id: number, words: string): void;
  /** Hands all bytes to somebody else until `null` is given. */
  divert(listener: ((bytes: Buffer) => void) | null): void;
}

/** Bounds of a wait that ends with the command and not with time. */
export interface FollowBounds {
  readonly signal?: AbortSignal | undefined;
  /** Longest time without a byte. */
  readonly stallMs: number;
}

/** Longest a small board thinks before it answers, and the least that it is given however quick it has been. */
const longestReplyMs = 3_000;
const shortestReplyMs = 500;
/** After this long without a byte the board is asked whether a command is over. */
const firstNudgeMs = 4_000;
/** After this long without a byte in answer to anything the port is closed. */
const silenceMs = 9_000;
const mostTries = 60;
/** Of what commands print, and their last reply. */
const keptBytes = 1024 * 1024 + 4096;
const keptReplies = 8;

/** Takes the line over from the console's dialogue; `mark` is that of the program that was started. */
export function createAgent(board: string, line: SerialLine, mark: string): Agent {
  const replies = createReplyReader(mark, keptBytes);
  let lastId = 0;
  let replyMs = longestReplyMs;
  /** Since when the board owes a sign of life; null: it gave one. */
  let owedSinceMs: number | null = null;
  let lostReason: string | null = null;
  let diverted: ((bytes: Buffer) => void) | null = null;
  let onReply: ((reply: Reply) => void) | null = null;
  let onBytes: () => void = () => {};
  let onLost: () => void = () => {};
  /** Replies that came while nobody waited, or waited for another. */
  let unclaimed: Reply[] = [];

  const takeReply = (reply: Reply): void => {
    unclaimed = [...unclaimed, reply].slice(-keptReplies);
    onReply?.(reply);
  };
  line.listen((bytes) => {
    owedSinceMs = null;
    if (diverted) return diverted(bytes);
    onBytes();
    for (const reply of replies.push(bytes)) takeReply(reply);
  });
  void line.lost.then((reason) => {
    lostReason = reason;
    onLost();
  });

  const lineMs = (sizeBytes: number): number => (sizeBytes * 10_000) / line.baud;
  const tell = (id: number, words: string, payload: Uint8Array = Buffer.alloc(0)): void => {
    const request = `${id} ${words}`;
    const text = `${mark} ${cksumOf(Buffer.from(request))} ${request}\n`;
    if (text.length > longestLineBytes) throw new Error(`A line of ${text.length} bytes for a console`);
    owedSinceMs ??= performance.now() + lineMs(text.length + payload.length);
    // An empty line in front ends whatever was left of a damaged one.
    void line.write(Buffer.concat([Buffer.from(`\n${text}`), payload]));
  };
  const claim = (matches: (reply: Reply) => boolean): Reply | null => {
    const found = unclaimed.find(matches) ?? null;
    unclaimed = unclaimed.filter((reply) => reply !== found);
    return found;
  };

  /** Waits until `claimed` finds its reply, or the line, the person or the time ends it. */
  const wait = <T>(
    claimed: () => T | null,
    begin: () => void,
    signal: AbortSignal | undefined,
    timeUp: (settle: (result: Result<T, ShellError>) => void) => { moved(): void; stop(): void },
  ): Promise<Result<T, ShellError>> =>
    new Promise((resolve) => {
      let settled = false;
      const settle = (result: Result<T, ShellError>): void => {
        if (settled) return;
        settled = true;
        timer.stop();
        signal?.removeEventListener('abort', onAbort);
        onReply = null;
        onBytes = () => {};
        onLost = () => {};
        resolve(result);
      };
      const onAbort = (): void => settle(fail({ kind: 'cancelled' }));
      const look = (): void => {
        const found = claimed();
        if (found !== null) settle(ok(found));
      };
      const timer = timeUp(settle);
      onLost = () => settle(fail({ kind: 'boardLost', board, reason: lostReason ?? '' }));
      if (lostReason !== null) return onLost();
      if (signal?.aborted) return onAbort();
      signal?.addEventListener('abort', onAbort, { once: true });
      onBytes = timer.moved;
      onReply = look;
      begin();
      look();
    });

  const askOnce: Agent['askOnce'] = (id, words, payload, signal) => {
    // Whatever was left of earlier requests answers nothing any more.
    unclaimed = unclaimed.filter((reply) => reply.id !== 0 && reply.words[0] === 'end');
    const startMs = performance.now();
    return wait<{ readonly reply: Reply | null }>(
      () => {
        const own = claim((reply) => reply.id === id);
        if (own) {
          const tookMs = performance.now() - startMs;
          if (!payload) replyMs = Math.min(longestReplyMs, Math.max(shortestReplyMs, 4 * tookMs));
          return { reply: own };
        }
        // It heard something that it could not read: most likely this.
        const damaged = payload ? null : claim((reply) => reply.words[0] === 'what');
        return damaged ? { reply: null } : null;
      },
      () => tell(id, words, payload),
      signal,
      (settle) => {
        const onTimeUp = (): void => {
          if (owedSinceMs === null || performance.now() - owedSinceMs < silenceMs) {
            settle(ok({ reply: null }));
          } else {
            settle(fail({ kind: 'boardLost', board, reason: 'the board does not answer any more' }));
            void line.close();
          }
        };
        const usualMs = (payload ? longestReplyMs : replyMs) + lineMs((payload?.length ?? 0) + 200);
        const owedMs = owedSinceMs === null ? 0 : owedSinceMs + silenceMs - performance.now();
        const timer = setTimeout(onTimeUp, owedMs > 0 ? Math.min(usualMs, owedMs + 10) : usualMs);
        return { moved: () => {}, stop: () => clearTimeout(timer) };
      },
    ).then((result) => (result.ok ? ok(result.value.reply) : result));
  };

  return {
    board,
    mark,
    line,
    nextId: () => ++lastId,
    tell: (id, words) => tell(id, words),
    askOnce,
    async ask(id, words, signal) {
      for (let tries = 0; tries < mostTries; tries++) {
        const reply = await askOnce(id, words, undefined, signal);
        if (!reply.ok) return reply;
        if (reply.value) return ok(reply.value);
      }
      return fail({ kind: 'consoleNotReady', board, found: 'badLine', said: '' });
    },
    follow: (id, again, { signal, stallMs }) =>
      wait<Reply>(
        () => {
          // The board reads again: the command is over, and its reply was lost on the way.
          if (claim((reply) => reply.words[0] === 'last' || reply.words[0] === 'what')) tell(id, again);
          return claim((reply) => reply.id === id && reply.words[0] === 'end');
        },
        () => {},
        signal,
        (settle) => {
          const reason = `nothing moved for ${Math.round(stallMs / 1000)} s`;
          const onStall = (): void => settle(fail({ kind: 'boardLost', board, reason }));
          let stall = setTimeout(onStall, stallMs);
          let nudgeMs = firstNudgeMs;
          const onNudge = (): void => {
            tell(0, 'p');
            nudgeMs *= 2;
            nudge = setTimeout(onNudge, nudgeMs);
          };
          let nudge = setTimeout(onNudge, nudgeMs);
          return {
            moved() {
              clearTimeout(stall);
              clearTimeout(nudge);
              stall = setTimeout(onStall, stallMs);
              nudge = setTimeout(onNudge, nudgeMs);
            },
            stop() {
              // A command may be silent for long.
              owedSinceMs = null;
              clearTimeout(stall);
              clearTimeout(nudge);
            },
          };
        },
      ),
    divert(listener) {
      diverted = listener;
      const rest = replies.takeRest();
      if (listener && rest.length > 0) listener(rest);
    },
  };
}

import { randomInt } from 'node:crypto';
import { PassThrough, Readable, Writable } from 'node:stream';
import { createLineStream } from '../../runner/line-stream.ts';
import { serialVariable } from '../../runner/transport.ts';
import type { LinkEnd, RunnerLink } from '../link.ts';
import type { Agent } from './agent.ts';
import { createReplyReader, type Reply } from './replies.ts';

/** A program on the board's terminal, and the console once it has ended. */
export interface StartedProgram {
  readonly link: RunnerLink;
  /** Resolves once the console takes commands again, or the line is gone. */
  readonly left: Promise<void>;
}

/** What goes before a script, so that the runner that it starts puts packets on its stdin and stdout. */
export interface SerialSession {
  readonly number: number;
  readonly lines: string;
}

const resendMs = 2_500;
const resetEveryMs = 1_000;
const mostResets = 8;
const keptTailBytes = 4096;
/** A slice of this size is taken within a few seconds by a slow line. */
const sliceSeconds = 2;
const smallestSliceBytes = 512;

/** A new session for a line of this speed. */
export function newSession(baud: number): SerialSession {
  const number = randomInt(1, 2 ** 31);
  return { number, lines: `export ${serialVariable}=${number}:${Math.round(baud / 10)}\n` };
}

/** Starts the script that lies on the board as a program on its terminal, spoken to in packets. */
export function startOnTerminal(agent: Agent, session: SerialSession): StartedProgram {
  const { line } = agent;
  const lineRate = line.baud / 10;
  const id = agent.nextId();
  let isHeard = false;
  let finish: (end: LinkEnd) => void = () => {};
  const ended = new Promise<LinkEnd>((resolve) => {
    finish = resolve;
  });
  let leave: () => void = () => {};
  const left = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const output = new Readable({ read() {} });
  const complaints = new PassThrough();
  const stream = createLineStream({
    session: session.number,
    lineRate,
    send: (packet) => line.write(packet),
    receive(bytes) {
      isHeard = true;
      output.push(bytes);
    },
    onReset: () => {},
  });
  const input = new Writable({
    highWaterMark: 16 * 1024,
    write(chunk: Buffer, _, done) {
      stream.write(chunk).then(() => done(), done);
    },
  });

  const close = (end: LinkEnd): void => {
    stream.close();
    clearInterval(starting);
    clearInterval(resetting);
    finish(end);
    output.push(null);
    complaints.end();
    agent.divert(null);
    leave();
  };
  const endReplies = createReplyReader(agent.mark, keptTailBytes);
  const onEnd = (reply: Reply): void => {
    const code = Number(reply.words[1]);
    const size = Number(reply.words[2]);
    stream.close();
    clearInterval(starting);
    clearInterval(resetting);
    agent.divert(null);
    void readComplaints(agent, size).then((said) => {
      if (said) complaints.write(said);
      // 128 + n is how a shell in between says that signal n ended the program.
      close(code === 137 ? { kind: 'killed', signal: 'SIGKILL' } : { kind: 'exited', code });
    });
  };
  let isEnding = false;
  agent.divert((bytes) => {
    stream.accept(bytes);
    for (const reply of endReplies.push(bytes)) {
      if (isEnding || reply.id !== id || reply.words[0] !== 'end') continue;
      isEnding = true;
      onEnd(reply);
    }
  });
  void line.lost.then((reason) => close({ kind: 'lost', reason }));
  agent.tell(id, 't');
  // Until it is heard, nobody knows whether the request arrived; a program that runs takes it for noise.
  const starting = setInterval(() => {
    if (isHeard) clearInterval(starting);
    else agent.tell(id, 't');
  }, resendMs);
  let resets = 0;
  let resetting: NodeJS.Timeout | undefined;

  return {
    left,
    link: {
      input,
      output,
      complaints,
      ended,
      sliceBytes: Math.max(smallestSliceBytes, Math.round(lineRate * sliceSeconds)),
      destroy() {
        if (resetting || isEnding) return;
        const reset = (): void => {
          if (++resets > mostResets) void line.close();
          else void stream.reset();
        };
        reset();
        resetting = setInterval(reset, resetEveryMs);
      },
    },
  };
}

/** The end of what the program said on stderr, which is kept in a file while it has the terminal. */
async function readComplaints(agent: Agent, sizeBytes: number): Promise<string> {
  const partBytes = 1024;
  if (!(sizeBytes > 0)) return '';
  const at = Math.floor((sizeBytes - 1) / partBytes) * partBytes;
  const reply = await agent.askOnce(agent.nextId(), `r e ${at} ${partBytes}`);
  return reply.ok && reply.value ? reply.value.before.toString('utf8') : '';
}

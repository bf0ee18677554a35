import type { BoardError } from '../../contract/errors.ts';
import { fail, ok, type Result } from '../../contract/result.ts';
import type { SerialAddress } from '../address.ts';
import type { BoardContact } from '../contact.ts';
import type { BoardShell, ShellError } from '../shell.ts';
import { uploadThrough } from '../upload.ts';
import type { Agent } from './agent.ts';
import { historyOnLine } from './agent-script.ts';
import { runOnConsole, sendScript } from './commands.ts';
import { type ConsoleTimes, reachShell, usualTimes } from './console.ts';
import { startDialogue } from './dialogue.ts';
import type { KnownPorts } from './known-ports.ts';
import { openAgent } from './opening.ts';
import { openPort, type PortOptions, type SerialLine } from './port.ts';
import { newSession, startOnTerminal } from './runner-stream.ts';
import { type Pace, startPace } from './transfer.ts';

/** Bounds, and what tests put in place of the system. */
export interface SerialOptions extends PortOptions {
  readonly times?: ConsoleTimes;
  /** Where it is kept which device was met at a port; the port is opened by its name alone without. */
  readonly knownPorts?: KnownPorts;
  /** Longest that starting the program at a shell's prompt may take. */
  readonly openingMs?: number;
}

/** Of the line's rate that is left for a file in blocks. */
const payloadShare = 0.9;
const aliveEveryMs = 120_000;
const closeTimeoutMs = 8_000;
const settleMs = 300;

/**
 * Opens a serial console, gets to its shell and starts the program there that answers.
 * Errors: those of `openPort`, `reachShell` and `openAgent`.
 */
export async function openSerial(
  address: SerialAddress,
  contact: BoardContact,
  options: SerialOptions = {},
): Promise<Result<BoardShell, ShellError>> {
  const board = address.text;
  const port = (await options.knownPorts?.find(address.port)) ?? address.port;
  const opened = await openPort({ board, port, baud: address.baud }, options);
  if (!opened.ok) return opened;
  await options.knownPorts?.remember(address.port, port);
  const line = opened.value;
  const dialogue = startDialogue(line, contact.signal);
  const reached = await reachShell(
    dialogue,
    address,
    { signal: contact.signal, ask: contact.ask ?? null },
    options.times ?? usualTimes,
  );
  if (!reached.ok) {
    await line.close();
    return reached;
  }
  const { loggedIn } = reached.value;
  const agent = await openAgent(board, dialogue, contact.signal, options.openingMs);
  if (!agent.ok) {
    await leaveShell(line, loggedIn);
    return agent;
  }
  const pace = startPace(address.baud, agent.value.base64);
  return ok(makeSerialShell(agent.value.agent, pace, loggedIn));
}

function makeSerialShell(agent: Agent, pace: Pace, loggedIn: boolean): BoardShell {
  const { board, line } = agent;
  // One thing at a time: a console has one stream for all.
  let turns: Promise<unknown> = Promise.resolve();
  let destroyProgram: () => void = () => {};
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = turns.then(work);
    turns = turn.catch(() => {});
    return turn;
  };
  // The program on the board takes long silence for an app that is gone.
  const alive = setInterval(() => {
    void inTurn(() => agent.askOnce(agent.nextId(), 'p'));
  }, aliveEveryMs);
  alive.unref();
  void line.lost.then(() => clearInterval(alive));

  const run: BoardShell['run'] = (script, options) =>
    inTurn(() => runOnConsole(agent, pace, script, options));
  let closing: Promise<void> | null = null;
  return {
    board,
    link: 'serial',
    lost: line.lost,
    run,
    // A console's speed is agreed on beforehand.
    measureRate: async () => Math.round((line.baud / 10) * payloadShare),
    // Its commands come one after the other, so it needs no turn of its own.
    upload: (source, path, options) => uploadThrough(board, run, source, path, options),
    async start(script, options = {}) {
      let begun: (result: Result<void, ShellError>) => void = () => {};
      const beginning = new Promise<Result<void, ShellError>>((resolve) => {
        begun = resolve;
      });
      let program: ReturnType<typeof startOnTerminal> | null = null;
      void inTurn(async () => {
        const session = newSession(line.baud);
        const sent = await sendScript(agent, pace, `${session.lines}${script}`, options.signal);
        if (sent.ok) {
          program = startOnTerminal(agent, session);
          destroyProgram = () => program?.link.destroy();
        }
        begun(sent);
        await program?.left;
      });
      const sent = await beginning;
      if (!sent.ok) return sent;
      return program === null
        ? fail(lostError(board))
        : ok((program as ReturnType<typeof startOnTerminal>).link);
    },
    close() {
      closing ??= (async () => {
        clearInterval(alive);
        destroyProgram();
        const quit = inTurn(async () => {
          await agent.askOnce(agent.nextId(), 'q');
        });
        await Promise.race([quit, after(closeTimeoutMs)]);
        await leaveShell(line, loggedIn);
      })();
      return closing;
    },
  };
}

/** Leaves the console as it was found: logged out if we logged in, the history on again if not. */
async function leaveShell(line: SerialLine, loggedIn: boolean): Promise<void> {
  await after(settleMs);
  await line.write(Buffer.from(loggedIn ? 'exit\r' : `${historyOnLine}\r`));
  await after(settleMs);
  await line.close();
}

function lostError(board: string): BoardError {
  return { kind: 'boardLost', board, reason: 'the console was closed' };
}

function after(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}

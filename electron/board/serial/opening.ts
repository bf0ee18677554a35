import { randomBytes, randomInt } from 'node:crypto';
import { fail, ok, type Result } from '../../contract/result.ts';
import type { ShellError } from '../shell.ts';
import { type Agent, createAgent } from './agent.ts';
import {
  historyOffLine,
  longestLineBytes,
  openingLine,
  packedAgent,
  pieceAnswer,
  pieceLine,
  startLine,
  toolsLine,
} from './agent-script.ts';
import type { Dialogue } from './dialogue.ts';

/** The program on the board, running, and what it found there. */
export interface OpenedAgent {
  readonly agent: Agent;
  readonly base64: boolean;
}

const mostTries = 14;
const mostPieceTries = 200;
const answerMs = 2_500;
const settleMs = 200;
const firstPieceBytes = 800;
/** Bad lines carry these in most cases, and their number still fits into the line that puts them together. */
const smallestPieceBytes = 40;
const ctrlC = '\u0003';

/**
 * Starts the program of `agentScript` at a shell's prompt. The lines it is typed in are short, and it is run only once
 * all of it is known to have arrived. Errors: `boardUnsupported`, `consoleNotReady` (`badLine`), `boardLost`, `cancelled`.
 */
export async function openAgent(
  board: string,
  dialogue: Dialogue,
  signal: AbortSignal,
): Promise<Result<OpenedAgent, ShellError>> {
  let lostReason: string | null = null;
  void dialogue.line.lost.then((reason) => {
    lostReason = reason;
  });
  const stopped = (): Result<never, ShellError> | null => {
    if (signal.aborted) return fail({ kind: 'cancelled' });
    return lostReason === null ? null : fail({ kind: 'boardLost', board, reason: lostReason });
  };
  const badLine = (): Result<never, ShellError> =>
    stopped() ?? fail({ kind: 'consoleNotReady', board, found: 'badLine', said: '' });
  const lineMs = (sizeBytes: number): number => (sizeBytes * 10_000) / dialogue.line.baud;
  /** Types a line and waits for what it prints when it arrived whole. */
  const typeLine = async (text: string, answer: string): Promise<boolean> => {
    if (Buffer.byteLength(text) + 1 > longestLineBytes)
      throw new Error(`A line of ${text.length} bytes for a console`);
    dialogue.clear();
    await dialogue.type(`${text}\r`);
    return dialogue.waitFor(answer, answerMs + 3 * lineMs(text.length));
  };

  await dialogue.type(`${historyOffLine}\r`);
  await dialogue.waitForQuiet(settleMs, answerMs);
  let isOpen = false;
  for (let tries = 0; tries < mostTries && !isOpen && !stopped(); tries++) {
    const sign = { a: randomInt(1000, 5000), b: randomInt(1000, 4000) };
    isOpen = await typeLine(openingLine(sign), `ft${sign.a + sign.b}ft`);
    if (!isOpen) {
      // Whatever became of our own line: back to the prompt.
      await dialogue.type(`${ctrlC}\r`);
      await dialogue.waitForQuiet(settleMs * 2, answerMs);
    }
  }
  if (!isOpen) return badLine();

  let areToolsKnown = false;
  for (let tries = 0; tries < mostTries && !areToolsKnown && !stopped(); tries++) {
    const sign = { a: randomInt(1000, 5000), b: randomInt(1000, 4000) };
    areToolsKnown = await typeLine(toolsLine(sign), `ft${sign.a + sign.b}ft`);
  }
  const missing = [...dialogue.shown().matchAll(/ft-no=(\w+)=/g)].map((match) => match[1]!);
  if (areToolsKnown && missing.length > 0) {
    await dialogue.type(`${ctrlC}\r`);
    return fail({ kind: 'boardUnsupported', board, missing: [...new Set(missing)].join(', ') });
  }

  const mark = randomBytes(16)
    .toString('base64url')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]/g, '')
    .padEnd(4, 'x')
    .slice(0, 4);
  const program = packedAgent(mark);
  let pieceBytes = firstPieceBytes;
  let pieces = 0;
  let failures = 0;
  for (let at = 0; at < program.length; ) {
    const piece = program.slice(at, at + pieceBytes);
    if (await typeLine(pieceLine(pieces, piece), pieceAnswer(pieces, piece))) {
      pieces++;
      at += piece.length;
      continue;
    }
    if (stopped() || ++failures > mostPieceTries) return badLine();
    pieceBytes = Math.max(smallestPieceBytes, Math.round(pieceBytes / 2));
    // The rest of a line that lost its end.
    await dialogue.type('\r');
    await dialogue.waitForQuiet(settleMs, answerMs);
  }

  await dialogue.type(`${startLine(pieces)}\r`);
  const agent = createAgent(board, dialogue.line, mark);
  for (let tries = 0; tries < mostTries; tries++) {
    const answer = await agent.askOnce(agent.nextId(), 'p', undefined, signal);
    if (!answer.ok) return answer;
    const [word, , folder, tools] = answer.value?.words ?? [];
    if (word === 'last' && folder === 'none') {
      await agent.ask(agent.nextId(), 'q', signal);
      return fail({
        kind: 'boardUnsupported',
        board,
        missing: 'a folder for temporary files that can be written to',
      });
    }
    if (word === 'last') return ok({ agent, base64: tools?.endsWith('-1') ?? false });
    // Either it has not started, and takes this, or it has, and drops it.
    await dialogue.type(`\r${startLine(pieces)}\r`);
  }
  return badLine();
}

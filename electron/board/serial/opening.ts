import { randomBytes, randomInt } from 'node:crypto';
import { fail, ok, type Result } from '../../contract/result.ts';
import type { ShellError } from '../shell.ts';
import { type Agent, createAgent } from './agent.ts';
import {
  damagedAnswer,
  historyOffLine,
  longestLineBytes,
  neededTools,
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

const mostRounds = 3;
const mostTries = 30;
/** In a row; then the shell that takes the pieces may be gone. */
const mostPieceFailures = 25;
const firstAnswerMs = 2_500;
const shortestAnswerMs = 400;
const settleMs = 200;
const firstPieceBytes = 800;
/** Bad lines carry these in most cases, and their numbers still fit into the line that puts them together. */
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
  const typist = createTypist(dialogue);
  let lostReason: string | null = null;
  void dialogue.line.lost.then((reason) => {
    lostReason = reason;
  });
  const stopped = (): Result<never, ShellError> | null => {
    if (signal.aborted) return fail({ kind: 'cancelled' });
    return lostReason === null ? null : fail({ kind: 'boardLost', board, reason: lostReason });
  };
  await typist.type(historyOffLine);
  await dialogue.waitForQuiet(settleMs, firstAnswerMs);
  for (let round = 0; round < mostRounds && !stopped(); round++) {
    const missing = await findMissingTools(typist, () => stopped() !== null);
    if (missing !== null && missing.length > 0) {
      return fail({ kind: 'boardUnsupported', board, missing: missing.join(', ') });
    }
    const mark = newMark();
    const pieces = missing && (await sendProgram(typist, packedAgent(mark), () => stopped() !== null));
    if (pieces) {
      const started = await startProgram(board, typist, mark, pieces, signal);
      if (started !== null) return started;
    }
    await typist.interrupt();
  }
  return stopped() ?? fail({ kind: 'consoleNotReady', board, found: 'badLine', said: '' });
}

/** The tools that the board lacks; null: no answer came through. */
async function findMissingTools(typist: Typist, isOver: () => boolean): Promise<readonly string[] | null> {
  let before: readonly string[] | null = null;
  for (let tries = 0; tries < mostTries && !isOver(); tries++) {
    const sign = newSign();
    if (await typist.typeFor(toolsLine(sign), `ft${sign.a + sign.b}ft`)) {
      const names = [...typist.dialogue.shown().matchAll(/ft-no=(\w+)=/g)].map((match) => match[1]!);
      // What a damaged line finds missing is found once only.
      const missing = neededTools.filter((tool) => names.includes(tool) && before?.includes(tool) !== false);
      if (missing.length === 0 || before !== null) return missing;
      before = missing;
      continue;
    }
    await typist.interrupt();
  }
  return null;
}

/** Opens the shell that takes lines and gives it the program; the number of pieces, or null when it did not arrive. */
async function sendProgram(typist: Typist, program: string, isOver: () => boolean): Promise<number | null> {
  for (let tries = 0; ; tries++) {
    const sign = newSign();
    if (await typist.typeFor(openingLine(sign), `ft${sign.a + sign.b}ft`)) break;
    if (tries >= mostTries || isOver()) return null;
    // Whatever became of our own line: back to the prompt.
    await typist.interrupt();
  }
  let pieceBytes = firstPieceBytes;
  let pieces = 0;
  let failures = 0;
  for (let at = 0; at < program.length; ) {
    const piece = program.slice(at, at + pieceBytes);
    if (await typist.typeFor(pieceLine(pieces, piece), pieceAnswer(pieces))) {
      pieces++;
      failures = 0;
      at += piece.length;
      continue;
    }
    if (++failures > mostPieceFailures || isOver()) return null;
    pieceBytes = Math.max(smallestPieceBytes, Math.round(pieceBytes / 2));
  }
  return pieces;
}

/** Null: it did not start. */
async function startProgram(
  board: string,
  typist: Typist,
  mark: string,
  pieces: number,
  signal: AbortSignal,
): Promise<Result<OpenedAgent, ShellError> | null> {
  await typist.type(startLine(pieces));
  const agent = createAgent(board, typist.dialogue.line, mark);
  for (let tries = 0; tries < mostTries; tries++) {
    const answer = await agent.askOnce(agent.nextId(), 'p', undefined, signal);
    if (!answer.ok) return answer;
    const [word, , folder, tools] = answer.value?.words ?? [];
    if (word === 'last' && folder === 'none') {
      await agent.ask(agent.nextId(), 'q', signal);
      const missing = 'a folder for temporary files that can be written to';
      return fail({ kind: 'boardUnsupported', board, missing });
    }
    if (word === 'last') return ok({ agent, base64: tools?.endsWith('-1') ?? false });
    // Either it has not started, and takes this, or it has, and drops it.
    await typist.type(`\r${startLine(pieces)}`);
  }
  typist.dialogue.listen();
  return null;
}

interface Typist {
  readonly dialogue: Dialogue;
  type(text: string): Promise<void>;
  /** Types a line; whether its answer came. */
  typeFor(text: string, answer: string): Promise<boolean>;
  interrupt(): Promise<void>;
}

function createTypist(dialogue: Dialogue): Typist {
  /** As the line has been answering; a damaged line is better given up soon. */
  let answerMs = firstAnswerMs;
  const type = async (text: string): Promise<void> => {
    if (Buffer.byteLength(text) + 1 > longestLineBytes) {
      throw new Error(`A line of ${text.length} bytes for a console`);
    }
    await dialogue.type(`${text}\r`);
  };
  return {
    dialogue,
    type,
    async typeFor(text, answer) {
      const lineMs = ((text.length * 2 + 60) * 10_000) / dialogue.line.baud;
      dialogue.clear();
      const startMs = performance.now();
      await type(text);
      if (await dialogue.waitFor(answer, answerMs + lineMs, damagedAnswer)) {
        answerMs = Math.max(shortestAnswerMs, 4 * (performance.now() - startMs - lineMs));
        return true;
      }
      if (!dialogue.shown().includes(damagedAnswer)) await dialogue.type('\r');
      await dialogue.waitForQuiet(settleMs / 2, firstAnswerMs);
      return false;
    },
    async interrupt() {
      await dialogue.type(`${ctrlC}\r`);
      await dialogue.waitForQuiet(settleMs * 2, firstAnswerMs);
    },
  };
}

function newSign(): { readonly a: number; readonly b: number } {
  return { a: randomInt(100, 500), b: randomInt(100, 500) };
}

/** Four letters and digits: told apart from all that a console prints by the checksum behind it. */
function newMark(): string {
  return Array.from(randomBytes(4), (byte) => 'abcdefghijkmnpqrstuvwxyz23456789'[byte & 31]).join('');
}

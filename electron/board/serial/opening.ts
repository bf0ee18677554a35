import { randomBytes, randomInt } from 'node:crypto';
import { fail, ok, type Result } from '../../contract/result.ts';
import type { ShellError } from '../shell.ts';
import { type Agent, createAgent } from './agent.ts';
import {
  damagedAnswer,
  damagedLine,
  historyOffLine,
  longestLineBytes,
  neededTools,
  openingLine,
  packedAgent,
  pieceAnswer,
  pieceLine,
  settingsLine,
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
/** Longest that opening may take: a line on which it takes longer is of no use for anything. */
const defaultLimitMs = 100_000;
/** Each takes seconds when nothing is heard; then what was started is not what was meant, and it is begun anew. */
const mostStartTries = 8;
const mostRefusalTries = 3;
const mostSettingsTries = 8;
/** In a row; then the shell that takes the pieces may be gone. */
const mostPieceFailures = 25;
const firstAnswerMs = 2_500;
const shortestAnswerMs = 400;
const settleMs = 200;
const firstPieceBytes = 800;
/** Smaller ones would be less than the line around them. */
const smallestPieceBytes = 40;
/** Settle where about two of three pieces arrive. */
const growth = 1.2;
const shrinkage = 0.7;
const ctrlC = '\u0003';

/**
 * Starts the program of `agentScript` at a shell's prompt. The lines it is typed in are short, and it is run only once
 * all of it is known to have arrived. Errors: `boardUnsupported`, `consoleNotReady` (`badLine`: not within `limitMs`),
 * `boardLost`, `cancelled`.
 */
export async function openAgent(
  board: string,
  dialogue: Dialogue,
  signal: AbortSignal,
  limitMs: number = defaultLimitMs,
): Promise<Result<OpenedAgent, ShellError>> {
  const endMs = performance.now() + limitMs;
  const typist = createTypist(dialogue);
  let lostReason: string | null = null;
  void dialogue.line.lost.then((reason) => {
    lostReason = reason;
  });
  const stopped = (): Result<never, ShellError> | null => {
    if (signal.aborted) return fail({ kind: 'cancelled' });
    return lostReason === null ? null : fail({ kind: 'boardLost', board, reason: lostReason });
  };
  const isOver = (): boolean => stopped() !== null || performance.now() >= endMs;
  await typist.type(historyOffLine);
  await dialogue.waitForQuiet(settleMs, firstAnswerMs);
  for (let round = 0; round < mostRounds && !isOver(); round++) {
    const missing = await findMissingTools(typist, isOver);
    if (missing !== null && missing.length > 0) {
      return fail({ kind: 'boardUnsupported', board, missing: missing.join(', ') });
    }
    const mark = newMark();
    const pieces = missing && (await sendProgram(typist, packedAgent(mark), isOver));
    if (pieces) {
      const started = await startProgram(board, typist, mark, pieces, signal, isOver);
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
  while (!(await openReader(typist, isOver))) {
    if (isOver()) return null;
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
      pieceBytes = Math.min(firstPieceBytes, Math.round(pieceBytes * growth));
      continue;
    }
    if (++failures > mostPieceFailures || isOver()) return null;
    pieceBytes = Math.max(smallestPieceBytes, Math.round(pieceBytes * shrinkage));
  }
  return pieces;
}

/** Starts the shell that takes lines with checksums; false: what was started does not answer to them. */
async function openReader(typist: Typist, isOver: () => boolean): Promise<boolean> {
  const begun = newSign();
  if (!(await typist.typeFor(openingLine(begun), `ft${begun.a + begun.b}ft`))) return false;
  // The line that started it may be damaged: it has to tell a line that is.
  let refuses = false;
  for (let tries = 0; tries < mostRefusalTries && !refuses; tries++) {
    refuses = await typist.typeFor(damagedLine, damagedAnswer);
  }
  if (!refuses) return false;
  for (let tries = 0; tries < mostSettingsTries && !isOver(); tries++) {
    const sign = newSign();
    if (await typist.typeFor(settingsLine(sign), `ft${sign.a + sign.b}ft`)) return true;
  }
  return false;
}

/** Null: it did not start. */
async function startProgram(
  board: string,
  typist: Typist,
  mark: string,
  pieces: number,
  signal: AbortSignal,
  isOver: () => boolean,
): Promise<Result<OpenedAgent, ShellError> | null> {
  await typist.type(startLine(pieces));
  const agent = createAgent(board, typist.dialogue.line, mark);
  for (let tries = 0; tries < mostStartTries && !isOver(); tries++) {
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
  agent.tell(agent.nextId(), 'q');
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
      // It is ready for the next line already.
      if (dialogue.shown().includes(damagedAnswer)) return false;
      await dialogue.type('\r');
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

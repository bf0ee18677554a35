import { fail, ok, type Result } from '../../contract/result.ts';
import type { ShellError } from '../shell.ts';
import type { Agent } from './agent.ts';
import { cksumOf } from './cksum.ts';

/** How much is sent at once: as much as the line has been carrying whole. */
export interface Pace {
  sizeBytes: number;
  readonly mostBytes: number;
  /** Whether the board can decode base64, so that small pieces can go in lines of text. */
  readonly base64: boolean;
  /** Pieces in a row that arrived. */
  arrived: number;
}

const firstBlockBytes = 2048;
const mostBlockBytes = 32 * 1024;
/** A block lasts about this long: little is lost to waiting, and a cancel is heard soon. */
const blockSeconds = 1.4;
/** Below this a line of text is the better piece: when one is damaged the board knows at its end. */
const smallestBlockBytes = 256;
const mostLineBytes = 96;
const smallestLineBytes = 16;
const piecesBeforeBlocks = 24;
const mostFailures = 60;

/** A pace for a line of this speed that nothing is known of yet. */
export function startPace(baud: number, base64: boolean): Pace {
  const mostBytes = Math.min(
    mostBlockBytes,
    Math.max(smallestBlockBytes, Math.round((baud / 10) * blockSeconds)),
  );
  return { sizeBytes: Math.min(firstBlockBytes, mostBytes), mostBytes, base64, arrived: 0 };
}

/** Where bytes go: into a new script, or to what is read now. */
export interface SendOptions {
  readonly begins: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends bytes in pieces, each with its checksum and acknowledged, resent until it arrived whole. `refused`: nobody
 * reads them any more, or there is no room. Errors: `boardLost`, `cancelled`, `consoleNotReady` (`badLine`).
 */
export async function sendBytes(
  agent: Agent,
  pace: Pace,
  bytes: Uint8Array,
  options: SendOptions,
): Promise<Result<'taken' | 'refused', ShellError>> {
  let failures = 0;
  let at = 0;
  do {
    const piece = bytes.subarray(at, at + pace.sizeBytes);
    const outcome = await sendPiece(agent, pace, piece, options.begins && at === 0, options.signal);
    if (!outcome.ok) return outcome;
    if (outcome.value === 'refused') return ok('refused');
    if (outcome.value === 'taken') {
      at += piece.length;
      failures = 0;
      quicken(pace);
    } else if (++failures > mostFailures) {
      return fail({ kind: 'consoleNotReady', board: agent.board, found: 'badLine', said: '' });
    } else slowDown(pace);
  } while (at < bytes.length);
  return ok('taken');
}

async function sendPiece(
  agent: Agent,
  pace: Pace,
  piece: Uint8Array,
  begins: boolean,
  signal: AbortSignal | undefined,
): Promise<Result<'taken' | 'refused' | 'damaged', ShellError>> {
  const id = agent.nextId();
  const isText = pace.base64 && pace.sizeBytes < smallestBlockBytes && piece.length > 0;
  const end = begins ? ' n' : '';
  const reply = isText
    ? await agent.askOnce(id, `l ${Buffer.from(piece).toString('base64')}${end}`, undefined, signal)
    : await agent.askOnce(id, `b ${piece.length} ${cksumOf(piece)}${end}`, piece, signal);
  if (!reply.ok) return reply;
  const word = reply.value?.words[0];
  if (word === 'ok') return ok('taken');
  if (word === 'full' || word === 'gone') return ok('refused');
  if (word === 'bad') return ok('damaged');
  // Nobody knows whether the piece or the answer was lost: sending it twice would double it.
  const asked = agent.nextId();
  const last = await agent.ask(asked, 'p', signal);
  if (!last.ok) return last;
  return ok(last.value.words[1] === `${id}` ? 'taken' : 'damaged');
}

function quicken(pace: Pace): void {
  pace.arrived++;
  if (pace.sizeBytes >= smallestBlockBytes || !pace.base64) {
    pace.sizeBytes = Math.min(pace.mostBytes, pace.sizeBytes * 2);
  } else if (pace.arrived >= piecesBeforeBlocks) {
    pace.sizeBytes = smallestBlockBytes;
    pace.arrived = 0;
  } else pace.sizeBytes = Math.min(mostLineBytes, Math.round(pace.sizeBytes * 1.1));
}

function slowDown(pace: Pace): void {
  pace.arrived = 0;
  const isBlock = pace.sizeBytes >= smallestBlockBytes || !pace.base64;
  if (!isBlock) pace.sizeBytes = Math.max(smallestLineBytes, Math.round(pace.sizeBytes * 0.7));
  else if (pace.sizeBytes / 4 >= smallestBlockBytes) pace.sizeBytes = Math.round(pace.sizeBytes / 4);
  else pace.sizeBytes = pace.base64 ? mostLineBytes / 2 : Math.max(smallestLineBytes, pace.sizeBytes / 2);
}

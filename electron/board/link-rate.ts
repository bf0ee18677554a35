import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { defineCopy } from './board-tools.ts';
import type { RunWithInput } from './upload.ts';

const firstBytes = 256 * 1024;
/** For a link that is done with the first before its delay is told from its rate. */
const secondBytes = 2 * 1024 * 1024;
const longEnoughSeconds = 0.2;

/** Bytes a second that a link carries to the board, by sending some that are thrown away; null when that fails. */
export async function measureRate(run: RunWithInput): Promise<number | null> {
  const seconds = await timeSending(run, firstBytes);
  if (seconds === null || seconds >= longEnoughSeconds) return seconds === null ? null : firstBytes / seconds;
  const longer = await timeSending(run, secondBytes);
  return longer === null ? null : secondBytes / longer;
}

/** From the board's word that it reads to its end. */
async function timeSending(run: RunWithInput, sizeBytes: number): Promise<number | null> {
  let startedMs: number | null = null;
  let begin = (): void => {};
  const ready = new Promise<void>((resolve) => {
    begin = resolve;
  });
  async function* feed(): AsyncGenerator<Buffer> {
    await ready;
    if (startedMs !== null) yield randomBytes(sizeBytes);
  }
  const input = Readable.from(feed(), { objectMode: false });
  const sent = await run(`lacking=${defineCopy}\n[ -z "$lacking" ] && echo reading-now && copy >/dev/null`, {
    input,
    onOutput(text) {
      if (!text.includes('reading-now')) return;
      startedMs = performance.now();
      begin();
    },
  });
  const endedMs = performance.now();
  begin();
  input.destroy();
  if (!sent.ok || sent.value.code !== 0 || startedMs === null) return null;
  return (endedMs - startedMs) / 1000;
}

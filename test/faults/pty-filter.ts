import type { Readable, Writable } from 'node:stream';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/** What a line does to the bytes that go through it, the same in both directions. */
export interface LineHarm {
  /** Bytes per second each way; as fast as it goes without. */
  readonly bytesPerSecond?: number;
  /** Share of the bytes that are dropped, and of those in which one bit flips. */
  readonly dropped?: number;
  readonly flipped?: number;
  /** Text that appears towards the app after every so many bytes, as kernel messages do. */
  readonly injected?: { readonly everyBytes: number; readonly text: string };
}

/** Who listens to a filter. */
export interface FilterEars {
  onTyped(bytes: Buffer): void;
  isFrozen(): boolean;
}

/** The filter between the app's port and the board. */
export interface PtyFilter {
  join(app: Readable & Writable, toBoard: Writable, fromBoard: Readable, ears: FilterEars): void;
  setHarm(harm: LineHarm): void;
  /** Neither direction moves from now on. */
  freeze(): void;
  stop(): void;
}

const tickMs = 5;
/** As the buffer of a serial driver, so that a late timer of this process does not leave the line idle. */
const bufferBytes = 2048;

/** Starts a filter; what it does is the same at every run. */
export function startFilter(first: LineHarm): PtyFilter {
  let harm = first;
  const pumps = new Set<{ freeze(): void; stop(): void }>();
  return {
    join(app, toBoard, fromBoard, ears) {
      pumps.add(startPump(app, toBoard, 11, () => ({ ...harm, injected: undefined }), ears.onTyped));
      pumps.add(
        startPump(
          fromBoard,
          app,
          13,
          () => harm,
          () => {},
        ),
      );
    },
    setHarm(given) {
      harm = given;
    },
    freeze() {
      for (const pump of pumps) pump.freeze();
    },
    stop() {
      for (const pump of pumps) pump.stop();
    },
  };
}

type Harm = { readonly [K in keyof LineHarm]: LineHarm[K] | undefined };

function startPump(
  from: Readable,
  to: Writable,
  seed: number,
  harmNow: () => Harm,
  onBytes: (bytes: Buffer) => void,
): { freeze(): void; stop(): void } {
  const generator = xoroshiro128plus(seed);
  const chance = (): number => (generator.next() >>> 0) / 2 ** 32;
  let queue: Buffer[] = [];
  let queuedBytes = 0;
  let credit = 0;
  let lastMs = performance.now();
  let passed = 0;
  let frozen = false;

  const spoil = (bytes: Buffer, harm: Harm): Buffer => {
    const { dropped = 0, flipped = 0, injected } = harm;
    if (dropped === 0 && flipped === 0 && !injected) return bytes;
    const kept: number[] = [];
    for (const byte of bytes) {
      if (injected && ++passed % injected.everyBytes === 0) kept.push(...Buffer.from(injected.text));
      if (dropped > 0 && chance() < dropped) continue;
      kept.push(flipped > 0 && chance() < flipped ? byte ^ (1 << (generator.next() & 7)) : byte);
    }
    return Buffer.from(kept);
  };
  const move = (): void => {
    const harm = harmNow();
    const nowMs = performance.now();
    const rate = harm.bytesPerSecond ?? Number.POSITIVE_INFINITY;
    // A real line has no memory: what it did not carry while there was nothing is gone.
    credit = rate === Number.POSITIVE_INFINITY ? rate : credit + ((nowMs - lastMs) / 1000) * rate;
    lastMs = nowMs;
    while (queue.length > 0 && credit >= 1 && !frozen) {
      const piece = queue[0]!.subarray(0, Math.min(queue[0]!.length, Math.floor(credit)));
      if (piece.length === queue[0]!.length) queue.shift();
      else queue[0] = queue[0]!.subarray(piece.length);
      queuedBytes -= piece.length;
      credit -= piece.length;
      if (!to.destroyed) to.write(spoil(piece, harm));
    }
    if (queue.length === 0) credit = Math.min(credit, Number.isFinite(rate) ? rate * 0.002 : credit);
    if (queuedBytes < bufferBytes && !frozen) from.resume();
  };
  from.on('data', (bytes: Buffer) => {
    onBytes(bytes);
    queue.push(bytes);
    queuedBytes += bytes.length;
    if (frozen || queuedBytes >= bufferBytes) from.pause();
    move();
  });
  const timer = setInterval(move, tickMs);
  from.on('close', () => clearInterval(timer));
  return {
    freeze() {
      frozen = true;
      queue = [];
      from.pause();
    },
    stop: () => clearInterval(timer),
  };
}

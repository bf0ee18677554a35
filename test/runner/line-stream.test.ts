import { createHash } from 'node:crypto';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, test } from 'vitest';
import { createLineStream, type LineStream } from '../../electron/runner/line-stream.ts';
import { createPacketReader, encodePacket, packetTypes } from '../../electron/runner/packets.ts';
import { createReassembly } from '../../electron/runner/reassembly.ts';

/** Bytes that look random and are the same at every run. */
function noise(sizeBytes: number, seed = 1): Buffer {
  const generator = xoroshiro128plus(seed);
  return Buffer.from(Uint8Array.from({ length: sizeBytes }, () => generator.next() & 0xff));
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

interface Harm {
  /** Share of the bytes that are dropped, and of those that are flipped. */
  readonly dropped?: number;
  readonly flipped?: number;
  /** Put in between after every so many bytes. */
  readonly injected?: { readonly everyBytes: number; readonly text: string };
  /** How much the system takes beyond what is on the line; a few milliseconds' worth otherwise. */
  readonly aheadMs?: number;
}

/** A line at a rate: what is handed over is taken at that rate, and comes out harmed. */
function makeLine(rate: number, harm: Harm, seed: number, out: (bytes: Buffer) => void) {
  const generator = xoroshiro128plus(seed);
  const chance = (): number => (generator.next() >>> 0) / 2 ** 32;
  let freeAtMs = performance.now();
  let passedBytes = 0;
  let carriedBytes = 0;
  const onTheWay: { readonly atMs: number; readonly bytes: Buffer }[] = [];
  const deliver = (): void => {
    while (onTheWay.length > 0 && onTheWay[0]!.atMs <= performance.now()) out(onTheWay.shift()!.bytes);
    const [first] = onTheWay;
    if (first) setTimeout(deliver, Math.max(1, first.atMs - performance.now()));
  };
  const spoil = (bytes: Buffer): Buffer => {
    const kept: number[] = [];
    for (const byte of bytes) {
      const { injected } = harm;
      if (injected && ++passedBytes % injected.everyBytes === 0) kept.push(...Buffer.from(injected.text));
      if (chance() < (harm.dropped ?? 0)) continue;
      kept.push(chance() < (harm.flipped ?? 0) ? byte ^ (1 << (generator.next() & 7)) : byte);
    }
    return Buffer.from(kept);
  };
  return {
    carriedBytes: () => carriedBytes,
    async send(bytes: Buffer): Promise<void> {
      carriedBytes += bytes.length;
      freeAtMs = Math.max(freeAtMs, performance.now()) + (bytes.length / rate) * 1000;
      onTheWay.push({ atMs: freeAtMs, bytes: spoil(bytes) });
      // A timer alone would not keep their order.
      if (onTheWay.length === 1) setTimeout(deliver, 1);
      const aheadMs = freeAtMs - performance.now() - (harm.aheadMs ?? 30);
      if (aheadMs > 0) await new Promise((resolve) => setTimeout(resolve, aheadMs));
    },
  };
}

/** Two ends joined by a line in each direction. */
function join(rate: number, harm: Harm, seed = 7) {
  const received: { a: Buffer[]; b: Buffer[] } = { a: [], b: [] };
  const resets: string[] = [];
  const ends: { a?: LineStream; b?: LineStream } = {};
  const toB = makeLine(rate, harm, seed, (bytes) => ends.b?.accept(bytes));
  const toA = makeLine(rate, harm, seed + 1, (bytes) => ends.a?.accept(bytes));
  const make = (name: 'a' | 'b', line: typeof toA): LineStream =>
    createLineStream({
      session: 4711,
      lineRate: rate,
      send: line.send,
      receive: (bytes) => received[name].push(bytes),
      onReset: () => resets.push(name),
    });
  const a = make('a', toB);
  const b = make('b', toA);
  ends.a = a;
  ends.b = b;
  return { a, b, received, resets, toB, toA };
}

describe('a stream over a serial line', () => {
  test('carries bytes of every value both ways at once, in order and each once', async () => {
    const { a, b, received } = join(2_000_000, {});
    const [there, back] = [noise(300_000), noise(200_000, 2)];
    await Promise.all([a.write(there), b.write(back)]);
    await Promise.all([a.flush(), b.flush()]);
    expect(hashOf(Buffer.concat(received.b))).toBe(hashOf(there));
    expect(hashOf(Buffer.concat(received.a))).toBe(hashOf(back));
    a.close();
    b.close();
  });

  test('spends no more than 7 % of the line on anything but payload', async () => {
    const { a, b, toB } = join(400_000, {});
    const sent = noise(400_000);
    await a.write(sent);
    await a.flush();
    expect(sent.length / toB.carriedBytes()).toBeGreaterThan(0.93);
    a.close();
    b.close();
  });

  test('fills its window with few large packets, not with the small ones that it begins with', async () => {
    // The system takes more than a window, so that what is sent waits for acknowledgements and not for the line.
    const { a, b, toB } = join(20_000, { aheadMs: 10_000 });
    const sent = noise(60_000);
    await a.write(sent);
    await a.flush();
    expect(sent.length / toB.carriedBytes()).toBeGreaterThan(0.97);
    a.close();
    b.close();
  });

  test.each([
    ['1 % of the bytes are dropped', { dropped: 0.01 }],
    ['1 % of the bytes are flipped', { flipped: 0.01 }],
    [
      'kernel messages come in between',
      { injected: { everyBytes: 700, text: '\r\n[ 12.3] usb 1-1: reset\r\n' } },
    ],
  ])('arrives whole when %s (fault 23)', async (_, harm) => {
    const { a, b, received } = join(400_000, harm);
    const [there, back] = [noise(60_000), noise(20_000, 2)];
    await Promise.all([a.write(there), b.write(back)]);
    await Promise.all([a.flush(), b.flush()]);
    expect(hashOf(Buffer.concat(received.b))).toBe(hashOf(there));
    expect(hashOf(Buffer.concat(received.a))).toBe(hashOf(back));
    a.close();
    b.close();
  });

  test('keeps a third of the line for payload when 1 % of the bytes are lost', async () => {
    const { a, b, toB } = join(200_000, { dropped: 0.01 });
    const sent = noise(60_000);
    await a.write(sent);
    await a.flush();
    expect(sent.length / toB.carriedBytes()).toBeGreaterThan(0.33);
    a.close();
    b.close();
  });

  test('says when the other side is at its end, and gives up waiting when it is closed', async () => {
    const { a, b, resets } = join(1_000_000, {});
    await a.reset();
    await expect.poll(() => resets).toEqual(['b']);
    b.close();
    void a.write(noise(10));
    const flushed = a.flush();
    a.close();
    await flushed;
  });
});

describe('a packet', () => {
  test.each([0, 1, 2, 253, 254, 255, 508, 1024])('comes back as it was with %i bytes', (sizeBytes) => {
    for (const payload of [noise(sizeBytes), Buffer.alloc(sizeBytes), Buffer.alloc(sizeBytes, 7)]) {
      const packets = createPacketReader(9).push(encodePacket(9, packetTypes.data, 2 ** 32 - 1, payload));
      expect(packets).toEqual([{ type: packetTypes.data, offset: 2 ** 32 - 1, payload }]);
    }
  });

  test('of another session, cut short or with any bit flipped is dropped', () => {
    const packet = encodePacket(9, packetTypes.data, 5, noise(40));
    expect(createPacketReader(8).push(packet)).toEqual([]);
    for (let at = 1; at < packet.length - 1; at++) {
      expect(
        createPacketReader(9).push(Buffer.concat([packet.subarray(0, at), packet.subarray(at + 1)])),
      ).toEqual([]);
      for (let bit = 0; bit < 8; bit++) {
        const flipped = Buffer.from(packet);
        flipped[at]! ^= 1 << bit;
        expect(createPacketReader(9).push(flipped)).toEqual([]);
      }
    }
  });

  test('is found between other text, and endless noise is not kept', () => {
    const reader = createPacketReader(9);
    for (let i = 0; i < 100; i++) expect(reader.push(Buffer.alloc(1000, 0x41))).toEqual([]);
    expect(reader.push(Buffer.from('login: '))).toEqual([]);
    expect(reader.push(encodePacket(9, packetTypes.reset, 0, Buffer.alloc(0)))).toHaveLength(1);
  });
});

describe('reassembly', () => {
  test('gives each byte once, however the pieces overlap', () => {
    const reassembly = createReassembly(1000);
    const bytes = noise(300);
    const got: Buffer[] = [];
    const take = (start: number, end: number): void => {
      got.push(...reassembly.take(start, bytes.subarray(start, end)));
    };
    take(100, 200);
    take(100, 150);
    take(220, 300);
    expect(reassembly.recentRanges().map(({ start, end }) => [start, end])).toEqual([
      [220, 300],
      [100, 200],
    ]);
    take(0, 120);
    take(0, 120);
    expect(reassembly.arrived()).toBe(200);
    take(150, 230);
    expect(reassembly.arrived()).toBe(300);
    expect(Buffer.concat(got)).toEqual(bytes);
  });

  test('keeps nothing that lies too far ahead', () => {
    const reassembly = createReassembly(100);
    expect(reassembly.take(90, noise(20))).toEqual([]);
    expect(reassembly.recentRanges()).toEqual([]);
  });
});

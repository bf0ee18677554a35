import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFrameDecoder, encodeFrame, type Frame } from '../../electron/runner/frames.ts';

const frames = fc.array(
  fc.record({ header: fc.object({ maxDepth: 1 }), body: fc.uint8Array({ maxLength: 300 }) }),
  {
    maxLength: 6,
  },
);

function split(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...places, bytes.length].map((end, index) => bytes.subarray(places[index - 1] ?? 0, end));
}

describe('frames', () => {
  it('decode to the same headers and bodies in whatever pieces they arrive', () => {
    fc.assert(
      fc.property(frames, fc.array(fc.nat(), { maxLength: 40 }), (sent, cuts) => {
        const bytes = Buffer.concat(sent.flatMap((frame) => [...encodeFrame(frame.header, frame.body)]));
        const decoder = createFrameDecoder();
        const got: Frame[] = [];
        for (const piece of split(bytes, cuts)) {
          const decoded = decoder.push(piece);
          if (!decoded.ok) throw new Error(decoded.error.reason);
          got.push(...decoded.value);
        }
        const asSent = sent.map((frame) => ({
          header: JSON.parse(JSON.stringify(frame.header)),
          body: frame.body,
        }));
        expect(got.map((frame) => ({ header: frame.header, body: new Uint8Array(frame.body) }))).toEqual(
          asSent,
        );
      }),
    );
  });

  it('give bodies that a Float32Array can be laid over', () => {
    const body = new Uint8Array(new Float32Array([1.5, -2]).buffer);
    const decoded = createFrameDecoder().push(Buffer.concat(encodeFrame({ odd: 'x' }, body)));
    if (!decoded.ok) throw new Error(decoded.error.reason);
    expect([...new Float32Array(decoded.value[0]!.body.slice().buffer)]).toEqual([1.5, -2]);
  });

  it('are refused by their length before their bytes are kept', () => {
    const decoder = createFrameDecoder(1000);
    const head = Buffer.alloc(8);
    head.writeUInt32LE(1001, 0);
    expect(decoder.push(head)).toEqual({
      ok: false,
      error: { kind: 'frameBroken', reason: 'frame of 1001 bytes' },
    });
    // A stream that lost its place never finds it again.
    expect(decoder.push(Buffer.concat(encodeFrame({ id: 1 }))).ok).toBe(false);
  });

  it.each([
    ['a header longer than its frame', [8, 0, 0, 0, 99, 0, 0, 0]],
    ['a frame too short for a header', [0, 0, 0, 0, 0, 0, 0, 0]],
    ['a header that is not JSON', [6, 0, 0, 0, 2, 0, 0, 0, 0x7b, 0x7b]],
  ])('refuse %s', (_, bytes) => {
    expect(createFrameDecoder().push(Uint8Array.from(bytes)).ok).toBe(false);
  });
});

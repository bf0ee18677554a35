import type { Parameters } from '../instructions/program.ts';

/** Parameters as bytes: `uint32 LE header length · header (JSON: [name, shape] in order) · float32 LE values`. */
export function packParameters(parameters: Parameters): Uint8Array {
  const entries = [...parameters];
  const header = new TextEncoder().encode(JSON.stringify(entries.map(([name, { shape }]) => [name, shape])));
  const padded = Math.ceil((4 + header.length) / 4) * 4;
  const values = entries.reduce((sum, [, { data }]) => sum + data.length, 0);
  const bytes = new Uint8Array(padded + 4 * values);
  new DataView(bytes.buffer).setUint32(0, header.length, true);
  bytes.set(header, 4);
  let at = padded;
  for (const [, { data }] of entries) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/** The inverse of `packParameters`. Bytes of another origin throw. */
export function unpackParameters(bytes: Uint8Array): Parameters {
  const headerLength = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + headerLength))) as [
    string,
    number[],
  ][];
  let at = Math.ceil((4 + headerLength) / 4) * 4;
  return new Map(
    header.map(([name, shape]) => {
      const size = shape.reduce((a, d) => a * d, 1);
      // A Buffer's own slice would share its pool: the copy is made by hand.
      const copy = new Uint8Array(4 * size);
      copy.set(bytes.subarray(at, at + 4 * size));
      const data = new Float32Array(copy.buffer);
      at += 4 * size;
      return [name, { shape, data }];
    }),
  );
}

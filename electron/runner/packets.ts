import { crc32 } from 'node:zlib';

/** What a packet is: bytes of the stream, word of what arrived, or the end of the session. No control characters: a terminal may see them. */
export const packetTypes = { data: 0x44, acknowledgement: 0x41, reset: 0x52 } as const;

/** A reset of this session ends any: for what a lost app left running. */
export const anySession = 0;

/** One packet of a serial line, whole and undamaged. */
export interface Packet {
  readonly type: number;
  /** Of the stream, modulo 2³². */
  readonly offset: number;
  readonly payload: Buffer;
}

/** Finds the packets in what a serial line brings. */
export interface PacketReader {
  /** Takes bytes in any chunking; what is damaged, foreign or of another session is dropped. */
  push(chunk: Uint8Array): readonly Packet[];
}

/** Bytes that every packet costs beside its payload, without the code bytes of long ones. */
export const packetOverheadBytes = 12;

const headBytes = 5;
const sumBytes = 4;
/** Beyond this it is noise: no packet is as long. */
const longestPacketBytes = 8 * 1024;

/**
 * `00 · COBS(type · offset uint32 LE · payload · CRC-32 LE) · 00`. The checksum starts from the session's number, so
 * that a packet of an earlier session is as good as damaged.
 * Source: Cheshire and Baker, Consistent Overhead Byte Stuffing (1999).
 */
export function encodePacket(session: number, type: number, offset: number, payload: Uint8Array): Buffer {
  const plain = Buffer.allocUnsafe(headBytes + payload.length + sumBytes);
  plain[0] = type;
  plain.writeUInt32LE(offset >>> 0, 1);
  plain.set(payload, headBytes);
  plain.writeUInt32LE(
    crc32(plain.subarray(0, plain.length - sumBytes), session >>> 0),
    plain.length - sumBytes,
  );
  return stuff(plain);
}

/** Makes the reader of one direction of a line. */
export function createPacketReader(session: number): PacketReader {
  let held = Buffer.alloc(0);
  return {
    push(chunk) {
      const packets: Packet[] = [];
      let bytes = held.length === 0 ? Buffer.from(chunk) : Buffer.concat([held, chunk]);
      for (let end = bytes.indexOf(0); end >= 0; end = bytes.indexOf(0)) {
        const stuffed = bytes.subarray(0, end);
        const packet = decodePacket(session, stuffed) ?? decodeAnyReset(stuffed);
        if (packet) packets.push(packet);
        bytes = bytes.subarray(end + 1);
      }
      held = bytes.length > longestPacketBytes ? Buffer.alloc(0) : bytes;
      return packets;
    },
  };
}

function decodeAnyReset(stuffed: Buffer): Packet | null {
  const packet = stuffed.length < 16 ? decodePacket(anySession, stuffed) : null;
  return packet?.type === packetTypes.reset ? packet : null;
}

function decodePacket(session: number, stuffed: Buffer): Packet | null {
  const plain = unstuff(stuffed);
  if (plain === null || plain.length < headBytes + sumBytes) return null;
  const end = plain.length - sumBytes;
  if (crc32(plain.subarray(0, end), session >>> 0) !== plain.readUInt32LE(end)) return null;
  return { type: plain[0]!, offset: plain.readUInt32LE(1), payload: plain.subarray(headBytes, end) };
}

function stuff(plain: Buffer): Buffer {
  const stuffed = Buffer.allocUnsafe(plain.length + Math.floor(plain.length / 254) + 3);
  stuffed[0] = 0;
  let code = 1;
  let at = 2;
  for (let i = 0; i < plain.length; i++) {
    if (plain[i] !== 0) stuffed[at++] = plain[i]!;
    // A full run needs no zero after it, and none at the very end.
    if (plain[i] === 0 || (at - code === 255 && i + 1 < plain.length)) {
      stuffed[code] = at - code;
      code = at++;
    }
  }
  stuffed[code] = at - code;
  stuffed[at++] = 0;
  return stuffed.subarray(0, at);
}

function unstuff(stuffed: Buffer): Buffer | null {
  const plain = Buffer.allocUnsafe(stuffed.length);
  let length = 0;
  for (let at = 0; at < stuffed.length; ) {
    const run = stuffed[at]!;
    if (at + run > stuffed.length) return null;
    length += stuffed.copy(plain, length, at + 1, at + run);
    at += run;
    if (run < 255 && at < stuffed.length) plain[length++] = 0;
  }
  return plain.subarray(0, length);
}

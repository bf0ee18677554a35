import { createPacketReader, encodePacket, packetOverheadBytes, packetTypes } from './packets.ts';
import { createReassembly } from './reassembly.ts';

/** A stream of bytes in both directions that arrives whole over a line which loses, flips and injects bytes. */
export interface LineStream {
  /** Takes what the line brought. */
  accept(chunk: Uint8Array): void;
  /** Sends bytes; resolves once so much was acknowledged that there is room for more. */
  write(bytes: Uint8Array): Promise<void>;
  /** Resolves once everything written was acknowledged, or the stream is closed. */
  flush(): Promise<void>;
  /** Tells the other side that this is the end. */
  reset(): Promise<void>;
  /** Stops all timers; nothing is sent or resent any more. */
  close(): void;
}

/** What a stream needs of its line and its owner. */
export interface LineStreamOptions {
  /** Same on both sides; what bears another number is ignored. */
  readonly session: number;
  /** Bytes per second of the line. */
  readonly lineRate: number;
  /** Hands a packet to the line; resolves once the line took it. */
  send(packet: Buffer): Promise<unknown>;
  /** Bytes of the stream, in order, each once. */
  receive(bytes: Buffer): void;
  /** The other side said that this is the end. */
  onReset(): void;
}

/** A piece of the stream that was sent and not yet acknowledged in order. */
interface Segment {
  readonly start: number;
  readonly bytes: Buffer;
  /** Number of the sending it went out with last. */
  order: number;
  sentMs: number;
  state: 'sent' | 'arrived' | 'lost';
  resent: boolean;
}

const largestPayloadBytes = 1024;
/** Small enough to get through a bad line, and soon large on a good one. */
const firstPayloadBytes = 64;
const smallestPayloadBytes = 16;
/** Larger after each arrival and smaller after each loss: settles where about four of five packets arrive. */
const growth = 1.1;
const shrinkage = 0.7;
const windowSeconds = 2;
const smallestWindowBytes = 8 * 1024;
const largestWindowBytes = 60 * 1024;
/** On the way at first; what arrives adds to it, so that a line is not filled with the small packets of the beginning. */
const firstFlightBytes = 1024;
/** Share of the window that may be on the way: the rest is for what goes on while a lost piece is sent again. */
const flightShare = 0.5;
const shortestResendMs = 200;
/** Packets that the line may still have to carry before a timer says that one is lost. */
const packetsOnLine = 4;
const longestResendMs = 4_000;
const graceMs = 30;

/**
 * Makes one end of a stream: selective repeat by byte offsets, so that what is resent can be cut smaller. A line keeps
 * its order, so a packet is known to be lost as soon as one sent after it has arrived; a timer is left for the last.
 */
export function createLineStream(options: LineStreamOptions): LineStream {
  const { session, lineRate } = options;
  const windowBytes = Math.min(
    largestWindowBytes,
    Math.max(smallestWindowBytes, Math.round(lineRate * windowSeconds)),
  );
  const reader = createPacketReader(session);
  const reassembly = createReassembly(largestWindowBytes * 2);
  const waiting: Buffer[] = [];
  let waitingBytes = 0;
  let segments: Segment[] = [];
  /** Offset of the first byte not yet acknowledged, and of the first never sent. */
  let acknowledged = 0;
  let next = 0;
  let order = 0;
  /** Of the packet that arrived last, modulo 2¹⁶. */
  let lastOrder = 0;
  let payloadBytes = firstPayloadBytes;
  let flightBytes = firstFlightBytes;
  let smoothedMs = 300;
  let variationMs = 100;
  let backoff = 1;
  let timer: NodeJS.Timeout | undefined;
  let pumping = false;
  let closed = false;

  let watchers: (() => void)[] = [];

  const wake = (): void => {
    const waking = watchers;
    watchers = [];
    for (const watcher of waking) watcher();
  };
  const until = async (condition: () => boolean): Promise<void> => {
    while (!closed && !condition()) await new Promise<void>((resolve) => watchers.push(resolve));
  };
  const armTimer = (): void => {
    clearTimeout(timer);
    if (closed || segments.length === 0) return;
    const onLineMs = (packetsOnLine * 1000 * (payloadBytes + packetOverheadBytes)) / lineRate;
    const resendMs = Math.max(shortestResendMs + onLineMs, smoothedMs + 4 * variationMs);
    timer = setTimeout(
      () => {
        // After a pause of this process timers come before what the line brought meanwhile.
        timer = setTimeout(onTimeUp, graceMs);
      },
      Math.min(longestResendMs + onLineMs, resendMs * backoff),
    );
  };
  const onTimeUp = (): void => {
    backoff = Math.min(backoff * 2, 16);
    const oldest = segments.find((segment) => segment.state === 'sent');
    if (oldest) loseSegment(oldest);
    // Nothing came through at all: a small one is the better probe.
    payloadBytes = Math.min(payloadBytes, firstPayloadBytes);
    flightBytes = firstFlightBytes;
    armTimer();
    void pump();
  };
  const loseSegment = (segment: Segment): void => {
    segment.state = 'lost';
    payloadBytes = Math.max(smallestPayloadBytes, payloadBytes * shrinkage);
  };

  /** What goes next: a lost piece, cut to the present size, or new bytes as the window allows. */
  const nextSegment = (): Segment | null => {
    const size = Math.round(payloadBytes);
    const at = segments.findIndex((segment) => segment.state === 'lost');
    const lost = segments[at];
    if (lost) {
      if (lost.bytes.length <= size) return lost;
      const head = { ...lost, bytes: lost.bytes.subarray(0, size) };
      const tail = { ...lost, start: lost.start + size, bytes: lost.bytes.subarray(size) };
      segments.splice(at, 1, head, tail);
      return head;
    }
    const wanted = Math.min(size, waitingBytes);
    const onTheWay = segments.reduce((sum, one) => sum + (one.state === 'sent' ? one.bytes.length : 0), 0);
    const room = Math.min(windowBytes - (next - acknowledged), flightBytes - onTheWay);
    // Filling each small gap of the window would cut everything behind it into small packets for good (RFC 813).
    if (wanted === 0 || room < wanted) return null;
    const bytes = takeWaiting(wanted);
    const segment: Segment = { start: next, bytes, order: 0, sentMs: 0, state: 'sent', resent: false };
    next += bytes.length;
    segments.push(segment);
    return segment;
  };
  const takeWaiting = (mostBytes: number): Buffer => {
    const taken: Buffer[] = [];
    let takenBytes = 0;
    while (waiting.length > 0 && takenBytes < mostBytes) {
      const piece = waiting[0]!.subarray(0, mostBytes - takenBytes);
      if (piece.length === waiting[0]!.length) waiting.shift();
      else waiting[0] = waiting[0]!.subarray(piece.length);
      taken.push(piece);
      takenBytes += piece.length;
    }
    waitingBytes -= takenBytes;
    if (takenBytes > 0) wake();
    return taken.length === 1 ? taken[0]! : Buffer.concat(taken);
  };
  const pump = async (): Promise<void> => {
    if (pumping) return;
    pumping = true;
    for (let segment = nextSegment(); segment && !closed; segment = nextSegment()) {
      segment.resent = segment.state === 'lost';
      segment.state = 'sent';
      segment.order = ++order;
      segment.sentMs = performance.now();
      if (segments.length === 1) armTimer();
      const payload = Buffer.concat([twoBytes(segment.order), segment.bytes]);
      await options.send(encodePacket(session, packetTypes.data, segment.start, payload));
    }
    pumping = false;
  };

  const takeAcknowledgement = (cumulative: number, payload: Buffer): void => {
    if (cumulative > next) return;
    if (payload.length < 2) return;
    const ranges = readRanges(cumulative, payload.subarray(2));
    // The sending that arrived last: whatever went before it and is not known to have arrived is lost.
    const newest = order - ((order - payload.readUInt16LE(0)) & 0xffff);
    let moved = cumulative > acknowledged;
    for (const segment of segments) {
      if (segment.state === 'arrived') continue;
      const end = segment.start + segment.bytes.length;
      const arrived =
        end <= cumulative || ranges.some((range) => range.start <= segment.start && end <= range.end);
      if (!arrived) continue;
      moved = true;
      segment.state = 'arrived';
      payloadBytes = Math.min(largestPayloadBytes, payloadBytes * growth);
      flightBytes = Math.min(windowBytes * flightShare, flightBytes + segment.bytes.length);
      // Of a piece that went twice nobody knows which one was acknowledged.
      if (!segment.resent) measure(performance.now() - segment.sentMs);
    }
    for (const segment of segments) {
      if (segment.state === 'sent' && segment.order < newest) loseSegment(segment);
    }
    acknowledged = Math.max(acknowledged, cumulative);
    segments = segments.filter(
      (segment) => segment.state !== 'arrived' || segment.start + segment.bytes.length > acknowledged,
    );
    if (moved) {
      backoff = 1;
      armTimer();
      wake();
    }
    void pump();
  };
  const measure = (sampleMs: number): void => {
    variationMs += (Math.abs(sampleMs - smoothedMs) - variationMs) / 4;
    smoothedMs += (sampleMs - smoothedMs) / 8;
  };
  const acknowledge = (): void => {
    const ranges = writeRanges(reassembly.arrived(), reassembly.recentRanges());
    const payload = Buffer.concat([twoBytes(lastOrder), ranges]);
    void options.send(encodePacket(session, packetTypes.acknowledgement, reassembly.arrived(), payload));
  };

  return {
    accept(chunk) {
      let unacknowledged = 0;
      for (const packet of reader.push(chunk)) {
        if (closed) return;
        if (packet.type === packetTypes.data) {
          if (packet.payload.length < 2) continue;
          lastOrder = packet.payload.readUInt16LE(0);
          const offset = widen(packet.offset, reassembly.arrived());
          for (const bytes of reassembly.take(offset, packet.payload.subarray(2))) options.receive(bytes);
          if (++unacknowledged % packetsPerAcknowledgement === 0) acknowledge();
        } else if (packet.type === packetTypes.acknowledgement) {
          takeAcknowledgement(widen(packet.offset, acknowledged), packet.payload);
        } else if (packet.type === packetTypes.reset) options.onReset();
      }
      if (unacknowledged % packetsPerAcknowledgement !== 0) acknowledge();
    },
    async write(bytes) {
      if (closed || bytes.length === 0) return;
      waiting.push(Buffer.from(bytes));
      waitingBytes += bytes.length;
      void pump();
      await until(() => waitingBytes < windowBytes);
    },
    flush: () => until(() => waitingBytes === 0 && segments.length === 0),
    async reset() {
      if (!closed) await options.send(encodePacket(session, packetTypes.reset, 0, Buffer.alloc(0)));
    },
    close() {
      closed = true;
      clearTimeout(timer);
      wake();
    },
  };
}

function twoBytes(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value & 0xffff);
  return bytes;
}

/** Few enough that what arrived lately fits into one, even when every second packet was lost. */
const packetsPerAcknowledgement = 4;
const rangesPerAcknowledgement = 4;

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Start and length of each range, relative to the first missing byte, two bytes each. */
function writeRanges(arrived: number, ranges: readonly Range[]): Buffer {
  const told = ranges.slice(0, rangesPerAcknowledgement);
  const payload = Buffer.alloc(told.length * 4);
  told.forEach((range, index) => {
    payload.writeUInt16LE(Math.min(range.start - arrived, 0xffff), index * 4);
    payload.writeUInt16LE(Math.min(range.end - range.start, 0xffff), index * 4 + 2);
  });
  return payload;
}

function readRanges(arrived: number, payload: Buffer): readonly Range[] {
  const ranges: Range[] = [];
  for (let at = 0; at + 4 <= payload.length; at += 4) {
    const start = arrived + payload.readUInt16LE(at);
    ranges.push({ start, end: start + payload.readUInt16LE(at + 2) });
  }
  return ranges;
}

/** The full offset nearest to one that is known. */
function widen(offset: number, near: number): number {
  const span = 2 ** 32;
  return offset + Math.round((near - offset) / span) * span;
}

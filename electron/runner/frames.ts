import { fail, ok, type Result } from '../contract/result.ts';

/** Most bytes of one frame: a model file above this never reaches a board. */
export const maxFrameBytes = 1024 * 1024 * 1024;

/** Most bytes of a frame's JSON header. */
export const maxHeaderBytes = 64 * 1024 * 1024;

/** One frame as it came in; `header` is parsed JSON of a shape the receiver has to know. */
export interface Frame {
  readonly header: unknown;
  readonly body: Uint8Array;
}

/** The stream cannot be followed any further. */
export interface FrameError {
  readonly kind: 'frameBroken';
  readonly reason: string;
}

/** Takes bytes in any chunking and gives the frames that became complete; after an error it stays in error. */
export interface FrameDecoder {
  push(chunk: Uint8Array): Result<readonly Frame[], FrameError>;
}

const emptyBody = new Uint8Array(0);

/** Encodes a frame as the pieces to be written one after the other, without copying the body. */
export function encodeFrame(header: unknown, body: Uint8Array = emptyBody): readonly Uint8Array[] {
  const headerBytes = Buffer.from(JSON.stringify(header), 'utf8');
  const restBytes = 4 + headerBytes.length + body.length;
  if (headerBytes.length > maxHeaderBytes || restBytes > maxFrameBytes) {
    throw new Error(`Frame of ${restBytes} bytes exceeds the limit`);
  }
  const head = Buffer.alloc(8 + headerBytes.length);
  head.writeUInt32LE(restBytes, 0);
  head.writeUInt32LE(headerBytes.length, 4);
  headerBytes.copy(head, 8);
  return body.length === 0 ? [head] : [head, body];
}

/** Makes a decoder for one direction of a link. Lengths beyond the limits are refused before anything is kept for them. */
export function createFrameDecoder(limitBytes: number = maxFrameBytes): FrameDecoder {
  let chunks: Buffer[] = [];
  let heldBytes = 0;
  let neededBytes = 8;
  let error: FrameError | null = null;

  const broken = (reason: string): Result<readonly Frame[], FrameError> => {
    error = { kind: 'frameBroken', reason };
    chunks = [];
    return fail(error);
  };

  return {
    push(chunk) {
      if (error) return fail(error);
      chunks.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      heldBytes += chunk.byteLength;
      const frames: Frame[] = [];
      // Joining only once enough is there keeps a large body linear in its size.
      while (heldBytes >= neededBytes) {
        const held = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
        chunks = [held];
        const restBytes = held.readUInt32LE(0);
        const headerBytes = held.readUInt32LE(4);
        if (restBytes > limitBytes) return broken(`frame of ${restBytes} bytes`);
        if (headerBytes > maxHeaderBytes || headerBytes > restBytes - 4)
          return broken(`header of ${headerBytes} bytes`);
        neededBytes = 4 + restBytes;
        if (heldBytes < neededBytes) break;
        let header: unknown;
        try {
          header = JSON.parse(held.toString('utf8', 8, 8 + headerBytes));
        } catch {
          return broken('header is not JSON');
        }
        // A copy, so that a small body does not keep a large chunk alive and starts aligned for typed arrays.
        frames.push({ header, body: Uint8Array.prototype.slice.call(held, 8 + headerBytes, neededBytes) });
        chunks = [held.subarray(neededBytes)];
        heldBytes -= neededBytes;
        neededBytes = 8;
      }
      return ok(frames);
    },
  };
}

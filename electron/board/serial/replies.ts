import { cksumOf } from './cksum.ts';

/** A reply of the program on the board, whole, with what was printed before it. */
export interface Reply {
  /** Number of the request; 0 for what answers none. */
  readonly id: number;
  readonly words: readonly string[];
  /** What came since the reply before, as it came. */
  readonly before: Buffer;
}

/** Finds replies in what a console prints; lines that do not match their checksum are left in the text. */
export interface ReplyReader {
  push(bytes: Buffer): readonly Reply[];
  /** What came since the last reply; it is forgotten. */
  takeRest(): Buffer;
}

/** Makes a reader for the program with this mark, which keeps the last `keptBytes` of what is no reply. */
export function createReplyReader(mark: string, keptBytes: number): ReplyReader {
  const needle = Buffer.from(`\n${mark} `);
  let held: Buffer = Buffer.alloc(0);
  /** Where the search goes on. */
  let from = 0;

  const nextReply = (): Reply | null => {
    for (;;) {
      const start = held.indexOf(needle, from);
      const end = start < 0 ? -1 : held.indexOf('\n', start + 1);
      if (end < 0) {
        from = start < 0 ? Math.max(0, held.length - needle.length) : start;
        return null;
      }
      const text = held.toString('latin1', start + needle.length, end);
      const space = text.indexOf(' ');
      const body = text.slice(space + 1);
      if (space > 0 && `${cksumOf(Buffer.from(body, 'latin1'))}` === text.slice(0, space)) {
        const before = held.subarray(held[0] === 0x0a ? 1 : 0, Math.max(1, start));
        // The end of this line may be the beginning of the next reply.
        held = held.subarray(end);
        from = 0;
        const [id = '', ...words] = body.split(' ').filter((word) => word !== '');
        return { id: Number(id), words, before: start === 0 ? Buffer.alloc(0) : before };
      }
      from = end;
    }
  };

  return {
    push(bytes) {
      held = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
      const replies: Reply[] = [];
      for (let reply = nextReply(); reply; reply = nextReply()) replies.push(reply);
      if (held.length > keptBytes) {
        const dropped = held.length - keptBytes;
        held = Buffer.from(held.subarray(dropped));
        from = Math.max(0, from - dropped);
      }
      return replies;
    },
    takeRest() {
      const rest = held;
      held = Buffer.alloc(0);
      from = 0;
      return rest;
    },
  };
}

import type { Readable, Writable } from 'node:stream';

/** How a runner's process and its link came to an end. */
export type LinkEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: string }
  /** The link went, and nothing is known about the process. */
  | { readonly kind: 'lost'; readonly reason: string };

/** A started runner: its three streams, and its end, which never rejects. */
export interface RunnerLink {
  readonly input: Writable;
  readonly output: Readable;
  readonly complaints: Readable;
  readonly ended: Promise<LinkEnd>;
  /** Most bytes that are handed over at once, so that a slow link shows that it moves. */
  readonly sliceBytes?: number;
  /** Drops the link at once, and with it the runner. */
  destroy(): void;
}

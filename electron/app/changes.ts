import type { Changed } from '../contract/calls.ts';

/** Who is told when a list has changed. */
export interface Changes {
  tell(what: Changed): void;
  /** Returns how to stop being told. */
  listen(listener: (what: Changed) => void): () => void;
}

/** Changes that nobody listens to yet. */
export function makeChanges(): Changes {
  const listeners = new Set<{ readonly call: (what: Changed) => void }>();
  return {
    tell(what) {
      // A copy: a listener may stop another while it is told.
      for (const { call } of [...listeners]) call(what);
    },
    listen(call) {
      const entry = { call };
      listeners.add(entry);
      return () => {
        listeners.delete(entry);
      };
    },
  };
}

/** Calls back about keys, for each at most once in a while and always once after the last mark. */
export interface Throttle {
  mark(key: string): void;
  /** Calls back now for what still waits, and takes no more. */
  close(): void;
}

/** A throttle that calls `send` at most once every `everyMs` for a key. */
export function makeThrottle(everyMs: number, send: (key: string) => void): Throttle {
  const waiting = new Map<string, NodeJS.Timeout>();
  const lastMs = new Map<string, number>();
  let closed = false;
  const sendNow = (key: string): void => {
    waiting.delete(key);
    lastMs.set(key, performance.now());
    send(key);
  };
  return {
    mark(key) {
      if (closed || waiting.has(key)) return;
      const waitMs = (lastMs.get(key) ?? -Infinity) + everyMs - performance.now();
      if (waitMs <= 0) sendNow(key);
      else waiting.set(key, setTimeout(sendNow, Math.ceil(waitMs), key));
    },
    close() {
      closed = true;
      for (const [key, timer] of [...waiting]) {
        clearTimeout(timer);
        sendNow(key);
      }
    },
  };
}

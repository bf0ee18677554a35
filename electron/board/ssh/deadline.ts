/** A time limit that does not run while a person is asked. */
export interface Deadline {
  /** Stops the clock; it begins anew with `resume`. */
  pause(): void;
  resume(): void;
  clear(): void;
}

/** Starts a limit; `onOver` is called once when it is over. */
export function startDeadline(limitMs: number, onOver: () => void): Deadline {
  let timer: NodeJS.Timeout | undefined;
  const clear = (): void => clearTimeout(timer);
  const resume = (): void => {
    clear();
    timer = setTimeout(onOver, limitMs);
    timer.unref();
  };
  resume();
  return { pause: clear, resume, clear };
}

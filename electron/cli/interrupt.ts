/** Ctrl+C as an abort signal: the first asks to stop, the second ends the process. */
export interface Interrupt {
  readonly signal: AbortSignal;
  /** Gives Ctrl+C its usual meaning back. */
  release(): void;
}

/** The part of `process` that sends signals, so that tests can stand in for it. */
export interface SignalSource {
  on(name: 'SIGINT' | 'SIGTERM', handler: () => void): unknown;
  off(name: 'SIGINT' | 'SIGTERM', handler: () => void): unknown;
}

/** Listens for Ctrl+C and SIGTERM; `onFirst` is told once, `onSecond` must end the process. */
export function listenForInterrupt(
  source: SignalSource,
  onFirst: () => void,
  onSecond: () => void,
): Interrupt {
  const controller = new AbortController();
  const handler = (): void => {
    if (controller.signal.aborted) {
      onSecond();
      return;
    }
    controller.abort();
    onFirst();
  };
  source.on('SIGINT', handler);
  source.on('SIGTERM', handler);
  return {
    signal: controller.signal,
    release: () => {
      source.off('SIGINT', handler);
      source.off('SIGTERM', handler);
    },
  };
}

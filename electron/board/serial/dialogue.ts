import type { SerialLine } from './port.ts';

/** Typing at a console and reading what it shows. */
export interface Dialogue {
  readonly line: SerialLine;
  /** What was shown since the last `clear`, without escape sequences. */
  shown(): string;
  clear(): void;
  type(text: string): Promise<boolean>;
  /** Whether the text came before the time was up, and before another that says that it will not. */
  waitFor(text: string, timeoutMs: number, unless?: string): Promise<boolean>;
  /** Listens to the line again after somebody else did. */
  listen(): void;
  /** Whether nothing came for `quietMs` before the time was up; the line's end is quiet too. */
  waitForQuiet(quietMs: number, timeoutMs: number): Promise<boolean>;
}

const keptChars = 16 * 1024;

/** Listens to a line until somebody else does. */
export function startDialogue(line: SerialLine, signal: AbortSignal): Dialogue {
  let text = '';
  let watchers: (() => void)[] = [];
  const wake = (): void => {
    const waking = watchers;
    watchers = [];
    for (const watcher of waking) watcher();
  };
  let isOver = false;
  const onEnd = (): void => {
    isOver = true;
    wake();
  };
  const listen = (): void =>
    line.listen((bytes) => {
      text = (text + bytes.toString('utf8')).slice(-keptChars);
      wake();
    });
  listen();
  void line.lost.then(onEnd);
  signal.addEventListener('abort', onEnd, { once: true });

  /** Resolves at the next change, or when the time is up. */
  const change = (timeoutMs: number): Promise<boolean> =>
    new Promise((resolve) => {
      if (isOver || signal.aborted) return resolve(false);
      const timer = setTimeout(() => resolve(false), timeoutMs);
      watchers.push(() => {
        clearTimeout(timer);
        resolve(!isOver);
      });
    });
  return {
    line,
    shown: () => withoutEscapes(text),
    clear() {
      text = '';
    },
    type: (typed) => line.write(Buffer.from(typed, 'utf8')),
    listen,
    async waitFor(wanted, timeoutMs, unless) {
      const endMs = performance.now() + timeoutMs;
      while (!text.includes(wanted)) {
        if (unless !== undefined && text.includes(unless)) return false;
        const leftMs = endMs - performance.now();
        if (leftMs <= 0 || !(await change(leftMs))) return text.includes(wanted);
      }
      return true;
    },
    async waitForQuiet(quietMs, timeoutMs) {
      const endMs = performance.now() + timeoutMs;
      while (performance.now() < endMs) {
        if (!(await change(quietMs))) return true;
      }
      return false;
    },
  };
}

/** Text as a terminal would show it: without colours, cursor movements and titles. */
export function withoutEscapes(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
      .replace(/\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)/g, '')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
      .replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|[ -/]*[0-~])/g, '')
  );
}

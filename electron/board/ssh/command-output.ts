import { StringDecoder } from 'node:string_decoder';

/** What a command printed, of which the end is kept. */
export interface CommandOutput {
  /** Takes what came; returns the part of it that the command printed, as text. */
  push(chunk: Buffer): string;
  /** The end of what the command printed, trimmed. */
  text(): string;
}

const mostChars = 1024 * 1024;

/** Collects what lies between two lines; what came before the first, a login shell printed. */
export function collectBetween(begin: string, end: string): CommandOutput {
  const decoder = new StringDecoder('utf8');
  const tail = keepTail();
  const beginLine = `${begin}\n`;
  let before: string | null = '';
  return {
    push(chunk) {
      const text = decoder.write(chunk);
      if (before === null) return tail.add(text);
      before += text;
      const at = before.indexOf(beginLine);
      if (at < 0) {
        before = before.slice(-beginLine.length);
        return '';
      }
      const after = before.slice(at + beginLine.length);
      before = null;
      return tail.add(after);
    },
    text() {
      const kept = tail.text();
      const at = kept.lastIndexOf(`\n${end}`);
      return (at < 0 ? kept : kept.slice(0, at)).trim();
    },
  };
}

/** Collects all that comes. */
export function collectAll(): CommandOutput {
  const decoder = new StringDecoder('utf8');
  const tail = keepTail();
  return { push: (chunk) => tail.add(decoder.write(chunk)), text: () => tail.text().trim() };
}

/** Keeps the last characters in memory that does not grow with what comes. */
function keepTail() {
  let kept = '';
  return {
    add(text: string): string {
      kept += text;
      // Cutting at every chunk would copy all of it each time.
      if (kept.length > 2 * mostChars) kept = kept.slice(-mostChars);
      return text;
    },
    text: (): string => kept.slice(-mostChars),
  };
}

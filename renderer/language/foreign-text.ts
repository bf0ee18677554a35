const longestText = 240;
const frame = /\s+at \S.*?:\d+:\d+\)?(?=\s|$)/gs;

/**
 * Makes foreign text (a file name, a board's name, a runtime's message) fit to stand in a sentence: no control or
 * bidirectional characters, no stack frames, no line breaks, at most 240 characters, no closing full stop.
 */
export function foreignText(text: string): string {
  const clean = text
    .replace(frame, '')
    // Colours of a terminal leave their letters behind when only the escape goes.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what is looked for
    .replace(/\u001b\[[0-9;]*[A-Za-z]/g, '')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    // Bidirectional controls could make a name read as another.
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .trim()
    .replace(/[.\s]+$/, '');
  return clean.length <= longestText ? clean : `${clean.slice(0, longestText - 1)}…`;
}

/** The same data with every text in it, which boards, files and runtimes may have said, made fit to be shown. */
export function fitToShow<T>(data: T): T {
  const clean = (value: unknown): unknown => {
    if (typeof value === 'string') return foreignText(value);
    if (Array.isArray(value)) return value.map(clean);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, clean(inner)]));
  };
  return clean(data) as T;
}

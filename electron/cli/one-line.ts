import { stripVTControlCharacters } from 'node:util';

const longestText = 240;
const frame = /\s+at \S.*?:\d+:\d+\)?(?=\s|$)/gs;

/**
 * Makes foreign text (a file name, a board's answer, a runtime's message) fit for one line of a terminal:
 * no control characters, no stack frames, no line breaks, bounded length, no closing full stop.
 */
export function oneLine(text: string): string {
  const clean = stripVTControlCharacters(text)
    .replace(frame, '')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    // Bidirectional controls could make a name read as another.
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .trim()
    .replace(/[.\s]+$/, '');
  return clean.length <= longestText ? clean : `${clean.slice(0, longestText - 1)}…`;
}

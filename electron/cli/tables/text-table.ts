import { stripVTControlCharacters, type styleText } from 'node:util';

/** Styles text for one stream; gives it back as it is where colour is not wanted. */
export type Paint = (format: Parameters<typeof styleText>[0], text: string) => string;

/** Leaves text as it is. */
export const noPaint: Paint = (_format, text) => text;

/** One column: its title, its side, and whether it gives way when the line is too long. */
export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Shortened with `…` down to this width when the table is wider than the terminal. */
  readonly shrinkTo?: number;
}

const gap = '  ';
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/;

/** Columns of a terminal that the text takes; East Asian wide characters take two. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of stripVTControlCharacters(text)) width += wide.test(character) ? 2 : 1;
  return width;
}

/** Cuts the middle out of the text so that it takes at most `width` columns: both ends tell names apart. */
export function shorten(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  const characters = [...text];
  let head = Math.ceil(characters.length / 2);
  let tail = characters.length - head;
  const joined = () =>
    `${characters.slice(0, head).join('')}…${tail === 0 ? '' : characters.slice(-tail).join('')}`;
  while (head + tail > 0 && displayWidth(joined()) > width) {
    if (head > tail) head -= 1;
    else tail -= 1;
  }
  return joined();
}

function pad(text: string, width: number, align: 'left' | 'right'): string {
  const space = ' '.repeat(Math.max(0, width - displayWidth(text)));
  return align === 'right' ? space + text : text + space;
}

/** Lines of a table: dim titles, cells in columns, at most `width` columns wide where the shrinking ones allow it. */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
  paint: Paint,
): string[] {
  const widths = columns.map((column, index) =>
    Math.max(displayWidth(column.title), ...rows.map((row) => displayWidth(row[index] ?? ''))),
  );
  let excess = widths.reduce((sum, each) => sum + each + gap.length, -gap.length) - width;
  columns.forEach((column, index) => {
    if (column.shrinkTo === undefined || excess <= 0) return;
    const before = widths[index] ?? 0;
    const after = Math.min(before, Math.max(column.shrinkTo, before - excess));
    widths[index] = after;
    excess -= before - after;
  });
  const line = (cells: readonly string[]): string =>
    columns
      .map((column, index) => {
        const room = widths[index] ?? 0;
        return pad(shorten(cells[index] ?? '', room), room, column.align ?? 'left');
      })
      .join(gap)
      .trimEnd();
  const hasTitles = columns.some((column) => column.title !== '');
  return [
    ...(hasTitles ? [paint('dim', line(columns.map((column) => column.title)))] : []),
    ...rows.map(line),
  ];
}

/** Breaks text at spaces into lines of at most `width` columns, each after `indent`. */
export function wrapText(text: string, width: number, indent = ''): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && displayWidth(`${indent}${line} ${word}`) > width) {
      lines.push(indent + line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, indent + line];
}

const eighths = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar for a part of a whole (`part` 0 to 1), at most `width` columns long. */
export function bar(part: number, width: number): string {
  const steps = Math.round(Math.min(1, Math.max(0, part)) * width * 8);
  return '█'.repeat(Math.floor(steps / 8)) + (eighths[steps % 8] ?? '');
}

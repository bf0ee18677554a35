import type { RunResult } from '../contract/run-result.ts';
import { type Html, html } from './html.ts';
import { ratioText, shareText, timeText } from './numbers.ts';

type Operator = RunResult['operators'][number];

const barWidth = 370;
const rowHeight = 37;
// What fits before the figures at the end of the line.
const labelLength = 42;

/** How many operators a chart shows by name; the rest share one bar. */
export const shownOperators = 9;

/**
 * Bars of the slowest operators of one model. `scaleUs` is the longest bar of both charts, so that their
 * lengths compare; `isMarked` names the operators to stand out, called `mark` beside their name.
 */
export function operatorChart(
  operators: readonly Operator[],
  style: { readonly scaleUs: number; readonly bar: 'a' | 'b'; readonly mark: string },
  isMarked: (operator: Operator) => boolean,
): Html {
  const sorted = [...operators].sort((a, b) => b.latencyUs - a.latencyUs);
  const rest = sorted.slice(shownOperators);
  const rows = sorted.slice(0, shownOperators).map((operator) => {
    const marked = isMarked(operator);
    const type = shorten(operator.type, 16);
    const note = marked ? `${type}, ${style.mark}` : type;
    return { ...operator, label: shorten(operator.name, labelLength - note.length), note, marked };
  });
  if (rest.length > 0) {
    const name = `${rest.length} other ${rest.length === 1 ? 'operator' : 'operators'}`;
    rows.push({
      name,
      label: name,
      note: '',
      marked: false,
      type: '',
      parameters: 0,
      latencyUs: rest.reduce((sum, operator) => sum + operator.latencyUs, 0),
      share: rest.reduce((sum, operator) => sum + operator.share, 0),
    });
  }
  const height = rows.length * rowHeight;
  const anyMarked = operators.some(isMarked);
  return html`<svg viewBox="0 0 ${barWidth} ${height}" role="img" aria-label="Time of the slowest operators">${rows.map(
    (row, i) => {
      const y = i * rowHeight;
      const length = Math.max(1.5, (row.latencyUs / style.scaleUs) * barWidth);
      const faded = anyMarked && !row.marked ? ' faded' : '';
      return html`<g><title>${row.name}</title>
<text x="0" y="${y + 12}">${row.label} <tspan class="soft">${row.note}</tspan></text>
<text class="end" x="${barWidth}" y="${y + 12}">${timeText(row.latencyUs, style.scaleUs)} <tspan class="soft">${shareText(row.share)}</tspan></text>
<rect class="bar-${style.bar}${faded}" x="0" y="${y + 18}" width="${length.toFixed(1)}" height="9" rx="1.5"/></g>`;
    },
  )}</svg>`;
}

/** An interval on its line, with the value that means "no change". */
export function intervalStrip(value: number, interval: readonly [number, number], base: number): Html {
  const width = 180;
  const [low, high] = interval;
  const from = Math.min(base, low, value);
  const to = Math.max(base, high, value);
  const span = to - from || 1;
  const x = (v: number): string => (10 + ((v - from) / span) * (width - 20)).toFixed(1);
  return html`<svg viewBox="0 0 ${width} 18" aria-hidden="true"><line class="line" x1="0" y1="9" x2="${width}" y2="9"/>
<line class="base" x1="${x(base)}" y1="1" x2="${x(base)}" y2="17"/>
<line class="strip" x1="${x(low)}" y1="9" x2="${x(high)}" y2="9"/><circle class="dot" cx="${x(value)}" cy="9" r="3.5"/></svg>`;
}

/** The ratio of each block in the order measured, over the interval of the median and the line of "no change". */
export function blockChart(
  ratios: readonly number[],
  speedup: number,
  interval: readonly [number, number],
): Html {
  const [width, height, left] = [820, 150, 44];
  const values = [...ratios, ...interval, 1];
  const low = Math.min(...values);
  const high = Math.max(...values);
  const pad = (high - low || 0.1) * 0.08;
  const y = (v: number): string =>
    (height - 14 - ((v - low + pad) / (high - low + 2 * pad)) * (height - 24)).toFixed(1);
  const x = (i: number): string =>
    (left + 14 + (i / Math.max(1, ratios.length - 1)) * (width - left - 28)).toFixed(1);
  const [top, bottom] = [y(interval[1]), y(interval[0])];
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Ratio of each block">
<rect class="band" x="${left}" y="${top}" width="${width - left}" height="${Math.max(1, Number(bottom) - Number(top))}"/>
<line class="mark" x1="${left}" y1="${y(speedup)}" x2="${width}" y2="${y(speedup)}"/>
<line class="base" x1="${left}" y1="${y(1)}" x2="${width}" y2="${y(1)}"/>
${ratios.map((ratio, i) => html`<circle class="bar-a" cx="${x(i)}" cy="${y(ratio)}" r="3"/>`)}
<text class="end" x="${left - 8}" y="${Number(y(speedup)) + 4}">${ratioText(speedup)}</text>
<text class="end soft" x="${left - 8}" y="${Number(y(1)) + 4}">1</text></svg>`;
}

// The end of an operator's name tells it from its neighbours, the start seldom does.
const shorten = (name: string, length: number): string =>
  name.length <= length ? name : `…${name.slice(name.length - length + 1)}`;

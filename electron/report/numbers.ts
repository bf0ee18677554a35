import { type Html, html } from './html.ts';

/** A number for people, with the exact one in the markup so that it can be checked against result.json. */
export const figure = (value: number, text: string): Html =>
  html`<data value="${String(value)}">${text}</data>`;

// A hyphen is no minus sign, and a line must not break behind it.
const minus = (text: string): string => text.replace('-', '\u2212');

/** Fixed decimals, thousands set apart by a narrow space. */
export function fixed(value: number, decimals: number): string {
  const text = value.toLocaleString('en-US', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  // Neither −0 nor −0.00 is a number that people know.
  return minus(/[1-9]/.test(text) ? text : text.replace('-', '')).replaceAll(',', '\u202f');
}

/** A whole number. */
export const countText = (value: number): string => fixed(value, 0);

/** About three significant digits, never fewer than the whole part has. */
export function significant(value: number): string {
  const size = Math.abs(value);
  if (size >= 100 || size === 0) return fixed(value, 0);
  return fixed(value, Math.min(6, 2 - Math.floor(Math.log10(size))));
}

/** A unit of time for values of about this size: what to divide microseconds by, and its name. */
export function timeUnit(us: number): { readonly divisor: number; readonly name: string } {
  return Math.abs(us) >= 1000 ? { divisor: 1000, name: 'ms' } : { divisor: 1, name: 'µs' };
}

/** Microseconds as µs or ms; `likeUs` picks the unit, so that numbers side by side share it. */
export function timeText(us: number, likeUs = us): string {
  const { divisor, name } = timeUnit(likeUs);
  return `${significant(us / divisor)}\u00a0${name}`;
}

/** Bytes as kB, MB or GB (powers of 1,000); `likeBytes` picks the unit. */
export function bytesText(bytes: number, likeBytes = bytes): string {
  if (likeBytes < 1000) return `${countText(bytes)}\u00a0bytes`;
  const step = likeBytes >= 1e9 ? 3 : likeBytes >= 1e6 ? 2 : 1;
  return `${significant(bytes / 1000 ** step)}\u00a0${['', 'kB', 'MB', 'GB'][step] ?? ''}`;
}

/** Percent, as given. */
export const percentText = (percent: number): string => `${fixed(percent, 2)}\u00a0%`;

/** A share of 0 to 1 as percent. */
export const shareText = (share: number): string => `${fixed(share * 100, 1)}\u00a0%`;

/** A number that shows its sign. */
export const signed = (value: number, text: string): string =>
  value > 0 && /[1-9]/.test(text) ? `+${text}` : text;

/** A change in percentage points, with its sign. */
export const pointsText = (points: number): string => signed(points, fixed(points, 2));

/** A ratio; close to 1 a digit more, for there the third one matters. */
export const ratioText = (ratio: number): string => fixed(ratio, Math.abs(ratio - 1) < 0.1 ? 3 : 2);

/** Seconds as seconds, minutes or hours. */
export function durationText(seconds: number): string {
  if (seconds < 60) return `${significant(seconds)}\u00a0s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60)
    return `${Math.floor(seconds / 60)}\u00a0min ${countText(Math.floor(seconds % 60))}\u00a0s`;
  return `${Math.floor(minutes / 60)}\u00a0h ${minutes % 60}\u00a0min`;
}

/** Change from `before` to `after` in percent of `before`, with its sign; a dash when there is no base. */
export function relativeText(before: number, after: number): string {
  if (before === 0) return '–';
  const percent = (after / before - 1) * 100;
  return `${signed(percent, fixed(percent, 1))}\u00a0%`;
}

/** `25 November 2026, 04:42 UTC`. */
export function dateText(iso: string): string {
  const date = new Date(iso);
  const day = date.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
  return `${day}, ${date.toISOString().slice(11, 16)} UTC`;
}

import { createHash } from 'node:crypto';

/** A board's id from what tells it apart: a hash, as a machine-id is meant to stay on its machine. */
export const boardIdOf = (source: string): string =>
  createHash('sha256').update(`fieldtune board ${source}`).digest('hex').slice(0, 32);

const placeholders = ['0123456789', '1234567890', '123456789abcdef', 'deadbeef', 'fedcba98', 'unknown'];

/**
 * Whether a serial number can be one board's alone: makers that burn none leave noughts, a row of digits or a word
 * that all their boards share.
 */
export function tellsApart(serialNumber: string): boolean {
  const text = serialNumber.trim().toLowerCase().replace(/^0x/, '');
  if (text.length < 4 || !/\d/.test(text)) return false;
  if (new Set(text.replaceAll('0', '')).size < 2) return false;
  return !placeholders.some((placeholder) => text.startsWith(placeholder));
}

import { expect, test } from 'vitest';
import {
  bytesText,
  countText,
  dateText,
  durationText,
  pointsText,
  ratioText,
  relativeText,
  significant,
  timeText,
} from '../../electron/report/numbers.ts';

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

test.each([
  [timeText(478.3), '478 µs'],
  [timeText(11042.7), '11.0 ms'],
  [timeText(478.3, 11042), '0.478 ms'],
  [timeText(0), '0 µs'],
  [timeText(-3.21), '−3.21 µs'],
  [bytesText(999), '999 bytes'],
  [bytesText(689264), '689 kB'],
  [bytesText(689264, 1103512), '0.689 MB'],
  [bytesText(8e9), '8.00 GB'],
  [countText(1234567), '1 234 567'],
  [significant(0.0413), '0.0413'],
  [significant(1.5e-9), '0.000000'],
  [pointsText(-0.633), '−0.63'],
  [pointsText(0.1333), '+0.13'],
  [pointsText(-0.001), '0.00'],
  [pointsText(0.001), '0.00'],
  [ratioText(2.3061), '2.31'],
  [ratioText(1.0041), '1.004'],
  [relativeText(11042.7, 4786.1), '−56.7 %'],
  [relativeText(0, 5), '–'],
  [durationText(0.8), '0.800 s'],
  [durationText(119.9), '1 min 59 s'],
  [durationText(3599.9), '1 h 0 min'],
  [durationText(7380), '2 h 3 min'],
  [dateText('2026-11-25T04:42:10Z'), '25 November 2026, 04:42 UTC'],
])('A number for people reads %s.', (text, expected) => {
  expect(plain(text)).toBe(expected);
});

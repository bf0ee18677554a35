import { describe, expect, test } from 'vitest';
import { oneLine } from '../../electron/cli/one-line.ts';
import {
  formatBytes,
  formatChange,
  formatLatency,
  formatSeconds,
  formatSigned,
} from '../../electron/cli/quantities.ts';

describe('quantities', () => {
  test.each([
    [0.4, '0.40 µs'],
    [99.96, '100 µs'],
    [999.6, '1.00 ms'],
    [30_100, '30.1 ms'],
    [999_600, '1.00 s'],
    [-30, '−30.0 µs'],
    [Number.NaN, 'not measured'],
  ])('a latency of %d µs reads %s', (latencyUs, text) => {
    expect(formatLatency(latencyUs)).toBe(text);
  });

  test.each([
    [512, '512 B'],
    [62_000, '62.0 kB'],
    [1_100_000, '1.10 MB'],
    [3_221_225_472, '3.22 GB'],
  ])('%d bytes read %s', (sizeBytes, text) => {
    expect(formatBytes(sizeBytes)).toBe(text);
  });

  test.each([
    [0.42, '0.4 s'],
    [62, '62 s'],
    [245, '4 min 5 s'],
    [3725, '1 h 2 min'],
  ])('%d seconds read %s', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });

  test('what rounds to zero has no sign', () => {
    expect([formatSigned(-0.04), formatSigned(0.04), formatSigned(-0.3)]).toEqual(['0.0', '0.0', '−0.3']);
  });

  test('a change carries its interval and its samples', () => {
    expect(formatChange(-0.3, [-0.9, 0.3], 3000)).toBe('−0.3 points [−0.9, +0.3] on 3,000 samples');
  });
});

describe('oneLine', () => {
  test('takes out line breaks, colours, bidirectional controls and stack frames', () => {
    expect(
      oneLine('a\r\nb\u001b[31mc\u001b[0m\u202ed\u0000e\n    at f (/x/y.js:1:2)\n    at /z.js:3:4'),
    ).toBe('a bcd e');
  });
});

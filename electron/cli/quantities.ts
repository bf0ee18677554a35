const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** A number with three significant digits, but never fewer than its whole ones, e.g. `0.43`, `12.3`, `1,240`. */
function threeDigits(value: number): string {
  const size = Math.abs(value);
  if (size >= 99.95) return whole.format(value);
  if (size >= 9.995) return value.toFixed(1);
  return value.toFixed(2);
}

/** U+2212 for a minus, so that signs have one width and read as signs. */
function withMinus(text: string): string {
  return text.replace(/^-/, '−');
}

/** A count with thousands apart, e.g. `274,442`. */
export function formatCount(count: number): string {
  return whole.format(count);
}

/** A time in the unit that suits it, e.g. `430 µs`, `1.12 ms`, `2.00 s`. */
export function formatLatency(latencyUs: number): string {
  if (!Number.isFinite(latencyUs)) return 'not measured';
  const size = Math.abs(latencyUs);
  if (size < 999.5) return withMinus(`${threeDigits(latencyUs)} µs`);
  if (size < 999_500) return withMinus(`${threeDigits(latencyUs / 1000)} ms`);
  return withMinus(`${threeDigits(latencyUs / 1e6)} s`);
}

/** A size in decimal units, e.g. `512 B`, `62.0 kB`, `1.10 MB`. */
export function formatBytes(sizeBytes: number): string {
  if (sizeBytes < 1000) return `${whole.format(sizeBytes)} B`;
  if (sizeBytes < 999_500) return `${threeDigits(sizeBytes / 1e3)} kB`;
  if (sizeBytes < 999_500_000) return `${threeDigits(sizeBytes / 1e6)} MB`;
  return `${threeDigits(sizeBytes / 1e9)} GB`;
}

/** A percentage with one decimal, e.g. `81.2 %`. */
export function formatPercent(percent: number): string {
  return withMinus(`${percent.toFixed(1)} %`);
}

/** A percentage with its 95 % interval, e.g. `81.2 % [79.8, 82.6]`. */
export function formatPercentInterval(percent: number, interval: readonly [number, number]): string {
  return `${formatPercent(percent)} [${interval.map((bound) => withMinus(bound.toFixed(1))).join(', ')}]`;
}

/** A signed number with one decimal; what rounds to zero has no sign. */
export function formatSigned(value: number): string {
  const text = Math.abs(value).toFixed(1);
  if (Number(text) === 0) return text;
  return value < 0 ? `−${text}` : `+${text}`;
}

/** A change in percentage points with its 95 % interval, e.g. `−0.3 points [−0.9, +0.3] on 3,000 samples`. */
export function formatChange(points: number, interval: readonly [number, number], samples: number): string {
  return `${formatSigned(points)} points [${interval.map(formatSigned).join(', ')}] on ${formatCount(samples)} samples`;
}

/** A ratio with its 95 % interval, e.g. `2.60× [2.51, 2.69]`. */
export function formatRatioInterval(ratio: number, interval: readonly [number, number]): string {
  return `${ratio.toFixed(2)}× [${interval.map((bound) => bound.toFixed(2)).join(', ')}]`;
}

/** Energy, given in millijoules, in the unit that suits it, e.g. `850 µJ`, `12.3 mJ`, `1.25 J`. */
export function formatEnergy(millijoules: number): string {
  const size = Math.abs(millijoules);
  const [value, unit] =
    size >= 1000 ? [millijoules / 1000, 'J'] : size >= 1 ? [millijoules, 'mJ'] : [1000 * millijoules, 'µJ'];
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return `${withMinus(value.toFixed(digits))} ${unit}`;
}

/** A length of time for a person who waits, e.g. `0.4 s`, `62 s`, `4 min 5 s`, `1 h 2 min`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const rounded = Math.round(seconds);
  if (rounded < 120) return `${rounded} s`;
  if (rounded < 3600) return `${Math.floor(rounded / 60)} min ${rounded % 60} s`;
  return `${Math.floor(rounded / 3600)} h ${Math.floor((rounded % 3600) / 60)} min`;
}

/** How sessions were made: `2 threads, graph level all`; the level is left out where it is not known. */
export function sessionText({
  threads,
  level,
}: {
  readonly threads: number;
  readonly level?: string;
}): string {
  return `${formatCounted(threads, 'thread')}${level === undefined ? '' : `, graph level ${level}`}`;
}

/** `1 thread`, `2 threads`. */
export function formatCounted(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

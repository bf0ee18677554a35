/** The middle value; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle] ?? Number.NaN;
  return ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/**
 * The interval of the median by order statistics: it assumes no distribution, so a board's occasional slow calls do
 * not widen it. Of too few values (below six at 95 %) the whole range is given, whose confidence is less.
 */
export function medianInterval(values: readonly number[], confidence: number): readonly [number, number] {
  const sorted = values.toSorted((a, b) => a - b);
  const cut = valuesOutside(sorted.length, (1 - confidence) / 2);
  return [sorted[cut] ?? Number.NaN, sorted[sorted.length - 1 - cut] ?? Number.NaN];
}

/** The 95 % interval of the median, see `medianInterval`. */
export const medianInterval95 = (values: readonly number[]): readonly [number, number] =>
  medianInterval(values, 0.95);

/** The most values that may be cut from either end so that the median lies beyond with at most `tail`. */
function valuesOutside(count: number, tail: number): number {
  let logTerm = -count * Math.LN2;
  let below = 0;
  for (let k = 0; k < count; k++) {
    below += Math.exp(logTerm);
    if (below > tail) return Math.max(0, k - 1);
    logTerm += Math.log((count - k) / (k + 1));
  }
  return 0;
}

/** A measured row of a ranking. */
export interface Ranked {
  readonly latencyUs: number;
  readonly intervalUs: readonly [number, number];
}

/** Rows up to this part of the total are worth an order; the long tail of tiny ones is not. */
const rankedPart = 0.9;
const topPart = 0.5;

/**
 * True when a top group is certain: some rows that make up at least half of the time have intervals that all lie
 * above those of the rest. Equal operators may overlap each other, as long as they fall on the same side.
 */
export function isRankingCertain(rows: readonly Ranked[]): boolean {
  const sorted = rows.toSorted((a, b) => b.latencyUs - a.latencyUs);
  const total = sorted.reduce((sum, row) => sum + row.latencyUs, 0);
  let covered = 0;
  let lowest = Number.POSITIVE_INFINITY;
  let reachedTop = false;
  for (const [index, row] of sorted.entries()) {
    covered += row.latencyUs;
    lowest = Math.min(lowest, row.intervalUs[0]);
    if (covered < topPart * total) continue;
    if (reachedTop && covered > rankedPart * total) return false;
    reachedTop = true;
    const rest = sorted.slice(index + 1).map((other) => other.intervalUs[1]);
    if (lowest > Math.max(...rest)) return true;
  }
  return false;
}

/** 97.5 % points of Student's t for 1, 2, … degrees of freedom. */
const studentT = [12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23] as const;

/** The spread of values around the mean of each row, all rows together, and how many degrees of freedom it has. */
export function pooledSpread(rows: readonly (readonly number[])[]): {
  readonly deviation: number;
  readonly freedom: number;
} {
  let squares = 0;
  let freedom = 0;
  for (const row of rows) {
    const mean = row.reduce((a, b) => a + b, 0) / row.length;
    for (const value of row) squares += (value - mean) ** 2;
    freedom += Math.max(0, row.length - 1);
  }
  return { deviation: freedom > 0 ? Math.sqrt(squares / freedom) : Number.POSITIVE_INFINITY, freedom };
}

/** The 95 % interval of a mean by Student's t. */
export function meanInterval95(
  values: readonly number[],
  { deviation, freedom }: ReturnType<typeof pooledSpread>,
): readonly [number, number] {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const t = studentT[freedom - 1] ?? (freedom > 0 ? 1.96 + 2.6 / freedom : Number.POSITIVE_INFINITY);
  const half = (t * deviation) / Math.sqrt(values.length);
  return [mean - half, mean + half];
}

/** An axis and what is kept of it. */
interface Kept {
  readonly axis: number;
  readonly indices: readonly number[];
}

/** Axes of two shapes of one size that hold the same elements, extents of 1 left out. */
interface Segment {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** Where a tensor's kept axis lies after a reshape that keeps it or joins it with its neighbours. */
export function joinAxes(
  from: readonly number[],
  to: readonly number[],
  axis: number,
  indices: readonly number[],
): Kept | null {
  const segment = segments(from, to).find((s) => s.from.includes(axis));
  if (segment?.to.length !== 1) return null;
  // [.., a, C, b] → [.., a·C·b]: index ((i·C) + c)·b + j.
  const at = segment.from.indexOf(axis);
  const before = product(segment.from.slice(0, at), from);
  const after = product(segment.from.slice(at + 1), from);
  if (before < 1 || after < 1) return null;
  const extent = from[axis]!;
  const all: number[] = [];
  for (let i = 0; i < before; i++)
    for (const c of indices) for (let j = 0; j < after; j++) all.push((i * extent + c) * after + j);
  return { axis: segment.to[0]!, indices: all };
}

/**
 * Where a kept axis lies after a reshape that reads it as several: along the one axis of which whole slices are
 * kept, or `mixed` with the extents it is split into. Null where the axes do not nest.
 */
export function splitAxes(
  from: readonly number[],
  to: readonly number[],
  axis: number,
  indices: readonly number[],
):
  | ({ readonly kind: 'whole' } & Kept)
  | { readonly kind: 'mixed'; readonly factors: readonly number[] }
  | null {
  const segment = segments(from, to).find((s) => s.from.includes(axis));
  if (segment?.from.length !== 1 || segment.to.some((a) => to[a]! < 1)) return null;
  for (const own of segment.to) {
    const after = product(segment.to.slice(segment.to.indexOf(own) + 1), to);
    const kept = [...new Set(indices.map((i) => Math.floor(i / after) % to[own]!))].sort((a, b) => a - b);
    if ((kept.length * from[axis]!) / to[own]! === indices.length)
      return { kind: 'whole', axis: own, indices: kept };
  }
  return { kind: 'mixed', factors: segment.to.map((a) => to[a]!) };
}

const product = (axes: readonly number[], shape: readonly number[]): number =>
  axes.reduce((all, a) => all * shape[a]!, 1);

/** The shortest runs of axes of both shapes with equal products; a batch counts as itself. */
function segments(from: readonly number[], to: readonly number[]): Segment[] {
  const found: Segment[] = [];
  const [left, right] = [from, to].map((shape) => shape.flatMap((d, i) => (d === 1 ? [] : [i])));
  let [i, j] = [0, 0];
  while (i < left!.length && j < right!.length) {
    const own: number[] = [left![i++]!];
    const other: number[] = [right![j++]!];
    while (product(own, from) !== product(other, to)) {
      const isShorter = Math.abs(product(own, from)) < Math.abs(product(other, to));
      const next = isShorter ? left![i++] : right![j++];
      if (next === undefined) return found;
      (isShorter ? own : other).push(next);
    }
    found.push({ from: own, to: other });
  }
  return found;
}

import {
  boxHeight,
  boxWidth,
  type GraphLayout,
  gapBetweenLayers,
  gapInLayer,
  type LayoutInput,
} from './layout.ts';

const sweeps = 4;
/** Long links run side by side in so many lanes, so that most of them can be told apart. */
const lanes = 5;
const laneGap = 9;

/**
 * A layout in layers for graphs that ELK takes too long for: each box one layer below the lowest that gives to it,
 * boxes of a layer ordered by where their neighbours stand. Takes time in proportion to boxes and links.
 */
export function layOutPlainly({ count, links }: LayoutInput): GraphLayout {
  const before = neighbours(count, links, 1, 0);
  const after = neighbours(count, links, 0, 1);
  const layers = layersOf(count, before, after);
  const x = new Float64Array(count);
  const y = new Float64Array(count);
  const pitch = boxWidth + gapInLayer;
  layers.forEach((layer, depth) => {
    for (const box of layer) y[box] = depth * (boxHeight + gapBetweenLayers);
  });
  const place = (layer: readonly number[]): void => {
    layer.forEach((box, i) => {
      x[box] = (i - (layer.length - 1) / 2) * pitch;
    });
  };
  for (const layer of layers) place(layer);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const down = sweep % 2 === 0;
    const others = down ? before : after;
    for (const layer of down ? layers : [...layers].reverse()) {
      const wanted = new Map(layer.map((box) => [box, meanOf(others[box]!, x) ?? x[box]!]));
      layer.sort((a, b) => wanted.get(a)! - wanted.get(b)!);
      place(layer);
    }
  }
  const left = x.reduce((least, value) => Math.min(least, value), 0);
  const right = x.reduce((most, value) => Math.max(most, value), 0);
  for (let i = 0; i < count; i++) x[i]! -= left;
  return {
    x,
    y,
    width: right - left + boxWidth + laneGap * lanes,
    height: Math.max(0, layers.length * (boxHeight + gapBetweenLayers) - gapBetweenLayers),
    paths: pathsOf(links, layers, x, y),
  };
}

/** Straight links to the next layer; longer ones go round the right of what lies between. */
function pathsOf(
  links: LayoutInput['links'],
  layers: readonly (readonly number[])[],
  x: Float64Array,
  y: Float64Array,
): Float64Array[] {
  const pitch = boxHeight + gapBetweenLayers;
  const rightEnds = layers.map((layer) => layer.reduce((most, box) => Math.max(most, x[box]! + boxWidth), 0));
  return links.map(([from, to], i) => {
    const start = [x[from]! + boxWidth / 2, y[from]! + boxHeight] as const;
    const end = [x[to]! + boxWidth / 2, y[to]!] as const;
    const between = rightEnds.slice(Math.round(y[from]! / pitch) + 1, Math.round(y[to]! / pitch));
    if (between.length === 0) return Float64Array.of(...start, ...end);
    const round = between.reduce((most, right) => Math.max(most, right), 0) + laneGap * (1 + (i % lanes));
    return Float64Array.of(
      ...start,
      round,
      start[1] + gapBetweenLayers,
      round,
      end[1] - gapBetweenLayers,
      ...end,
    );
  });
}

function neighbours(
  count: number,
  links: LayoutInput['links'],
  of: 0 | 1,
  other: 0 | 1,
): readonly (readonly number[])[] {
  const lists = Array.from({ length: count }, (): number[] => []);
  for (const link of links) lists[link[of]]!.push(link[other]);
  return lists;
}

/** Longest path from the top; what would be a cycle ends where it began. */
function layersOf(
  count: number,
  before: readonly (readonly number[])[],
  after: readonly (readonly number[])[],
): number[][] {
  const depth = new Int32Array(count);
  const waitsFor = before.map(({ length }) => length);
  const ready = waitsFor.flatMap((open, box) => (open === 0 ? [box] : []));
  for (let i = 0; i < ready.length; i++) {
    const box = ready[i]!;
    for (const next of after[box]!) {
      depth[next] = Math.max(depth[next]!, depth[box]! + 1);
      waitsFor[next]! -= 1;
      if (waitsFor[next] === 0) ready.push(next);
    }
  }
  // An input stands just above the first that takes it, not at the top of everything.
  for (const box of [...ready].reverse()) {
    if (before[box]!.length > 0 || after[box]!.length === 0) continue;
    depth[box] = after[box]!.reduce((least, next) => Math.min(least, depth[next]!), count) - 1;
  }
  const layers: number[][] = [];
  for (let box = 0; box < count; box++) {
    const at = Math.max(0, depth[box]!);
    while (layers.length <= at) layers.push([]);
    layers[at]!.push(box);
  }
  return layers;
}

function meanOf(boxes: readonly number[], x: Float64Array): number | null {
  if (boxes.length === 0) return null;
  return boxes.reduce((sum, box) => sum + x[box]!, 0) / boxes.length;
}

import type { GraphLayout } from './layout.ts';
import type { ModelGraph } from './model-graph.ts';

/**
 * Where an arrow key leads from a box: up and down along the links, left and right among the boxes at the same
 * height; null where it leads nowhere. From no box it leads to the first.
 */
export function neighbourOf(
  graph: ModelGraph,
  layout: GraphLayout,
  from: number | null,
  key: string,
): number | null {
  if (!key.startsWith('Arrow')) return null;
  if (from === null) {
    const first = layout.y.reduce((best, y, i) => (y < layout.y[best]! ? i : best), 0);
    return graph.boxes.length > 0 ? first : null;
  }
  const near = (boxes: readonly number[]): number | null =>
    boxes.reduce<number | null>(
      (best, box) =>
        best === null || distance(layout, from, box) < distance(layout, from, best) ? box : best,
      null,
    );
  switch (key) {
    case 'ArrowDown':
      return near(graph.after[from]!);
    case 'ArrowUp':
      return near(graph.before[from]!);
    default: {
      const sign = key === 'ArrowRight' ? 1 : -1;
      return near(
        graph.boxes.flatMap((_, box) =>
          Math.abs(layout.y[box]! - layout.y[from]!) < 1 && sign * (layout.x[box]! - layout.x[from]!) > 0
            ? [box]
            : [],
        ),
      );
    }
  }
}

const distance = ({ x, y }: GraphLayout, a: number, b: number): number =>
  Math.abs(x[a]! - x[b]!) + Math.abs(y[a]! - y[b]!);

/** Width of a box in the graph's own units, which are pixels at full size. */
export const boxWidth = 184;
/** Its height. */
export const boxHeight = 48;
/** Room between one layer and the next. */
export const gapBetweenLayers = 30;
/** Room between two boxes of a layer. */
export const gapInLayer = 26;

/** What is laid out: a number of boxes and who gives to whom. */
export interface LayoutInput {
  readonly count: number;
  readonly links: readonly (readonly [number, number])[];
}

/** Where boxes and links lie; everything has coordinates from 0 up. */
export interface GraphLayout {
  /** Left upper corners of the boxes. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly width: number;
  readonly height: number;
  /** For each link, the points that it goes through: x, y, x, y, … */
  readonly paths: readonly Float64Array[];
}

/** A rectangle in the graph's own units. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** The boxes that touch a rectangle. */
export function boxesIn({ x, y }: GraphLayout, { left, top, right, bottom }: Rectangle): number[] {
  const found: number[] = [];
  for (let i = 0; i < x.length; i++) {
    if (x[i]! < right && x[i]! + boxWidth > left && y[i]! < bottom && y[i]! + boxHeight > top) found.push(i);
  }
  return found;
}

/** The box at a point; null where there is none. */
export function boxAt(layout: GraphLayout, pointX: number, pointY: number): number | null {
  const point = { left: pointX, right: pointX, top: pointY, bottom: pointY };
  return boxesIn(layout, point)[0] ?? null;
}

/** The bounds of each path, four numbers a path: left, top, right, bottom. */
export function boundsOfPaths(paths: readonly Float64Array[]): Float64Array {
  const bounds = new Float64Array(4 * paths.length);
  paths.forEach((path, i) => {
    let [left, top, right, bottom] = [path[0]!, path[1]!, path[0]!, path[1]!];
    for (let p = 2; p < path.length; p += 2) {
      left = Math.min(left, path[p]!);
      right = Math.max(right, path[p]!);
      top = Math.min(top, path[p + 1]!);
      bottom = Math.max(bottom, path[p + 1]!);
    }
    bounds.set([left, top, right, bottom], 4 * i);
  });
  return bounds;
}

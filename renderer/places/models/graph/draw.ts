import { boxHeight, boxWidth, type GraphLayout, type Rectangle } from './layout.ts';
import type { GraphBox } from './model-graph.ts';

/** Below this zoom the boxes are drawn without words, all on the canvas. */
export const farZoom = 0.36;
/** Below this zoom boxes show their type alone. */
export const middleZoom = 0.66;
const cornerRadius = 16;

/** Where the page looks at the graph: page = graph · zoom + (x, y). */
export interface View {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
  readonly width: number;
  readonly height: number;
}

/** Colours as the theme has them now. */
export interface GraphColours {
  readonly link: string;
  readonly accent: string;
  readonly text: string;
  readonly surface: string;
  readonly line: string;
  readonly low: string;
  readonly high: string;
}

/** What is drawn. */
export interface Drawing {
  readonly boxes: readonly GraphBox[];
  readonly links: readonly (readonly [number, number])[];
  readonly layout: GraphLayout;
  /** Of `layout.paths`. */
  readonly bounds: Float64Array;
  /** 0 to 1 for each box; null: no time of its own. */
  readonly heat: readonly (number | null)[];
  readonly hits: ReadonlySet<number>;
  readonly selected: number | null;
}

/** Draws the links that are in view, and from afar the boxes too. */
export function drawGraph(
  context: CanvasRenderingContext2D,
  drawing: Drawing,
  view: View,
  colours: GraphColours,
  pixelRatio: number,
): void {
  const { x, y, zoom, width, height } = view;
  context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
  context.clearRect(0, 0, width, height);
  const scale = pixelRatio * zoom;
  context.setTransform(scale, 0, 0, scale, pixelRatio * x, pixelRatio * y);
  const seen = {
    left: -x / zoom,
    top: -y / zoom,
    right: (width - x) / zoom,
    bottom: (height - y) / zoom,
  };
  drawLinks(context, drawing, seen, zoom, colours);
  if (zoom < farZoom) drawBoxes(context, drawing, seen, zoom, colours);
}

function drawLinks(
  context: CanvasRenderingContext2D,
  { links, layout, bounds, selected }: Drawing,
  seen: Rectangle,
  zoom: number,
  colours: GraphColours,
): void {
  const own: number[] = [];
  const isFar = zoom < farZoom;
  context.lineWidth = Math.max(1.2, 1 / zoom);
  context.strokeStyle = colours.link;
  context.fillStyle = colours.link;
  context.beginPath();
  for (let i = 0; i < links.length; i++) {
    if (bounds[4 * i]! > seen.right || bounds[4 * i + 2]! < seen.left) continue;
    if (bounds[4 * i + 1]! > seen.bottom || bounds[4 * i + 3]! < seen.top) continue;
    if (selected !== null && links[i]!.includes(selected)) own.push(i);
    else trace(context, layout.paths[i]!, !isFar);
  }
  context.stroke();
  if (own.length === 0) return;
  context.lineWidth = Math.max(2.6, 2 / zoom);
  context.strokeStyle = colours.accent;
  context.beginPath();
  for (const i of own) trace(context, layout.paths[i]!, !isFar);
  context.stroke();
}

/** A path through the points; near by its corners are rounded and its end is an arrow. */
function trace(context: CanvasRenderingContext2D, path: Float64Array, isNear: boolean): void {
  const last = path.length - 2;
  context.moveTo(path[0]!, path[1]!);
  for (let p = 2; p < last; p += 2) {
    if (isNear) context.arcTo(path[p]!, path[p + 1]!, path[p + 2]!, path[p + 3]!, cornerRadius);
    else context.lineTo(path[p]!, path[p + 1]!);
  }
  const endX = path[last]!;
  const endY = path[last + 1]!;
  context.lineTo(endX, endY);
  if (!isNear) return;
  context.moveTo(endX - 3.5, endY - 6);
  context.lineTo(endX, endY);
  context.lineTo(endX + 3.5, endY - 6);
}

function drawBoxes(
  context: CanvasRenderingContext2D,
  { boxes, layout, heat, hits, selected }: Drawing,
  seen: Rectangle,
  zoom: number,
  colours: GraphColours,
): void {
  const line = 1 / zoom;
  for (let i = 0; i < boxes.length; i++) {
    const left = layout.x[i]!;
    const top = layout.y[i]!;
    if (left > seen.right || left + boxWidth < seen.left) continue;
    if (top > seen.bottom || top + boxHeight < seen.top) continue;
    const { kind, opaque } = boxes[i]!;
    context.fillStyle =
      kind === 'operator' ? mixed(colours.low, colours.high, heat[i] ?? 0) : colours.surface;
    context.fillRect(left, top, boxWidth, boxHeight);
    const isMarked = hits.has(i) || i === selected;
    context.lineWidth = isMarked ? 3 * line : line;
    context.strokeStyle = isMarked ? colours.accent : colours.line;
    context.strokeRect(left, top, boxWidth, boxHeight);
    if (opaque !== null) hatch(context, left, top, line, colours.text);
  }
}

/** Three strokes across a box: it stays as it is. */
function hatch(
  context: CanvasRenderingContext2D,
  left: number,
  top: number,
  line: number,
  colour: string,
): void {
  context.lineWidth = line;
  context.strokeStyle = colour;
  context.beginPath();
  for (let part = 1; part <= 3; part++) {
    const from = left + (part * boxWidth) / 4;
    context.moveTo(from - boxHeight / 2, top + boxHeight);
    context.lineTo(from + boxHeight / 2, top);
  }
  context.stroke();
}

const mixes = new Map<string, string>();
const steps = 32;

/** A colour between two of the form `#rrggbb`, in 32 steps. */
export function mixed(low: string, high: string, part: number): string {
  const step = Math.round(part * steps);
  const key = `${low}${high}${step}`;
  const known = mixes.get(key);
  if (known) return known;
  const channel = (colour: string, at: number): number => Number.parseInt(colour.slice(at, at + 2), 16) || 0;
  const [r, g, b] = [1, 3, 5].map((at) =>
    Math.round(channel(low, at) + ((channel(high, at) - channel(low, at)) * step) / steps),
  );
  const mix = `rgb(${r} ${g} ${b})`;
  mixes.set(key, mix);
  return mix;
}

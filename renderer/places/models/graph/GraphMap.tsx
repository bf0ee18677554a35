import { useReactFlow, useStoreApi } from '@xyflow/react';
import { type PointerEvent, type ReactNode, useEffect, useRef } from 'react';
import { type Drawing, type GraphColours, mixed } from './draw.ts';
import { boxHeight, boxWidth } from './layout.ts';

const margin = 3;
const leastBox = 2;

/**
 * The whole graph on a strip, stretched to its height, so that a network of a thousand layers still shows where its
 * time goes; dragging on it moves the view. The table does the same by keyboard.
 */
export function GraphMap({
  drawing,
  colours,
}: {
  readonly drawing: Drawing;
  readonly colours: GraphColours;
}): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const store = useStoreApi();
  const { setViewport } = useReactFlow();
  const { layout } = drawing;
  useEffect(() => {
    const element = canvas.current!;
    // Kept: the store changes once more when the flow goes away.
    const { style } = frame.current!;
    const paint = (): void => paintMap(element, drawing, colours);
    const follow = (): void => {
      const { transform, width, height } = store.getState();
      const [x, y, zoom] = transform;
      const part = (value: number, whole: number): number => Math.min(1, Math.max(0, value / whole));
      const top = part(-y / zoom, layout.height);
      const left = part(-x / zoom, layout.width);
      style.top = `${100 * top}%`;
      style.left = `${100 * left}%`;
      style.height = `${100 * (part((height - y) / zoom, layout.height) - top)}%`;
      style.width = `${100 * (part((width - x) / zoom, layout.width) - left)}%`;
    };
    const sizes = new ResizeObserver(() => {
      paint();
      follow();
    });
    sizes.observe(element);
    let seen = store.getState().transform;
    const stop = store.subscribe(({ transform }) => {
      if (transform === seen) return;
      seen = transform;
      follow();
    });
    return () => {
      sizes.disconnect();
      stop();
    };
  }, [drawing, colours, layout, store]);
  const moveTo = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.buttons !== 1) return;
    const area = event.currentTarget.getBoundingClientRect();
    const { transform, width, height } = store.getState();
    const zoom = transform[2];
    void setViewport({
      x: width / 2 - ((event.clientX - area.left) / area.width) * layout.width * zoom,
      y: height / 2 - ((event.clientY - area.top) / area.height) * layout.height * zoom,
      zoom,
    });
  };
  return (
    <div
      className="ft-graph-map"
      aria-hidden="true"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        moveTo(event);
      }}
      onPointerMove={moveTo}
    >
      <canvas ref={canvas} />
      <div ref={frame} className="ft-graph-map-view" />
    </div>
  );
}

function paintMap(element: HTMLCanvasElement, { boxes, layout, heat, hits }: Drawing, colours: GraphColours) {
  const ratio = window.devicePixelRatio;
  const { clientWidth: width, clientHeight: height } = element;
  element.width = Math.round(width * ratio);
  element.height = Math.round(height * ratio);
  const context = element.getContext('2d')!;
  context.scale(ratio, ratio);
  const scaleX = (width - 2 * margin) / Math.max(1, layout.width);
  const scaleY = (height - 2 * margin) / Math.max(1, layout.height);
  const wide = Math.max(leastBox, Math.min(boxWidth * scaleX, width / 3));
  const high = Math.max(leastBox, Math.min(boxHeight * scaleY, 14));
  // The hot ones last: where boxes share a pixel, the hottest is seen.
  const order = boxes.map((_, i) => i).sort((a, b) => (heat[a] ?? 0) - (heat[b] ?? 0));
  for (const i of order) {
    const part = heat[i] ?? 0;
    const centre = margin + (layout.x[i]! + boxWidth / 2) * scaleX;
    const left = Math.min(width - margin - wide, Math.max(margin, centre - wide / 2));
    context.fillStyle = part > 0 ? mixed(colours.low, colours.high, part) : colours.line;
    context.fillRect(left, margin + layout.y[i]! * scaleY, wide, high);
  }
  context.fillStyle = colours.accent;
  for (const i of hits) context.fillRect(0, margin + layout.y[i]! * scaleY, 4, Math.max(2, high));
}

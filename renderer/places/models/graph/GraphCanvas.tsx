import { useStoreApi } from '@xyflow/react';
import { type ReactNode, useEffect, useRef } from 'react';
import { type Drawing, drawGraph, type GraphColours } from './draw.ts';

/** The links of the graph, and from afar its boxes, drawn as the view moves without asking React. */
export function GraphCanvas({
  drawing,
  colours,
}: {
  readonly drawing: Drawing;
  readonly colours: GraphColours;
}): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const store = useStoreApi();
  useEffect(() => {
    const element = canvas.current!;
    const context = element.getContext('2d')!;
    let frame = 0;
    const draw = (): void => {
      frame = 0;
      const { transform, width, height } = store.getState();
      const ratio = window.devicePixelRatio;
      const [pixelsX, pixelsY] = [Math.round(width * ratio), Math.round(height * ratio)];
      if (element.width !== pixelsX) element.width = pixelsX;
      if (element.height !== pixelsY) element.height = pixelsY;
      const [x, y, zoom] = transform;
      drawGraph(context, drawing, { x, y, zoom, width, height }, colours, ratio);
    };
    // Several moves may come in one frame.
    const plan = (): void => {
      frame ||= requestAnimationFrame(draw);
    };
    draw();
    let seen = store.getState();
    const stop = store.subscribe((state) => {
      const { transform, width, height } = seen;
      seen = state;
      if (state.transform !== transform || state.width !== width || state.height !== height) plan();
    });
    return () => {
      cancelAnimationFrame(frame);
      stop();
    };
  }, [drawing, colours, store]);
  return <canvas ref={canvas} className="ft-graph-canvas" />;
}

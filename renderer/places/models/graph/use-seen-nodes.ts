import { useStoreApi } from '@xyflow/react';
import { useEffect, useMemo, useState } from 'react';
import { farZoom } from './draw.ts';
import { boxesIn, type GraphLayout, type Rectangle } from './layout.ts';
import type { BoxNode } from './OperatorNode.tsx';

/** How much more than the view is kept on the page, in views to each side. */
const around = 0.5;
const nowhere: Rectangle = { left: 0, top: 0, right: 0, bottom: 0 };

/** The nodes that are in view or near it, so that the page holds a few hundred of any graph; from afar none. */
export function useSeenNodes(nodes: readonly BoxNode[], layout: GraphLayout): BoxNode[] {
  const store = useStoreApi();
  const [kept, setKept] = useState(nowhere);
  useEffect(() => {
    let current = nowhere;
    const look = (): void => {
      const { transform, width, height } = store.getState();
      const [x, y, zoom] = transform;
      if (zoom < farZoom || width === 0) {
        if (current !== nowhere) setKept(nowhere);
        current = nowhere;
        return;
      }
      const [wide, high] = [width / zoom, height / zoom];
      const [left, top] = [-x / zoom, -y / zoom];
      const isCovered =
        left >= current.left &&
        top >= current.top &&
        left + wide <= current.right &&
        top + high <= current.bottom;
      // Zoomed in again, far more would be kept than is seen.
      if (isCovered && current.right - current.left < 4 * wide) return;
      current = {
        left: left - around * wide,
        top: top - around * high,
        right: left + (1 + around) * wide,
        bottom: top + (1 + around) * high,
      };
      setKept(current);
    };
    look();
    return store.subscribe(look);
  }, [store]);
  return useMemo(
    () => (kept === nowhere ? [] : boxesIn(layout, kept).map((i) => nodes[i]!)),
    [nodes, layout, kept],
  );
}

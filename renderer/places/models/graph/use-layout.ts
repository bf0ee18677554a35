import { useEffect, useState } from 'react';
import { layOut } from './elk-layout.ts';
import type { GraphLayout } from './layout.ts';
import type { ModelGraph } from './model-graph.ts';

/** The layout of a graph; null until it is there. `key` names the graph. */
export function useLayout(key: string, graph: ModelGraph): GraphLayout | null {
  const [laidOut, setLaidOut] = useState<{ readonly graph: ModelGraph; readonly layout: GraphLayout } | null>(
    null,
  );
  useEffect(() => {
    const stop = new AbortController();
    void layOut(key, { count: graph.boxes.length, links: graph.links }, stop.signal).then((layout) => {
      if (!stop.signal.aborted) setLaidOut({ graph, layout });
    });
    return () => stop.abort();
  }, [key, graph]);
  return laidOut?.graph === graph ? laidOut.layout : null;
}

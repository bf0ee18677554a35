import '@xyflow/react/dist/base.css';
import './graph.css';
import { ActionIcon, Group } from '@mantine/core';
import { IconArrowsMaximize, IconMinus, IconPlus } from '@tabler/icons-react';
import { ReactFlow, ReactFlowProvider, useReactFlow, useStore, useStoreApi } from '@xyflow/react';
import { type KeyboardEvent, type ReactNode, useCallback, useEffect, useMemo, useRef } from 'react';
import { useCommands } from '../../../frame/commands.ts';
import { useTexts } from '../../../language/language.ts';
import { modelTexts } from '../words.ts';
import { type Drawing, farZoom, middleZoom } from './draw.ts';
import { GraphCanvas } from './GraphCanvas.tsx';
import { GraphMap } from './GraphMap.tsx';
import { boundsOfPaths, boxAt, boxHeight, boxWidth, type GraphLayout } from './layout.ts';
import type { ModelGraph } from './model-graph.ts';
import { neighbourOf } from './neighbour.ts';
import { type BoxData, type BoxNode, MarksContext, OperatorNode } from './OperatorNode.tsx';
import { useGraphColours } from './use-graph-colours.ts';
import { useSeenNodes } from './use-seen-nodes.ts';

const nodeTypes = { box: OperatorNode };
const leastZoom = 0.08;
const mostZoom = 1.6;
const margin = 16;
/** So large a part of the graph is shown at first that its boxes can be read. */
const leastFirstZoom = 0.68;
const zoomToRead = 0.85;

interface Props {
  readonly graph: ModelGraph;
  readonly layout: GraphLayout;
  /** For each box what is written in it; the same array as long as nothing changes. */
  readonly data: readonly BoxData[];
  readonly hits: ReadonlySet<number>;
  readonly selected: number | null;
  readonly onSelect: (box: number | null) => void;
}

/** The laid out graph: pan, zoom, a map of the whole, a box to select. */
export function GraphView(props: Props): ReactNode {
  return (
    <ReactFlowProvider>
      <Flow {...props} />
    </ReactFlowProvider>
  );
}

function Flow({ graph, layout, data, hits, selected, onSelect }: Props) {
  const say = useTexts(modelTexts);
  const colours = useGraphColours();
  const store = useStoreApi();
  const flow = useReactFlow();
  const level = useStore(({ transform: [, , zoom] }) =>
    zoom < farZoom ? 'far' : zoom < middleZoom ? 'middle' : 'near',
  );
  const clicked = useRef<number | null>(null);

  const nodes = useMemo(
    () =>
      data.map(
        (of, i): BoxNode => ({
          id: String(i),
          type: 'box',
          position: { x: layout.x[i]!, y: layout.y[i]! },
          width: boxWidth,
          height: boxHeight,
          data: of,
        }),
      ),
    [data, layout],
  );
  const seenNodes = useSeenNodes(nodes, layout);
  const bounds = useMemo(() => boundsOfPaths(layout.paths), [layout]);
  const heat = useMemo(() => data.map((box) => box.heat), [data]);
  const drawing = useMemo(
    (): Drawing => ({ boxes: graph.boxes, links: graph.links, layout, bounds, heat, hits, selected }),
    [graph, layout, bounds, heat, hits, selected],
  );
  const mapDrawing = useMemo(
    (): Drawing => ({ boxes: graph.boxes, links: [], layout, bounds, heat, hits, selected: null }),
    [graph, layout, bounds, heat, hits],
  );
  const marks = useMemo(() => ({ selected, hits }), [selected, hits]);

  const showWhole = useCallback(
    (leastZoomNow = leastZoom) => {
      const { width, height } = store.getState();
      const wanted = Math.min((width - 2 * margin) / layout.width, (height - 2 * margin) / layout.height, 1);
      const zoom = Math.max(wanted, leastZoomNow);
      const isWhole = zoom === wanted;
      // A graph that does not fit is shown from its first box on.
      const middle = isWhole ? layout.width / 2 : layout.x[firstBox(layout)]! + boxWidth / 2;
      const y = isWhole ? (height - layout.height * zoom) / 2 : margin;
      void flow.setViewport({ x: width / 2 - middle * zoom, y, zoom });
    },
    [flow, store, layout],
  );
  const hasSize = useStore(({ width, height, panZoom }) => width > 0 && height > 0 && panZoom !== null);
  useEffect(() => {
    if (hasSize) showWhole(leastFirstZoom);
  }, [hasSize, showWhole]);

  // What was in the middle stays there when the window changes its size.
  useEffect(() => {
    let { width } = store.getState();
    return store.subscribe((state) => {
      const change = state.width - width;
      if (change === 0) return;
      const isFirst = width === 0 || state.width === 0;
      width = state.width;
      const [x, y, zoom] = state.transform;
      if (!isFirst) void flow.setViewport({ x: x + change / 2, y, zoom });
    });
  }, [store, flow]);

  useEffect(() => {
    if (selected === null || selected === clicked.current || !hasSize) return;
    clicked.current = null;
    const { transform, width, height } = store.getState();
    const [x, y, zoom] = transform;
    const left = layout.x[selected]! * zoom + x;
    const top = layout.y[selected]! * zoom + y;
    const isSeen =
      left >= 0 && top >= 0 && left + boxWidth * zoom <= width && top + boxHeight * zoom <= height;
    if (isSeen && zoom >= farZoom) return;
    void flow.setCenter(layout.x[selected]! + boxWidth / 2, layout.y[selected]! + boxHeight / 2, {
      zoom: zoom < farZoom ? zoomToRead : zoom,
    });
  }, [selected, layout, flow, store, hasSize]);

  useCommands(
    useMemo(() => [{ id: 'graph.fit', title: say('fit'), perform: () => showWhole() }], [say, showWhole]),
  );
  const select = (box: number | null): void => {
    clicked.current = box;
    onSelect(box);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === '+' || event.key === '=') void flow.zoomIn();
    else if (event.key === '-') void flow.zoomOut();
    else if (event.key === '0') showWhole();
    else if (event.key === 'Escape') select(null);
    else {
      const next = neighbourOf(graph, layout, selected, event.key);
      if (next === null) return;
      onSelect(next);
    }
    event.preventDefault();
  };
  return (
    <div className="ft-graph" data-level={level}>
      <GraphCanvas drawing={drawing} colours={colours} />
      <MarksContext value={marks}>
        <div className="ft-graph-flow">
          <ReactFlow<BoxNode>
            nodes={seenNodes}
            nodeTypes={nodeTypes}
            aria-label={say('graphLabel')}
            tabIndex={0}
            onKeyDown={onKeyDown}
            minZoom={leastZoom}
            maxZoom={mostZoom}
            nodesDraggable={false}
            nodesConnectable={false}
            nodesFocusable={false}
            edgesFocusable={false}
            elementsSelectable={false}
            disableKeyboardA11y
            zoomOnDoubleClick={false}
            deleteKeyCode={null}
            selectionKeyCode={null}
            multiSelectionKeyCode={null}
            panActivationKeyCode={null}
            zoomActivationKeyCode={null}
            proOptions={{ hideAttribution: true }}
            onNodeClick={(_, { data: { index } }) => select(index)}
            onPaneClick={({ clientX, clientY }) => {
              const { x, y } = flow.screenToFlowPosition({ x: clientX, y: clientY });
              select(boxAt(layout, x, y));
            }}
          />
        </div>
      </MarksContext>
      <GraphMap drawing={mapDrawing} colours={colours} />
      <Group gap={4} className="ft-graph-controls">
        <ActionIcon variant="default" size="md" aria-label={say('zoomIn')} onClick={() => void flow.zoomIn()}>
          <IconPlus size={16} aria-hidden="true" />
        </ActionIcon>
        <ActionIcon
          variant="default"
          size="md"
          aria-label={say('zoomOut')}
          onClick={() => void flow.zoomOut()}
        >
          <IconMinus size={16} aria-hidden="true" />
        </ActionIcon>
        <ActionIcon variant="default" size="md" aria-label={say('fit')} onClick={() => showWhole()}>
          <IconArrowsMaximize size={16} aria-hidden="true" />
        </ActionIcon>
      </Group>
    </div>
  );
}

const firstBox = ({ y }: GraphLayout): number =>
  y.reduce((best, value, i) => (value < y[best]! ? i : best), 0);

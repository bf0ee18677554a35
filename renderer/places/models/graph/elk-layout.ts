import elkWorkerUrl from 'elkjs/lib/elk-worker.min.js?url';
import {
  boxHeight,
  boxWidth,
  type GraphLayout,
  gapBetweenLayers,
  gapInLayer,
  type LayoutInput,
} from './layout.ts';
import { layOutPlainly } from './plain-layout.ts';

/** Beyond this ELK is not waited for; the graph is then laid out plainly. */
const longestMs = 2_300;
/** Graphs of more boxes get ELK's quicker settings. */
const manyBoxes = 400;

interface ElkPoint {
  readonly x: number;
  readonly y: number;
}

/** What ELK's worker answers of a graph, as far as it is read here. */
interface LaidOut {
  readonly children?: readonly Partial<ElkPoint>[];
  readonly edges?: readonly {
    readonly sections?: readonly {
      readonly startPoint: ElkPoint;
      readonly endPoint: ElkPoint;
      readonly bendPoints?: readonly ElkPoint[];
    }[];
  }[];
  readonly width?: number;
  readonly height?: number;
}

/** Messages of ELK's worker: the answer to the call `id`. */
interface Answer {
  readonly id: number;
  readonly data?: LaidOut;
  readonly error?: unknown;
}

/** A worker that has read its program, for the next graph. */
let spare: Worker | null = null;

function startWorker(): Worker {
  const worker = new Worker(elkWorkerUrl);
  worker.postMessage({ id: 0, cmd: 'register', algorithms: ['layered'] });
  return worker;
}

/** Starts reading ELK's program, which is long, before there is a graph. */
export function prepareLayout(): void {
  spare ??= startWorker();
}

const kept = new Map<string, GraphLayout>();
const mostKept = 6;

/** Lays a graph out in a worker of its own; `key` names the graph, so that it is laid out once. */
export async function layOut(key: string, graph: LayoutInput, signal: AbortSignal): Promise<GraphLayout> {
  const known = kept.get(key);
  if (known) return known;
  performance.mark('graph-layout-start');
  const laidOut = await askElk(graph, signal);
  const layout = laidOut ? read(laidOut, graph) : layOutPlainly(graph);
  performance.measure('graph-layout', { start: 'graph-layout-start', detail: laidOut ? 'elk' : 'plain' });
  if (!signal.aborted) {
    kept.set(key, layout);
    for (const oldest of kept.keys()) {
      if (kept.size <= mostKept) break;
      kept.delete(oldest);
    }
  }
  return layout;
}

/** Null: ELK failed, took too long or was given up. */
function askElk(graph: LayoutInput, signal: AbortSignal): Promise<LaidOut | null> {
  return new Promise((resolve) => {
    const worker = spare ?? startWorker();
    spare = null;
    const end = (result: LaidOut | null): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', giveUp);
      worker.terminate();
      resolve(result);
    };
    const giveUp = (): void => end(null);
    const timer = setTimeout(giveUp, longestMs);
    signal.addEventListener('abort', giveUp);
    worker.addEventListener('error', giveUp);
    worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => {
      if (data.error !== undefined) end(null);
      else if (data.id === 1) end(data.data ?? null);
    });
    worker.postMessage({ id: 1, cmd: 'layout', graph: elkGraphOf(graph) });
  });
}

/** The graph in ELK's own form. */
function elkGraphOf({ count, links }: LayoutInput): object {
  return {
    id: 'root',
    layoutOptions: optionsFor(count),
    children: Array.from({ length: count }, (_, i) => ({ id: `b${i}`, width: boxWidth, height: boxHeight })),
    edges: links.map(([from, to], i) => ({ id: `l${i}`, sources: [`b${from}`], targets: [`b${to}`] })),
  };
}

const optionsFor = (count: number): Readonly<Record<string, string>> => ({
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.edgeRouting': 'POLYLINE',
  'elk.padding': '[top=0,left=0,bottom=0,right=0]',
  'elk.spacing.nodeNode': String(gapInLayer),
  'elk.layered.spacing.nodeNodeBetweenLayers': String(gapBetweenLayers),
  'elk.spacing.edgeNode': '14',
  'elk.spacing.edgeEdge': '10',
  'elk.layered.spacing.edgeNodeBetweenLayers': '8',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '8',
  ...(count > manyBoxes
    ? {
        'elk.layered.thoroughness': '1',
        'elk.layered.crossingMinimization.greedySwitch.type': 'OFF',
        'elk.layered.nodePlacement.bk.fixedAlignment': 'BALANCED',
      }
    : {}),
});

function read(
  { children = [], edges = [], width = 0, height = 0 }: LaidOut,
  graph: LayoutInput,
): GraphLayout {
  const x = Float64Array.from({ length: graph.count }, (_, i) => children[i]?.x ?? 0);
  const y = Float64Array.from({ length: graph.count }, (_, i) => children[i]?.y ?? 0);
  const paths = graph.links.map(([from, to], i) => {
    const section = edges[i]?.sections?.[0];
    if (!section)
      return Float64Array.of(x[from]! + boxWidth / 2, y[from]! + boxHeight, x[to]! + boxWidth / 2, y[to]!);
    const points = [section.startPoint, ...(section.bendPoints ?? []), section.endPoint];
    return Float64Array.from(points.flatMap((point) => [point.x, point.y]));
  });
  return { x, y, width, height, paths };
}

import type { FrontPoint, Funnel, TriedProgram } from '../../contract/search-progress.ts';
import type { EngineHost } from '../host.ts';

/** What a run tells of its search while it goes on. */
export interface Live {
  /** Shows these programs as the ones tried now, one after the other; they take the place of those still waiting. */
  trying(programs: readonly TriedProgram[]): void;
  /** Shows no more of the programs that are still waiting. */
  stopTrying(): void;
  funnel(funnel: Funnel): void;
  /** Tells a point that is new or, by its id, further on than before. */
  point(point: FrontPoint): void;
  /** All points as last told, in the order they were found. */
  readonly points: readonly FrontPoint[];
}

/** Shortest time between two programs that are shown: no person follows more. */
const tryingEveryMs = 200;

/** The events of a search, over the host's own. */
export function makeLive(host: Pick<EngineHost, 'event'>): Live {
  const points = new Map<string, FrontPoint>();
  let waiting: readonly TriedProgram[] = [];
  let timer: NodeJS.Timeout | undefined;
  let lastMs = Number.NEGATIVE_INFINITY;

  const showNext = (): void => {
    timer = undefined;
    const [program, ...others] = waiting;
    if (!program) return;
    waiting = others;
    lastMs = performance.now();
    host.event({ kind: 'trying', program });
    if (others.length > 0) showLater(tryingEveryMs);
  };
  const showLater = (delayMs: number): void => {
    timer = setTimeout(showNext, delayMs);
    timer.unref();
  };

  return {
    trying(programs) {
      waiting = programs;
      if (timer !== undefined) return;
      const delayMs = lastMs + tryingEveryMs - performance.now();
      if (delayMs <= 0) showNext();
      else showLater(delayMs);
    },
    stopTrying() {
      waiting = [];
      clearTimeout(timer);
      timer = undefined;
    },
    funnel: (funnel) => host.event({ kind: 'funnel', funnel }),
    point(point) {
      points.set(point.id, point);
      host.event({ kind: 'point', point });
    },
    get points() {
      return [...points.values()];
    },
  };
}

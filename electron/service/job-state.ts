import type { RunEvent, StageName } from '../contract/api.ts';
import type { AppError } from '../contract/errors.ts';
import { assertNever } from '../contract/result.ts';
import type { FrontPoint } from '../contract/search-progress.ts';
import type {
  JobOutcome,
  JobQuestion,
  JobRequest,
  JobState,
  LogLine,
  StageState,
} from '../contract/views.ts';
import { logLine } from './job-log.ts';

/** States that a job does not leave any more, except that a paused one can be cancelled. */
export type EndState = Extract<JobState['state'], 'done' | 'failed' | 'paused' | 'cancelled'>;

/** What happens to a job beside the events of its run. */
export type JobEvent =
  | RunEvent
  | { readonly kind: 'asked'; readonly question: JobQuestion }
  | { readonly kind: 'answered'; readonly about: JobQuestion['kind']; readonly accept: boolean }
  | { readonly kind: 'stopping'; readonly state: 'pausing' | 'cancelling' }
  | {
      readonly kind: 'ended';
      readonly state: EndState;
      readonly error: AppError | null;
      readonly outcome: JobOutcome | null;
      /** Time that the stage at work had taken by then. */
      readonly stageSeconds: number;
    };

/** Lines of the log that are kept; the oldest go first. */
export const mostLogLines = 500;
/** A state is sent whole several times a second, so it holds no more of these than a person looks at. */
const mostOperators = 100;
const mostPoints = 500;

const stagesOf = (request: JobRequest): readonly StageName[] => {
  switch (request.kind) {
    case 'connect':
      return ['connect'];
    case 'profile':
      return ['connect', 'profile'];
    case 'compare':
      return request.dataPath === undefined ? ['connect', 'compare'] : ['connect', 'compare', 'verify'];
    case 'trial':
      return ['connect', 'trial'];
    case 'optimize':
      return ['connect', 'profile', 'rewrite', 'search', 'fit', 'tune', 'verify', 'compare', 'report'];
    case 'deploy':
      return ['connect', 'upload', 'smoke', 'switch'];
    case 'rollback':
    case 'unmanage':
      return ['connect', 'switch'];
    case 'checkDeployments':
      return ['connect'];
    case 'removeRunner':
      return [];
    default:
      return assertNever(request);
  }
};

/** What is left to do at the start of a job; all times are ISO 8601. */
export function newJob(id: string, request: JobRequest, startedAt: string): JobState {
  return {
    id,
    kind: request.kind,
    state: 'running',
    request,
    startedAt,
    finishedAt: null,
    run: null,
    identity: null,
    installedBytes: null,
    stages: stagesOf(request).map((name) => waitingStage(name)),
    originalUs: null,
    originalAccuracy: null,
    ranking: [],
    funnel: { proposed: 0, checked: 0, duplicates: 0, timed: 0, fitted: 0, spliced: 0, tuned: 0 },
    points: [],
    current: null,
    log: [],
    question: null,
    error: null,
    outcome: null,
  };
}

/** Whether a job has come to its end. */
export const isOver = ({ state }: JobState): boolean =>
  state === 'done' || state === 'failed' || state === 'paused' || state === 'cancelled';

/** The state after an event that happened at `at` (ISO 8601). */
export function reduceJob(state: JobState, event: JobEvent, at: string): JobState {
  const line = logLine(state, event);
  const changed = applyEvent(state, event, at);
  if (line === null) return changed;
  const log: readonly LogLine[] = [...changed.log, { at, ...line }];
  return { ...changed, log: log.slice(-mostLogLines) };
}

/** The state with the time that the stage at work has taken since it started, seconds. */
export function withStageTime(state: JobState, seconds: number): JobState {
  return {
    ...state,
    stages: state.stages.map((stage) =>
      stage.state === 'running' ? { ...stage, seconds: stage.seconds + seconds } : stage,
    ),
  };
}

function applyEvent(state: JobState, event: JobEvent, at: string): JobState {
  switch (event.kind) {
    case 'runCreated':
      return { ...state, run: event.run };
    case 'boardConnected':
      // Of several boards the first that answered; the log names them all.
      return state.identity === null
        ? { ...state, identity: event.identity, installedBytes: event.installedBytes }
        : state;
    case 'stageStarted':
      return { ...state, stages: startStage(state.stages, event.stage) };
    case 'progress': {
      const done = event.total > 0 ? Math.min(Math.max(event.done / event.total, 0), 1) : null;
      return withStage(state, event.stage, { done, total: event.total, note: event.note });
    }
    case 'stageFinished': {
      const before = state.stages.find(({ name }) => name === event.stage)?.seconds ?? 0;
      const { summary } = event;
      const finished = { state: 'done', seconds: before + event.seconds, note: null, summary } as const;
      return { ...withStage(state, event.stage, finished), current: null };
    }
    case 'ranking':
      return {
        ...state,
        originalUs: event.latencyUs,
        ranking: event.operators.toSorted((a, b) => b.latencyUs - a.latencyUs).slice(0, mostOperators),
      };
    case 'funnel':
      return { ...state, funnel: event.funnel };
    case 'trying':
      return { ...state, current: event.program };
    case 'originalAccuracy':
      return { ...state, originalAccuracy: event.percent };
    case 'point':
      return { ...state, points: withPoint(state.points, event.point) };
    case 'trial':
      return { ...state, trial: event.progress };
    case 'sustained':
      return { ...state, sustained: event.points };
    // Its progress tells the same.
    case 'installStarting':
    case 'warning':
      return state;
    case 'asked':
      return { ...state, question: event.question };
    case 'answered':
      return { ...state, question: null };
    case 'stopping':
      return { ...state, state: event.state, question: null };
    case 'ended': {
      const { error, outcome } = event;
      const over = { state: event.state, error, outcome, finishedAt: at, question: null, current: null };
      return { ...withStageTime(state, event.stageSeconds), ...over };
    }
    default:
      return assertNever(event);
  }
}

const waitingStage = (name: StageName): StageState => ({
  name,
  state: 'waiting',
  seconds: 0,
  done: null,
  note: null,
  summary: null,
});

function startStage(stages: readonly StageState[], name: StageName): readonly StageState[] {
  const known = stages.some((stage) => stage.name === name) ? stages : [...stages, waitingStage(name)];
  return known.map((stage): StageState => {
    if (stage.name === name)
      return { ...stage, state: 'running', done: null, total: null, note: null, summary: null };
    return stage.state === 'running' ? { ...stage, state: 'done', note: null } : stage;
  });
}

function withStage(state: JobState, name: StageName, change: Partial<StageState>): JobState {
  return {
    ...state,
    stages: state.stages.map((stage) => (stage.name === name ? { ...stage, ...change } : stage)),
  };
}

/** Points by id; when there are too many, the oldest that lead nowhere make room. */
function withPoint(points: readonly FrontPoint[], point: FrontPoint): readonly FrontPoint[] {
  const at = points.findIndex(({ id }) => id === point.id);
  if (at >= 0) return points.with(at, point);
  if (points.length < mostPoints) return [...points, point];
  const spare = points.findIndex(
    (one) =>
      one.state === 'refused' || (one.state === 'screened' && points.some((other) => isBetter(other, one))),
  );
  return [...points.toSpliced(Math.max(spare, 0), 1), point];
}

function isBetter(a: FrontPoint, b: FrontPoint): boolean {
  return a.speedup > b.speedup && (a.accuracy ?? 0) >= (b.accuracy ?? 0);
}

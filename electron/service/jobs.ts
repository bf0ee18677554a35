import { randomUUID } from 'node:crypto';
import { writtenAddress } from '../board/written-address.ts';
import type {
  Api,
  BoardChoice,
  CompareCall,
  Listener,
  OptimizeCall,
  OptimizeResult,
  PickCall,
  ProfileCall,
  RemovalQuestion,
} from '../contract/api.ts';
import { boardsOfCall } from '../contract/boards-of-call.ts';
import type {
  CheckCall,
  DeployCall,
  DeploymentQuestion,
  DeployResult,
  RollbackCall,
  UnmanageCall,
} from '../contract/deploy.ts';
import type { AppError } from '../contract/errors.ts';
import type { HostKeyQuestion, SignInQuestion } from '../contract/questions.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import type { Trial, TrialCall, TrialCard } from '../contract/trial.ts';
import type { JobOutcome, JobRequest, JobState } from '../contract/views.ts';
import {
  type EndState,
  isOver,
  type JobEvent,
  mostLogLines,
  newJob,
  reduceJob,
  withStageTime,
} from './job-state.ts';
import { makeThrottle } from './throttle.ts';

/** Long work of the service: one job at a time on a board, states pushed as they change. */
export interface Jobs {
  connect(board: BoardChoice): Result<JobState, AppError>;
  profile(call: ProfileCall): Result<JobState, AppError>;
  compare(call: CompareCall): Result<JobState, AppError>;
  optimize(call: OptimizeCall): Result<JobState, AppError>;
  trial(call: TrialCall): Result<JobState, AppError>;
  /** Goes on with a run as a new job. Errors beside boardBusy: those of `runs.get`. */
  resume(run: string): Promise<Result<JobState, AppError>>;
  /** Chooses again from the front of a run that is done. Errors beside boardBusy: those of `runs.get`. */
  pick(call: PickCall): Promise<Result<JobState, AppError>>;
  deploy(call: DeployCall): Result<JobState, AppError>;
  rollback(call: RollbackCall): Result<JobState, AppError>;
  unmanage(call: UnmanageCall): Result<JobState, AppError>;
  checkDeployments(call: CheckCall): Result<JobState, AppError>;
  /** Deletes what was put on a board for measurements, after a person has seen what that is. */
  removeRunner(board: BoardChoice): Result<JobState, AppError>;
  /** Every job that is kept, in the order in which they were started. */
  list(): readonly JobState[];
  /** Stops a job; what was measured is kept. One that is over stays as it is. */
  cancel(job: string): Result<null, AppError>;
  /** Stops an optimization so that it can go on later. */
  pause(job: string): Result<null, AppError>;
  /** Answers the open question of a job; an answer to another question than the open one is dropped. */
  answer(job: string, answer: JobAnswer): Result<null, AppError>;
  /** Stops everything, and resolves when all jobs have come to their ends. */
  close(): Promise<void>;
}

/** What a person says to a question: `answers` is null for a question of yes or no. */
export interface JobAnswer {
  readonly question: number;
  readonly accept: boolean;
  readonly answers: readonly string[] | null;
}

/** What the jobs work with. */
export interface JobParts {
  readonly api: Api;
  /** Gets the state of a job whenever it has changed, a few times a second at most, and always the last one. */
  readonly onUpdate: (job: JobState) => void;
  /** Logs a bug; returns what to find the log entry by. */
  readonly logBug: (bug: unknown) => Promise<string>;
  readonly now: () => Date;
}

interface Job {
  state: JobState;
  readonly boards: readonly string[];
  readonly controller: AbortController;
  wanted: 'pause' | 'cancel' | null;
  stageStartedMs: number;
  answer: ((answer: JobAnswer) => void) | null;
  /** Resolves when the job is over; never rejects. */
  ended: Promise<void>;
}

type Work = (listener: Listener) => Promise<Result<JobOutcome, AppError>>;

/** Shortest time between two pushes of one job's state. */
const pushEveryMs = 200;
/** Jobs that are over and still kept; the oldest go first. */
const mostOver = 50;

/** The jobs of a service, none at first. */
export function createJobs({ api, onUpdate, logBug, now }: JobParts): Jobs {
  const jobs = new Map<string, Job>();
  const atWork = new Set<Promise<void>>();
  const updates = makeThrottle(pushEveryMs, (id) => {
    const job = jobs.get(id);
    if (job !== undefined) onUpdate(viewOf(job));
  });

  const apply = (job: Job, event: JobEvent): void => {
    // Work that was told to stop may still have something to say.
    if (isOver(job.state) && event.kind !== 'ended') return;
    if (event.kind === 'stageStarted') job.stageStartedMs = performance.now();
    job.state = reduceJob(job.state, event, now().toISOString());
    updates.mark(job.state.id);
  };

  let questions = 0;
  /** Resolves with the answer to just this question; null: no, or the job was stopped. */
  const ask = (
    job: Job,
    asked: HostKeyQuestion | SignInQuestion | DeploymentQuestion | RemovalQuestion,
  ): Promise<JobAnswer | null> =>
    new Promise((resolve) => {
      const { signal } = job.controller;
      questions += 1;
      const question = { ...asked, id: questions };
      const settle = (answer: JobAnswer | null): void => {
        signal.removeEventListener('abort', refuse);
        job.answer = null;
        apply(job, { kind: 'answered', about: asked.kind, accept: answer !== null });
        resolve(answer);
      };
      const refuse = (): void => settle(null);
      if (signal.aborted) {
        resolve(null);
        return;
      }
      signal.addEventListener('abort', refuse);
      job.answer = (answer) => {
        // Two windows may both have shown the question, and the next one may be open by now.
        if (answer.question === question.id) settle(answer.accept ? answer : null);
      };
      apply(job, { kind: 'asked', question });
    });

  const finish = async (job: Job, work: Work): Promise<void> => {
    let result: Result<JobOutcome, AppError>;
    try {
      result = await work({
        signal: job.controller.signal,
        onEvent: (event) => apply(job, event),
        confirmHostKey: async (board, fingerprint) =>
          (await ask(job, { kind: 'hostKey', board, fingerprint })) !== null,
        ask: async (question) => (await ask(job, question))?.answers ?? null,
        confirmDeployment: async (plan) => (await ask(job, { kind: 'deployment', plan })) !== null,
        confirmRemoval: async (found) => (await ask(job, { kind: 'removal', found })) !== null,
      });
    } catch (bug) {
      result = fail({ kind: 'internal', logId: await logBug(bug) });
    }
    const state = endStateOf(job, result);
    apply(job, {
      kind: 'ended',
      state,
      error: !result.ok && state === 'failed' ? result.error : null,
      outcome: result.ok ? result.value : null,
      stageSeconds: secondsAtWork(job),
    });
    const over = [...jobs.values()].filter((one) => isOver(one.state));
    for (const old of over.slice(0, Math.max(over.length - mostOver, 0))) jobs.delete(old.state.id);
  };

  const start = (
    asked: JobRequest,
    work: Work,
    before: Partial<JobState> = {},
  ): Result<JobState, AppError> => {
    const request = withWrittenAddresses(asked);
    const boards = boardsOf(request);
    const nearlyOver: Promise<void>[] = [];
    for (const board of boards) {
      const other = [...jobs.values()].find((job) => !isOver(job.state) && job.boards.includes(board));
      if (other === undefined) continue;
      if (!isReading(other) || request.kind === 'connect')
        return fail({ kind: 'boardBusy', board, job: other.state.id });
      nearlyOver.push(other.ended);
    }
    const job: Job = {
      state: { ...newJob(randomUUID(), request, now().toISOString()), ...before },
      boards,
      controller: new AbortController(),
      wanted: null,
      stageStartedMs: performance.now(),
      answer: null,
      ended: Promise.resolve(),
    };
    jobs.set(job.state.id, job);
    updates.mark(job.state.id);
    const waiting: Work = async (listener) => {
      await Promise.all(nearlyOver);
      return work(listener);
    };
    const ended = finish(job, nearlyOver.length > 0 ? waiting : work);
    job.ended = ended;
    atWork.add(ended);
    void ended.finally(() => atWork.delete(ended));
    return ok(viewOf(job));
  };

  const stop = (job: Job, wanted: 'pause' | 'cancel'): void => {
    job.wanted = wanted;
    apply(job, { kind: 'stopping', state: wanted === 'pause' ? 'pausing' : 'cancelling' });
    job.controller.abort();
  };

  return {
    connect: (board) =>
      start({ kind: 'connect', address: board.address }, async (listener) =>
        withOutcome(await api.connect(board, listener), (value) => ({ kind: 'connect', board: value })),
      ),
    profile: (call) =>
      start({ kind: 'profile', ...call }, async (listener) =>
        withOutcome(await api.profile(call, listener), (value) => ({ kind: 'profile', profile: value })),
      ),
    compare: (call) =>
      start({ kind: 'compare', ...call }, async (listener) =>
        withOutcome(await api.compare(call, listener), (value) => ({ kind: 'compare', comparison: value })),
      ),
    trial: (call) =>
      start({ kind: 'trial', ...call }, async (listener) =>
        withOutcome(await api.trial(call, listener), (trial) => ({
          kind: 'trial',
          trial: withoutOutputs(trial),
        })),
      ),
    optimize: (call) =>
      start({ kind: 'optimize', ...call }, async (listener) =>
        withOutcome(await api.optimize(call, listener), optimizeOutcome),
      ),
    async resume(run) {
      const detail = await api.query('runs.get', { run });
      if (!detail.ok) return detail;
      const earlier = [...jobs.values()].findLast((job) => job.state.run === run);
      return start(
        { kind: 'optimize', ...detail.value.request },
        async (listener) => withOutcome(await api.resume(run, listener), optimizeOutcome),
        { run, ...(earlier === undefined ? {} : knownOf(earlier.state)) },
      );
    },
    async pick(call) {
      const detail = await api.query('runs.get', { run: call.run });
      if (!detail.ok) return detail;
      const { out: _, ...request } = detail.value.request;
      return start(
        { kind: 'optimize', ...request, maxAccuracyDrop: call.maxAccuracyDrop },
        async (listener) => withOutcome(await api.pick(call, listener), optimizeOutcome),
      );
    },
    deploy: (call) =>
      start({ kind: 'deploy', ...call }, async (listener) =>
        withOutcome(await api.deploy(call, listener), deployOutcome),
      ),
    rollback: (call) =>
      start({ kind: 'rollback', ...call }, async (listener) =>
        withOutcome(await api.rollback(call, listener), deployOutcome),
      ),
    unmanage: (call) =>
      start({ kind: 'unmanage', ...call }, async (listener) =>
        withOutcome(await api.unmanage(call, listener), deployOutcome),
      ),
    checkDeployments: (call) =>
      start({ kind: 'checkDeployments', ...call }, async (listener) =>
        withOutcome(await api.checkDeployments(call, listener), (check) => ({
          kind: 'checkDeployments',
          check,
        })),
      ),
    removeRunner: (board) => {
      const call = { board, onlyLook: false, ask: true };
      return start({ kind: 'removeRunner', ...call }, async (listener) =>
        withOutcome(await api.removeRunner(call, listener), (removal) => ({ kind: 'removeRunner', removal })),
      );
    },
    list: () => [...jobs.values()].map(viewOf),
    cancel(id) {
      const job = jobs.get(id);
      if (job === undefined) return unknownJob(id);
      if (job.state.state === 'paused') {
        apply(job, { kind: 'ended', state: 'cancelled', error: null, outcome: null, stageSeconds: 0 });
      } else if (!isOver(job.state) && job.wanted !== 'cancel') stop(job, 'cancel');
      return ok(null);
    },
    pause(id) {
      const job = jobs.get(id);
      if (job === undefined) return unknownJob(id);
      if (job.state.kind !== 'optimize')
        return fail({ kind: 'usage', option: 'job', value: id, expected: 'an optimization' });
      if (!isOver(job.state) && job.wanted === null) stop(job, 'pause');
      return ok(null);
    },
    answer(id, answer) {
      const job = jobs.get(id);
      if (job === undefined) return unknownJob(id);
      job.answer?.(answer);
      return ok(null);
    },
    async close() {
      for (const job of jobs.values()) if (!isOver(job.state)) stop(job, 'pause');
      await Promise.all(atWork);
      updates.close();
    },
  };
}

const deployOutcome = (deployed: DeployResult): JobOutcome => ({ kind: deployed.action, deployed });

/** Connected, and only reading how the board is: over in a moment, so that what comes next waits for it. */
const isReading = ({ state }: Job): boolean => state.request.kind === 'connect' && state.identity !== null;

const secondsAtWork = (job: Job): number => (performance.now() - job.stageStartedMs) / 1000;

const viewOf = (job: Job): JobState =>
  isOver(job.state) ? job.state : withStageTime(job.state, secondsAtWork(job));

function endStateOf(job: Job, result: Result<unknown, AppError>): EndState {
  if (result.ok) return 'done';
  if (result.error.kind !== 'cancelled') return 'failed';
  return job.wanted === 'pause' && job.state.run !== null ? 'paused' : 'cancelled';
}

/** The boards of a job, each once. */
const boardsOf = (request: JobRequest): readonly string[] =>
  request.kind === 'connect' ? [request.address] : boardsOfCall(request).map(({ address }) => address);

/** What a job was asked for, with the addresses of its boards written in one way whatever way the person wrote them. */
function withWrittenAddresses(request: JobRequest): JobRequest {
  const written = <C extends { readonly address: string }>(choice: C): C => ({
    ...choice,
    address: writtenAddress(choice.address),
  });
  if (request.kind === 'connect') return written(request);
  const board = written(request.board);
  return 'boards' in request && request.boards
    ? { ...request, board, boards: request.boards.map(written) }
    : { ...request, board };
}

/** What a resumed run need not find out again before a person sees it; the rest is told anew as it is replayed. */
function knownOf({ originalUs, originalAccuracy, ranking, log }: JobState): Partial<JobState> {
  return { originalUs, originalAccuracy, ranking, log: log.slice(-mostLogLines) };
}

/** The state of a job goes out whole and often, so that the outputs stay where they are kept. */
const withoutOutputs = (trial: Trial): TrialCard => ({
  ...trial,
  disagreements: trial.disagreements.map(({ outputA: _, outputB: __, ...row }) => row),
});

const unknownJob = (job: string): Result<never, AppError> =>
  fail({ kind: 'usage', option: 'job', value: job, expected: 'a job that this Fieldtune has started' });

function withOutcome<T>(
  result: Result<T, AppError>,
  outcome: (value: T) => JobOutcome,
): Result<JobOutcome, AppError> {
  return result.ok ? ok(outcome(result.value)) : result;
}

function optimizeOutcome({ run, improved, explanation, reason, result }: OptimizeResult): JobOutcome {
  const { speedup, speedupInterval95, accuracyChange, accuracyChangeInterval95, verdict } = result.comparison;
  return {
    kind: 'optimize',
    run,
    improved,
    explanation,
    reason,
    speedup,
    speedupInterval95,
    accuracyChange,
    accuracyChangeInterval95,
    verdict,
  };
}

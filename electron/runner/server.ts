import { join } from 'node:path';
import { readConditions } from './conditions.ts';
import { measureEnergy } from './energy.ts';
import { readIdentity } from './identity.ts';
import { readInventory } from './inventory.ts';
import { openModelStore } from './model-store.ts';
import { measurePeakMemory } from './peak-memory.ts';
import { profileModel } from './profiling.ts';
import {
  type HelloReply,
  type Progress,
  protocolVersion,
  type Reply,
  type Request,
  type SessionSettings,
} from './protocol.ts';
import { readBoard } from './reading.ts';
import { feedsFromBytes, type LoadedModel, listProviders, loadModel, outputsToBytes } from './runtime.ts';
import { sustainModels } from './sustain.ts';
import { ownSystemFiles, type SystemFiles } from './system-files.ts';
import { CancelledError, messageOf, timeModels, type WorkContext } from './timing.ts';

/** Sends one frame to the app. */
export type Send = (header: object, body?: Uint8Array) => void;

/** Answers requests one after the other; cancels overtake them. */
export interface Server {
  accept(request: Request, body: Uint8Array): void;
}

type FailureKind = Extract<Reply, { readonly ok: false }>['kind'];
type Answer =
  | { readonly value: unknown; readonly body?: Uint8Array }
  | { readonly kind: FailureKind; readonly reason: string };

const progressEveryMs = 200;

/** What a server reads of the system, and the program that it starts again for what needs a process of its own. */
export interface ServerSystem {
  readonly files: SystemFiles;
  readonly program: string;
}

const ownSystem = (): ServerSystem => ({ files: ownSystemFiles, program: process.argv[1] ?? '' });

/** Makes the server of a runner that keeps its files under `root`. `exit` ends the process. */
export function createServer(
  root: string,
  send: Send,
  exit: () => void,
  system: ServerSystem = ownSystem(),
): Server {
  const models = openModelStore(join(root, 'models'));
  const cancelled = new Set<number>();
  const waiting = new Set<number>();
  let queue = Promise.resolve();
  let resident: { readonly key: string; readonly model: LoadedModel } | null = null;

  const dropResident = (): void => {
    resident?.model.dispose();
    resident = null;
  };
  const modelFor = (sha256: string, path: string, settings: SessionSettings): LoadedModel => {
    const key = `${sha256} ${settings.threads} ${settings.level}`;
    if (resident?.key === key) return resident.model;
    dropResident();
    const model = loadModel(path, settings);
    resident = { key, model };
    return model;
  };
  const contextOf = (id: number): WorkContext => {
    let reportedMs = 0;
    return {
      cancelled: () => cancelled.has(id),
      progress: (done, total) => {
        const nowMs = performance.now();
        if (nowMs - reportedMs < progressEveryMs) return;
        reportedMs = nowMs;
        send({ id, progress: { done, total } });
      },
      tell: (done, total, part) => send({ id, progress: { done, total }, part } satisfies Progress),
      breathe: () => new Promise((resolve) => setImmediate(resolve)),
    };
  };

  const answer = async (request: Request, body: Uint8Array): Promise<Answer> => {
    switch (request.method) {
      case 'hello': {
        const hello: HelloReply = { protocol: protocolVersion, identity: readIdentity('', root) };
        return { value: hello };
      }
      case 'conditions':
        return { value: readConditions() };
      case 'inventory':
        return { value: readInventory(system.files, root, listProviders()) };
      case 'reading':
        return { value: await readBoard(system.files, root) };
      case 'energy': {
        dropResident();
        const surroundings = { ...system, pathOf: models.use };
        return { value: await measureEnergy(request, surroundings, contextOf(request.id)) };
      }
      case 'missingModels':
        return { value: models.missing(request.sha256s) };
      case 'putModel':
        return models.put(request.sha256, body)
          ? { value: null }
          : { kind: 'hashMismatch', reason: `${body.length} bytes arrived that are not ${request.sha256}` };
      case 'time':
        // Nothing else may be in memory's way of what is timed.
        dropResident();
        return { value: await timeModels(request, models.use, contextOf(request.id)) };
      case 'sustain':
        dropResident();
        return { value: await sustainModels(request, models.use, contextOf(request.id)) };
      case 'trial': {
        dropResident();
        // Loaded late: what reads inputs must not count in the memory that models are measured to need.
        const { runTrial } = await import('./trial.ts');
        const folder = join(root, 'trials');
        return { value: await runTrial(request, { folder, pathOf: models.use }, contextOf(request.id)) };
      }
      case 'profile': {
        dropResident();
        const path = models.use(request.sha256);
        if (path === null) return missingModel(request.sha256);
        const profiled = await profileModel(request, path, join(root, 'tmp'), contextOf(request.id));
        return { value: profiled.reply, body: profiled.optimizedModel };
      }
      case 'peakMemory': {
        const path = models.use(request.sha256);
        if (path === null) return missingModel(request.sha256);
        const measured = await measurePeakMemory(path, request.settings);
        return 'bytes' in measured
          ? { value: measured.bytes }
          : { kind: 'modelFailsToRun', reason: measured.reason };
      }
      case 'run': {
        const path = models.use(request.sha256);
        if (path === null) return missingModel(request.sha256);
        const model = modelFor(request.sha256, path, request.settings);
        return { value: null, body: outputsToBytes(model, model.call(feedsFromBytes(model, body))) };
      }
      case 'cancel':
      case 'exit':
        return { value: null };
      default:
        return { kind: 'internal', reason: 'unknown method' };
    }
  };

  const handle = async (request: Request, body: Uint8Array): Promise<void> => {
    const result = cancelled.has(request.id)
      ? { kind: 'cancelled' as const, reason: '' }
      : await answer(request, body).catch((error: unknown) => refusalOf(request, error));
    waiting.delete(request.id);
    cancelled.delete(request.id);
    if ('kind' in result) {
      send({ id: request.id, ok: false, kind: result.kind, reason: result.reason } satisfies Reply);
    } else {
      send({ id: request.id, ok: true, value: result.value } satisfies Reply, result.body);
    }
    if (request.method === 'exit') exit();
  };

  return {
    accept(request, body) {
      if (request.method === 'cancel') {
        if (waiting.has(request.target)) cancelled.add(request.target);
        send({ id: request.id, ok: true, value: null } satisfies Reply);
        return;
      }
      waiting.add(request.id);
      queue = queue.then(() => handle(request, body));
    },
  };
}

function missingModel(sha256: string): Answer {
  return { kind: 'internal', reason: `the board has no model ${sha256}` };
}

function refusalOf(request: Request, error: unknown): Answer {
  if (error instanceof CancelledError) return { kind: 'cancelled', reason: '' };
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC' || code === 'EDQUOT') return { kind: 'diskFull', reason: messageOf(error) };
  const runsModel = request.method === 'profile' || request.method === 'run';
  return { kind: runsModel ? 'modelFailsToRun' : 'internal', reason: messageOf(error) };
}

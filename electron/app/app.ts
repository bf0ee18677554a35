import { fileURLToPath } from 'node:url';
import { connectBoard, openShell } from '../board/connect.ts';
import { findRunner } from '../board/deployment/smoke.ts';
import type { Api, Listener } from '../contract/api.ts';
import type { AppError } from '../contract/errors.ts';
import { ok, type Result } from '../contract/result.ts';
import type { RunWarning } from '../contract/run-notes.ts';
import { makeEngineRunner } from '../engine/client.ts';
import { openStore } from '../store/open-store.ts';
import { makeChanges } from './changes.ts';
import { compareOnBoards } from './compare-boards.ts';
import { deploy } from './deploy.ts';
import { checkDeployments, listDeployments, warningsOfInterrupted } from './deployments.ts';
import { makeBoardFinder } from './finding.ts';
import { history } from './history.ts';
import { optimize, pick, resume } from './optimize.ts';
import type { AppParts } from './parts.ts';
import { profile } from './profile.ts';
import { queries } from './queries.ts';
import { readBoard } from './read-board.ts';
import { removeRunner } from './remove-runner.ts';
import { rollback, unmanage } from './rollback.ts';
import { trial } from './trial.ts';
import { watchStore } from './watched-store.ts';

/** What the app is made of; all but the folder of its state has a default. */
export interface AppOptions extends Partial<Omit<AppParts, 'store' | 'stateFolder' | 'tellChange'>> {
  readonly stateFolder: string;
}

const inProject = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** Opens the app on the state in a folder, which is made when missing. Errors: those of `openStore`. */
export async function createApp(options: AppOptions): Promise<Result<Api, AppError>> {
  const { stateFolder, now = () => new Date() } = options;
  const opened = openStore(stateFolder, { now });
  if (!opened.ok) return opened;
  const changes = makeChanges();
  const store = watchStore(opened.value, changes.tell);
  const parts: AppParts = {
    store,
    stateFolder,
    now,
    cwd: options.cwd ?? process.cwd(),
    connectBoard: options.connectBoard ?? connectBoard,
    openShell: options.openShell ?? openShell,
    findRunner: options.findRunner ?? findRunner,
    ...(options.patience === undefined ? {} : { patience: options.patience }),
    runInEngine: options.runInEngine ?? makeEngineRunner(),
    sample: options.sample ?? {
      modelPath: inProject('resources/sample/model.onnx'),
      dataPath: inProject('resources/sample/data'),
    },
    boardFinder: options.boardFinder ?? makeBoardFinder({ store, now, tell: () => changes.tell('found') }),
    tellChange: changes.tell,
  };
  const warnings: RunWarning[] = [...store.warnings, ...warningsOfInterrupted(parts)];
  const closing = new AbortController();
  const atWork = new Set<Promise<unknown>>();
  /** What closing the app has to wait for. */
  const underWay = <T>(promise: Promise<T>): Promise<T> => {
    atWork.add(promise);
    const forget = () => void atWork.delete(promise);
    promise.then(forget, forget);
    return promise;
  };
  /** Runs a use case so that closing the app stops it, and tells once what happened when the store was opened. */
  const work = <T>(listener: Listener, useCase: (listener: Listener) => Promise<T>): Promise<T> => {
    for (const warning of warnings.splice(0)) listener.onEvent({ kind: 'warning', warning });
    return underWay(
      useCase({
        signal: AbortSignal.any([listener.signal, closing.signal]),
        onEvent: (event) => listener.onEvent(event),
        confirmHostKey: (board, fingerprint) => listener.confirmHostKey(board, fingerprint),
        ask: listener.ask,
        // Whoever cannot be asked has not agreed.
        confirmDeployment: async (plan) => (await listener.confirmDeployment?.(plan)) === true,
        confirmRemoval: async (found) => (await listener.confirmRemoval?.(found)) === true,
      }),
    );
  };
  return ok({
    profile: (call, listener) => work(listener, (own) => profile(parts, call, own)),
    optimize: (call, listener) => work(listener, (own) => optimize(parts, call, own)),
    resume: (run, listener, changes) => work(listener, (own) => resume(parts, run, own, changes)),
    pick: (call, listener) => work(listener, (own) => pick(parts, call, own)),
    trial: (call, listener) => work(listener, (own) => trial(parts, call, own)),
    compare: (call, listener) => work(listener, (own) => compareOnBoards(parts, call, own)),
    history: async (filter) => ok(history(parts, filter)),
    deploy: (call, listener) => work(listener, (own) => deploy(parts, call, own)),
    rollback: (call, listener) => work(listener, (own) => rollback(parts, call, own)),
    unmanage: (call, listener) => work(listener, (own) => unmanage(parts, call, own)),
    deployments: async (filter) => ok(listDeployments(parts, filter)),
    checkDeployments: (call, listener) => work(listener, (own) => checkDeployments(parts, call, own)),
    connect: (choice, listener) => work(listener, (own) => readBoard(parts, choice, own)),
    removeRunner: (call, listener) => work(listener, (own) => removeRunner(parts, call, own)),
    query: (name, args) => underWay(queries(parts, closing.signal, name, args)),
    onChange: changes.listen,
    close: async () => {
      closing.abort();
      await Promise.allSettled(atWork);
      store.close();
    },
  });
}

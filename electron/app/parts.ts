import type { connectBoard, openShell } from '../board/connect.ts';
import type { findRunner } from '../board/deployment/smoke.ts';
import type { Listener } from '../contract/api.ts';
import type { Changed } from '../contract/calls.ts';
import type { AppError } from '../contract/errors.ts';
import { fail, type Result } from '../contract/result.ts';
import type { RunInEngine } from '../engine/client.ts';
import type { Store } from '../store/open-store.ts';
import type { BoardFinder } from './finding.ts';
import type { Patience } from './lasting-board.ts';

/** What the use cases work with; tests put other parts in. */
export interface AppParts {
  readonly store: Store;
  readonly stateFolder: string;
  /** Relative paths are seen from here. */
  readonly cwd: string;
  readonly now: () => Date;
  readonly connectBoard: typeof connectBoard;
  readonly openShell: typeof openShell;
  readonly findRunner: typeof findRunner;
  readonly runInEngine: RunInEngine;
  /** How hard a lost board is looked for. */
  readonly patience?: Patience;
  /** The sample that comes with the app, absolute paths. */
  readonly sample: { readonly modelPath: string; readonly dataPath: string };
  readonly boardFinder: BoardFinder;
  /** Tells that a list has changed which is not in the store, whose writes tell by themselves. */
  readonly tellChange: (what: Changed) => void;
}

/** Whatever failed after the person asked to stop failed because of that. */
export function orCancelled<T>(result: Result<T, AppError>, { signal }: Listener): Result<T, AppError> {
  return !result.ok && signal.aborted ? fail({ kind: 'cancelled' }) : result;
}

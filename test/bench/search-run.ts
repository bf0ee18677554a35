import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createApp } from '../../electron/app/app.ts';
import type { OptimizeResult, SearchStrategy } from '../../electron/contract/api.ts';
import type { RunResult } from '../../electron/contract/run-result.ts';
import type { FrontPoint } from '../../electron/contract/search-progress.ts';
import type { BenchOptions } from './bench-options.ts';
import { fieldtune, scratchFolder } from './fieldtune.ts';
import type { Subject } from './subjects.ts';

/** One search with one seed. */
export interface SearchRun {
  readonly strategy: SearchStrategy;
  readonly seed: number;
  readonly exitCode: number;
  /** Wall time of the whole command. */
  readonly seconds: number;
  /** Why there is no result; null where there is one. */
  readonly failure: string | null;
  readonly explanation: string;
  readonly result: RunResult | null;
  readonly points: readonly FrontPoint[];
  /** File of B; null where there is no result. */
  readonly modelPath: string | null;
}

/**
 * Searches once as a user would, with a history of its own, so that nothing is known from an earlier run and two
 * strategies start alike.
 */
export async function searchOnce(
  { modelPath, dataPath }: Subject,
  strategy: SearchStrategy,
  seed: number,
  { budget, level, threads, maxAccuracyDrop }: BenchOptions,
): Promise<SearchRun> {
  const stateFolder = scratchFolder();
  try {
    const outcome = await fieldtune<OptimizeResult>(
      [
        ...['optimize', '--model', modelPath, '--data', dataPath, '--budget', budget, '--seed', String(seed)],
        ...['--level', level, '--threads', String(threads), '--max-accuracy-drop', String(maxAccuracyDrop)],
        ...['--search', strategy, '--out', join(scratchFolder(), 'run')],
      ],
      stateFolder,
    );
    const { exitCode, seconds, result } = outcome;
    return {
      strategy,
      seed,
      exitCode,
      seconds,
      failure: result ? null : outcome.message,
      explanation: result?.explanation ?? '',
      result: result?.result ?? null,
      points: result ? await pointsOf(stateFolder, result.run) : [],
      modelPath: result?.files.find((file) => file.endsWith('optimized.onnx')) ?? null,
    };
  } finally {
    rmSync(stateFolder, { recursive: true, force: true });
  }
}

async function pointsOf(stateFolder: string, run: string): Promise<readonly FrontPoint[]> {
  const app = await createApp({ stateFolder });
  if (!app.ok) throw new Error(app.error.kind);
  try {
    const detail = await app.value.query('runs.get', { run });
    return detail.ok ? (detail.value.details?.points ?? []) : [];
  } finally {
    await app.value.close();
  }
}

/** The run whose figure counts: one that failed, else the one that gained least. Throws where there is none. */
export function worstOf(runs: readonly SearchRun[]): SearchRun {
  const gain = ({ result }: SearchRun): number => result?.comparison.speedup ?? 0;
  return runs.reduce((worst, run) => (gain(run) < gain(worst) ? run : worst));
}

/** How a timing names the B of a run. */
export const nameOfRun = ({ strategy, seed }: Pick<SearchRun, 'strategy' | 'seed'>): string =>
  `B by ${strategy}, seed ${seed}`;

export const bytesOf = (path: string): Uint8Array => new Uint8Array(readFileSync(path));

import { appendFileSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeNpy } from '../engine/data/npy.ts';
import type { TrialDisagreement } from './protocol.ts';
import type { ModelAnswer } from './trial-answers.ts';

/** Disagreements kept in whole on the board, and told to the app; later ones are counted alone. */
export const mostDisagreements = 100;
/** Values of an output that go to the app; the file on the board has all. */
const mostValuesTold = 1_000;
/** Bytes of kept outputs of one trial on the board. */
const mostKeptBytes = 64 * 1024 ** 2;
/** Trials whose disagreements stay on the board; those used longest ago go first. */
const mostTrials = 20;

/** Keeps the disagreements of one trial in a folder of its own. */
export interface DisagreementKeeper {
  readonly folder: string;
  /** What the app is told of it; null once enough are kept. Throws when the disk refuses. */
  keep(
    found: Omit<TrialDisagreement, 'outputA' | 'outputB'>,
    a: ModelAnswer,
    b: ModelAnswer | null,
  ): TrialDisagreement | null;
}

/** Makes the folder of a trial under `root`, and removes those of the oldest trials. Throws for a name that is none. */
export function openKeeper(root: string, trial: string): DisagreementKeeper {
  if (!/^[0-9a-z][0-9a-z-]{0,63}$/.test(trial)) throw new Error('A trial is named by letters, digits and -');
  const folder = join(root, trial);
  mkdirSync(folder, { recursive: true });
  dropOldest(root, trial);
  let kept = 0;
  let keptBytes = 0;
  return {
    folder,
    keep(found, a, b) {
      if (kept >= mostDisagreements) return null;
      kept += 1;
      // Files are numbered: a name from the inputs' folder names nothing here.
      const number = String(kept).padStart(4, '0');
      for (const [letter, answer] of [
        ['a', a],
        ['b', b],
      ] as const) {
        for (const [index, { shape, values }] of (answer?.outputs ?? []).entries()) {
          if (keptBytes + values.byteLength > mostKeptBytes) continue;
          keptBytes += values.byteLength;
          const name = `${number}-${letter}${index === 0 ? '' : index + 1}.npy`;
          writeFileSync(join(folder, name), encodeNpy({ shape, values }));
        }
      }
      appendFileSync(join(folder, 'disagreements.jsonl'), `${JSON.stringify({ number, ...found })}\n`);
      return { ...found, outputA: told(a), outputB: told(b) };
    },
  };
}

/** Writes A's outputs for an input as `.npy`, each there at once and whole. Throws when the disk refuses. */
export function writeAnswer(folder: string, input: string, { outputs }: ModelAnswer): void {
  for (const [index, { shape, values }] of outputs.entries()) {
    // `input` is the name of a directory entry, so it has no separator and is neither `.` nor `..`.
    const path = join(folder, `${input}${index === 0 ? '' : `.${index + 1}`}.npy`);
    const part = `${path}.part`;
    // Removed and made anew, not opened: a link that lies there is not followed.
    rmSync(part, { force: true });
    writeFileSync(part, encodeNpy({ shape, values }), { flag: 'wx' });
    renameSync(part, path);
  }
}

function told(answer: ModelAnswer | null): number[] {
  const values: number[] = [];
  for (const output of answer?.outputs ?? []) {
    for (const value of output.values) {
      if (values.length >= mostValuesTold) return values;
      values.push(Number(value.toPrecision(7)));
    }
  }
  return values;
}

function dropOldest(root: string, own: string): void {
  const others = readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== own)
    .map(({ name }) => ({ path: join(root, name), usedMs: statSync(join(root, name)).mtimeMs }))
    .sort((a, b) => b.usedMs - a.usedMs);
  for (const { path } of others.slice(mostTrials - 1)) rmSync(path, { recursive: true, force: true });
}

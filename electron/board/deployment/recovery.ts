import type { CutOff } from '../../contract/deploy.ts';
import { ok, type Result } from '../../contract/result.ts';
import { abandonSteps, runSteps, settleSteps } from './activation.ts';
import type { PathFacts } from './inspect.ts';
import type { DeployFailure } from './layout.ts';
import type { Held } from './lock.ts';
import type { Journal } from './manifest.ts';

/** How far a piece of work had come that was cut off; null when none was. */
export function cutOffOf({ journal, kind, activeRelease }: PathFacts): CutOff | null {
  if (!journal) return null;
  if (journal.action === 'unmanage') return kind === 'managed' ? 'stillManaged' : 'unmanaged';
  if (kind !== 'managed' || activeRelease !== journal.target) return 'notSwitched';
  return journal.hasCommands ? 'unchecked' : 'finished';
}

/** What was found unfinished and brought to an end. */
export interface Recovered {
  readonly cutOff: CutOff;
  readonly journal: Journal;
}

/**
 * Brings to an end what was cut off: undoes what had not come to its switch, finishes what had. The lock is ours
 * before, and free afterwards unless `keepLock`. Null: nothing was unfinished. Errors: those of `runSteps`.
 */
export async function recover(
  held: Held,
  facts: PathFacts,
  { keepLock = false } = {},
): Promise<Result<Recovered | null, DeployFailure>> {
  const cutOff = cutOffOf(facts);
  const { journal } = facts;
  const isDone = cutOff === 'finished' || cutOff === 'unchecked';
  const stale = isDone ? [] : (journal?.releases ?? []).filter((release) => release !== facts.activeRelease);
  const steps = keepLock ? tidySteps(stale) : isDone ? settleSteps([]) : abandonSteps(held, stale);
  const done = await runSteps(held, 'tidy up', steps);
  if (!done.ok) return done;
  return ok(cutOff && journal ? { cutOff, journal } : null);
}

/** Uploaded bytes stay: whoever goes on may want the same model. */
const tidySteps = (stale: readonly number[]): readonly string[] => [
  `rm -rf "$S/link" "$S/plain" "$S/said" "$S/reserve" ${stale.map((release) => `"$S/releases/${release}"`).join(' ')}`,
  'rm -f "$S/journal" "$S/journal.new"',
];

import type { Board } from '../board/board.ts';
import type { Listener, StageName } from '../contract/api.ts';
import type { EnergyComparison, EnergyFindings } from '../contract/energy.ts';
import type { AppError } from '../contract/errors.ts';
import { ok, type Result } from '../contract/result.ts';
import type { OptimizeJob, OptimizeOutcome } from '../engine/host.ts';
import { compareEnergy } from '../engine/verify/energy.ts';
import type { BoardInventory } from '../runner/board-reading.ts';
import type { SessionSettings } from '../runner/protocol.ts';
import { sha256Of } from '../store/blobs.ts';
import type { BoardBefore } from './before-measuring.ts';
import type { OpenModel } from './open-model.ts';

/** Time that each model is called for: long enough for a sensor that tells a few values a second. */
const secondsOfEach = 12;
const seed = 1;

/**
 * Measures what A and B take on a board that has a sensor of power, during `stage`; both models lie there already.
 * Without a sensor, or with one that does not tell, the findings say so, and nothing has failed.
 * Errors: `boardLost`, `runnerFailed`, `cancelled`.
 */
export async function measureEnergy(
  { board, inventory }: { readonly board: Board; readonly inventory: BoardInventory },
  sha256s: readonly [a: string, b: string],
  settings: SessionSettings,
  listener: Listener,
  stage: StageName,
): Promise<Result<EnergyFindings, AppError>> {
  if (inventory.powerSensors.length === 0)
    return ok({ kind: 'notMeasured', reason: 'noSensor', sensor: null });
  listener.onEvent({ kind: 'progress', stage, done: 0, total: 0, note: { kind: 'energy' } });
  const replied = await board.energy({ sha256s, settings, seconds: secondsOfEach, seed }, listener.signal);
  if (!replied.ok) return replied;
  const reply = replied.value;
  switch (reply.kind) {
    case 'measured':
      return ok(
        isSound(reply.energy.rounds)
          ? { kind: 'measured', energy: compareEnergy(reply.energy) }
          : { kind: 'notMeasured', reason: 'sensorFailed', sensor: reply.energy.sensor.name },
      );
    case 'noSensor':
      return ok({ kind: 'notMeasured', reason: 'noSensor', sensor: null });
    case 'modelFailed':
      return ok({ kind: 'notMeasured', reason: 'modelFailed', sensor: null });
    case 'sensorFailed':
    case 'sensorTooSlow':
      return ok({ kind: 'notMeasured', reason: reply.kind, sensor: reply.sensor.name });
  }
}

/** Rounds with both models, in which energy flowed: a sensor that tells 0 or less measures nothing. */
const isSound = (rounds: readonly (readonly { readonly joules: number }[])[]): boolean =>
  rounds.length >= 2 &&
  rounds.every((round) => round.length === 2 && round.every(({ joules }) => joules > 0));

/**
 * What A and B of a run take, where its board can tell and there is a B; null otherwise, and also where the board is
 * lost by now, as the run is done. Errors: cancelled.
 */
export async function energyOfRun(
  board: Board,
  before: BoardBefore | null,
  found: { readonly outcome: OptimizeOutcome; readonly model: OpenModel; readonly job: OptimizeJob },
  listener: Listener,
): Promise<Result<EnergyComparison | null, AppError>> {
  const { model, outcome, job } = found;
  const optimized = sha256Of(outcome.optimizedModel);
  if (!before || before.inventory.powerSensors.length === 0 || optimized === model.boardSha256)
    return ok(null);
  const put = await board.putModels(
    new Map([
      [model.boardSha256, model.boardBytes],
      [optimized, outcome.optimizedModel],
    ]),
  );
  const settings = { threads: job.threads, level: job.level };
  const hashes = [model.boardSha256, optimized] as const;
  const on = { board, inventory: before.inventory };
  const findings = put.ok ? await measureEnergy(on, hashes, settings, listener, 'report') : put;
  if (!findings.ok) return findings.error.kind === 'cancelled' ? findings : ok(null);
  return ok(findings.value.kind === 'measured' ? findings.value.energy : null);
}

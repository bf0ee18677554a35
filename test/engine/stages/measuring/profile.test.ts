import { describe, expect, test } from 'vitest';
import { ok } from '../../../../electron/contract/result.ts';
import { makeLedger } from '../../../../electron/engine/stages/candidates/ledger.ts';
import { analyse, profileModel } from '../../../../electron/engine/stages/measuring/profile.ts';
import type { Study } from '../../../../electron/engine/stages/study.ts';
import { residualModel } from '../../onnx/small-models.ts';

/** A board on which the operators take these times, and each of them a share more or less. */
function profiling(us: Readonly<Record<string, number>>, spread: number, budgetSeconds = 1e6) {
  const rounds: (number | undefined)[] = [];
  let call = 0;
  const host = {
    profile: async (_: Uint8Array, { iterations }: { iterations: number }, round?: number) => {
      rounds.push(round);
      const calls = (time: number) =>
        Array.from({ length: iterations }, () => time * (1 + (((call++ * 7) % 13) / 6 - 1) * spread));
      const events = Object.entries(us).map(([name, time]) => ({
        name,
        type: 'Conv',
        callsUs: calls(time),
        outputBytes: 4,
        parameterBytes: 0,
      }));
      const whole = new Array<number>(iterations).fill(100);
      return ok({ cleanUs: whole, instrumentedUs: whole, events, optimizedModel: new Uint8Array() });
    },
  };
  const job = { threads: 1, level: 'all', budgetSeconds };
  const [original, originalBytes, ledger] = [residualModel(), new Uint8Array(), makeLedger()];
  // What profiling needs of a study.
  const study = { host, job, ledger, original, originalBytes, model: original } as unknown as Study;
  return { study, rounds, run: () => profileModel(study, original, originalBytes) };
}

/** Calls of so many rounds. */
const callsIn = (rounds: number): number =>
  [10, 10, 20, 40, 80, 80].slice(0, rounds).reduce((a, b) => a + b, 0);

describe('the ranking', () => {
  test('stops after one round where it is certain, and says what it took', async () => {
    const { run, rounds } = profiling({ first: 60, second: 20 }, 0.1);
    // 100 ms of warming up are 1,000 calls in each of two passes.
    expect(await run()).toMatchObject({
      rankingCertain: true,
      calls: 10,
      inferences: 2 * (1000 + 10),
      inferencesFixed: 2 * (1000 + 240),
    });
    expect(rounds).toEqual([0]);
  });

  test('goes on, round by round, only until it is certain', async () => {
    const { run, rounds } = profiling({ first: 42, second: 36 }, 0.1);
    const { rankingCertain, calls, inferences } = await run();
    expect(rankingCertain).toBe(true);
    expect(rounds.length).toBeGreaterThan(1);
    expect(rounds.length).toBeLessThan(6);
    expect(rounds).toEqual(rounds.map((_, i) => i));
    expect(calls).toBe(callsIn(rounds.length));
    expect(inferences).toBe(2 * (1000 + 100 * (rounds.length - 1) + calls));
  });

  test('ends where it never becomes certain', async () => {
    const { run, rounds } = profiling({ first: 40, second: 40 }, 0.1);
    expect(await run()).toMatchObject({ rankingCertain: false, calls: 240 });
    expect(rounds).toHaveLength(6);
  });

  test('does not eat up the budget', async () => {
    const { run, rounds } = profiling({ first: 40, second: 40 }, 0.1, 0);
    expect(await run()).toMatchObject({ rankingCertain: false, calls: 10 });
    expect(rounds).toEqual([0]);
  });

  test('of A is what the run says that its ranking took', async () => {
    const { study } = profiling({ first: 60, second: 20 }, 0.1);
    await analyse(study);
    expect(study.ledger).toMatchObject({ rankingInferences: 2020, rankingInferencesFixed: 2480 });
  });

  test('of several boards is of the mean shares, begins anew when one is lost, and is certain when all are', async () => {
    const { study, rounds } = profiling({ first: 42, second: 36 }, 0.1);
    const { profile } = study.host;
    const second = profiling({ first: 10, second: 70 }, 0).study.host;
    let asked = 0;
    const host = {
      ...study.host,
      profile: async (...args: Parameters<typeof profile>) => {
        const [own, other] = [await profile(...args), await second.profile(...args)];
        if (!own.ok || !other.ok) return own;
        return ok({ ...own.value, others: ++asked === 1 ? [other.value, other.value] : [other.value] });
      },
    };
    const found = await profileModel({ ...study, host }, study.original, study.originalBytes);
    expect(found.operators.map(({ name, share }) => [name, share])).toEqual([
      ['second', expect.closeTo((0.36 + 0.7) / 2, 1)],
      ['first', expect.closeTo((0.42 + 0.1) / 2, 1)],
    ]);
    expect(found.rankingCertain).toBe(true);
    // The other board is certain at once, this one is not.
    expect(asked).toBeGreaterThan(2);
    expect(found.calls).toBe(callsIn(asked) - callsIn(1));
    expect(rounds).toHaveLength(asked);
  });
});

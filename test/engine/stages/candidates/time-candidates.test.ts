import { describe, expect, test } from 'vitest';
import { ok } from '../../../../electron/contract/result.ts';
import { featuresOf } from '../../../../electron/engine/experience/features.ts';
import type { FormWeights } from '../../../../electron/engine/experience/weights.ts';
import { applyEdits, type Edit, firstChannels } from '../../../../electron/engine/search/edits.ts';
import { makeLedger } from '../../../../electron/engine/stages/candidates/ledger.ts';
import type { Memory, Spared } from '../../../../electron/engine/stages/candidates/memory.ts';
import type { Candidate } from '../../../../electron/engine/stages/candidates/search.ts';
import { timeCandidates } from '../../../../electron/engine/stages/candidates/time-candidates.ts';
import type { Study } from '../../../../electron/engine/stages/study.ts';
import { oneConvolution } from '../../search/small-nets.ts';

const draft = oneConvolution();
const replaced = (form: Extract<Edit, { kind: 'replace' }>['form']): Edit => ({
  kind: 'replace',
  weight: 'w1',
  form,
});
const edits: readonly Edit[] = [
  replaced({ name: 'depthwise', kernel: 3 }),
  replaced({ name: 'pointwise' }),
  replaced({ name: 'average' }),
  replaced({ name: 'grouped', groups: 2 }),
  replaced({ name: 'grouped', groups: 4 }),
  replaced({ name: 'lowRank', rank: 2 }),
  replaced({ name: 'lowRank', rank: 4 }),
];

function candidateOf(edit: Edit, ordinal: number, expected: FormWeights): Candidate {
  const group = { name: 'conv', operators: ['conv'] };
  const kind = { operatorTypes: ['Conv'], features: featuresOf(draft.program) };
  return {
    ordinal,
    place: { group, draft, weights: ['w1'], latencyUs: 100, kind, expected },
    proposal: { edits: [edit], origin: 'seed', parents: [] },
    draft: applyEdits(draft, [edit], firstChannels),
    fate: 'checked',
    reason: null,
    latencyUs: null,
    ratio: null,
    error: null,
    klNats: null,
  } as unknown as Candidate;
}

/** Times the candidates of all edits, each twice, on a board where everything takes half of the first. */
async function timed(
  memory: Partial<Memory>,
  {
    budgetSeconds = 1e3,
    seed = 1,
    expected = new Map(),
  }: { readonly budgetSeconds?: number; readonly seed?: number; readonly expected?: FormWeights } = {},
) {
  const shown: string[] = [];
  let models = 0;
  const host = {
    signal: new AbortController().signal,
    event: () => undefined,
    time: async (sent: readonly Uint8Array[], { blocks }: { readonly blocks: number }) => {
      models += sent.length - 1;
      const us = sent.map((_, i) => (i === 0 ? 100 : 50));
      return ok({
        blocks: Array.from({ length: blocks }, () => ({ wallUs: us, cpuUs: us })),
        iterations: us.map(() => 1),
        callsUs: us.map((time) => [time]),
        dropped: [],
        failed: [],
      });
    },
  };
  const study = {
    host,
    job: { threads: 1, level: 'all', seed, budgetSeconds },
    ledger: makeLedger(),
    live: { funnel: () => undefined },
    model: { opsets: { '': 17 } },
  } as unknown as Study;
  const candidates = [...edits, ...edits].map((edit, i) => candidateOf(edit, i, expected));
  const whole: Memory = {
    weights: () => new Map(),
    spares: () => null,
    learn: () => undefined,
    refresh: () => undefined,
    ...memory,
  };
  await timeCandidates(study, candidates, whole, (some) =>
    shown.push(...some.map(({ proposal }) => JSON.stringify(proposal.edits[0]))),
  );
  return { candidates, shown, models, ledger: study.ledger };
}
const inVain: Spared = { by: 'prediction', reason: 'predicted 0.50 times as fast' };

describe('candidates', () => {
  test('of one structure share one timing, and are remembered with it', async () => {
    const { candidates, models, ledger } = await timed({});
    expect(models).toBe(edits.length);
    expect(ledger).toMatchObject({ structuresTimed: edits.length, sparedByPrediction: 0, checksOfSpared: 0 });
    for (const c of candidates) {
      expect(c).toMatchObject({ fate: 'timed', latencyUs: 50, reason: null });
      expect(c.ratio).toBeCloseTo(2, 9);
      expect(c.trial).toMatchObject({
        operatorTypes: ['Conv'],
        baselineUs: 100,
        latencyUs: 50,
        damage: null,
      });
    }
    expect(new Set(candidates.map((c) => c.trial?.structure)).size).toBe(edits.length);
  });

  test('are timed in turns: what memory expects most of, and as proposed', async () => {
    const expected = new Map([
      ['average', 5],
      ['depthwise 3', 0.1],
    ]);
    const { shown } = await timed({}, { expected });
    const order = [2, 0, 1, 3, 4, 5, 6].map((i) => JSON.stringify(edits[i]));
    expect(shown).toEqual(order);
  });

  test('for which there is no time are neither the most promising nor the first proposed', async () => {
    const expected = new Map([
      ['average', 5],
      ['pointwise', 4],
    ]);
    const { candidates } = await timed({}, { expected, budgetSeconds: 4 });
    const fate = (i: number) => [candidates[i]!.fate, candidates[i]!.reason];
    expect([fate(0), fate(2)]).toEqual([
      ['timed', null],
      ['timed', null],
    ]);
    for (const i of [1, 3, 4, 5, 6]) expect(fate(i)).toEqual(['checked', 'no time left to measure it']);
  });

  test('that are spared stay checked with the reason, but for one in ten, whose gain is counted', async () => {
    let [spared, checked] = [0, 0];
    for (let seed = 1; seed <= 40; seed++) {
      const { candidates, ledger, models } = await timed({ spares: () => inVain }, { seed });
      spared += ledger.sparedByPrediction;
      checked += ledger.checksOfSpared;
      expect(ledger.sparedByPrediction + ledger.checksOfSpared).toBe(edits.length);
      // Everything is twice as fast here: each check finds a gain.
      expect(ledger.wronglySpared).toBe(ledger.checksOfSpared);
      expect(models).toBe(ledger.checksOfSpared);
      for (const c of candidates)
        if (c.fate !== 'timed')
          expect(c).toMatchObject({ fate: 'checked', reason: inVain.reason, ratio: null });
    }
    expect(checked / (spared + checked)).toBeGreaterThan(0.04);
    expect(checked / (spared + checked)).toBeLessThan(0.18);
  });
});

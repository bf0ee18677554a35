import { describe, expect, test } from 'vitest';
import { checkProgram, signatureOf } from '../../../electron/engine/instructions/check.ts';
import { costOf } from '../../../electron/engine/instructions/cost.ts';
import { linears } from '../../../electron/engine/search/draft.ts';
import { applyEdit, applyEdits, type Edit, firstChannels } from '../../../electron/engine/search/edits.ts';
import { formsFor } from '../../../electron/engine/search/forms/known.ts';
import { classifier, oneConvolution, outputOf, residualBlock } from './small-nets.ts';

describe('replacing one convolution', () => {
  const draft = oneConvolution();
  const [linear] = linears(draft.program);

  test.each(formsFor(linear!).map((form) => [JSON.stringify(form), form] as const))(
    '%s keeps the signature and passes the checker',
    (_name, form) => {
      const edited = applyEdit(draft, { kind: 'replace', weight: 'w1', form }, firstChannels);
      expect(edited).not.toBeNull();
      expect(checkProgram(edited!.program, signatureOf(draft.program))).toEqual({
        ok: true,
        value: undefined,
      });
      expect(costOf(edited!.program).multiplyAdds).toBeLessThan(costOf(draft.program).multiplyAdds);
      expect(outputOf(edited!).every(Number.isFinite)).toBe(true);
    },
  );

  test('a separable form of full rank computes the same', () => {
    const data = new Float32Array(16 * 8 * 9);
    const [vertical, horizontal] = [
      [0.2, 1, -0.4],
      [0.5, -1, 2],
    ];
    for (let o = 0; o < 16; o++)
      for (let i = 0; i < 8; i++)
        for (let t = 0; t < 9; t++)
          data[(o * 8 + i) * 9 + t] =
            Math.sin(o + 1) * Math.cos(i) * vertical[Math.floor(t / 3)]! * horizontal[t % 3]!;
    const rankOne = {
      ...draft,
      parameters: new Map([...draft.parameters, ['w1', { shape: [16, 8, 3, 3], data }] as const]),
    };
    const edited = applyEdit(
      rankOne,
      { kind: 'replace', weight: 'w1', form: { name: 'separable', rank: 2 } },
      firstChannels,
    );
    expectClose(outputOf(edited!), outputOf(rankOne), 1e-5);
    const depthwise = applyEdit(
      rankOne,
      { kind: 'replace', weight: 'w1', form: { name: 'depthwise', kernel: 3 } },
      firstChannels,
    );
    expectClose(outputOf(depthwise!), outputOf(rankOne), 1e-5);
  });

  test('a form that does not fit is refused', () => {
    for (const form of [
      { name: 'lowRank', rank: 8 },
      { name: 'grouped', groups: 3 },
    ] as const)
      expect(applyEdit(draft, { kind: 'replace', weight: 'w1', form }, firstChannels)).toBeNull();
    expect(
      applyEdit(draft, { kind: 'replace', weight: 'nobody', form: { name: 'pointwise' } }, firstChannels),
    ).toBeNull();
  });
});

describe('fewer channels', () => {
  test('dropping channels whose weights are zero changes nothing', () => {
    const draft = residualBlock();
    const zeroed = new Map(draft.parameters);
    for (const [name, perChannel] of [
      ['w1', 72],
      ['w1.bias', 1],
    ] as const) {
      const value = draft.parameters.get(name)!;
      zeroed.set(name, {
        shape: value.shape,
        data: value.data.map((v, i) => (Math.floor(i / perChannel) % 2 === 1 ? 0 : v)),
      });
    }
    const half = { ...draft, parameters: zeroed };
    const even = (_w: string, keep: number) => Array.from({ length: keep }, (_, i) => 2 * i);
    const edited = applyEdit(half, { kind: 'narrow', weight: 'w1', keep: 8 }, even);
    expect(edited!.parameters.get('w1')!.shape).toEqual([8, 8, 3, 3]);
    expect(edited!.parameters.get('w2')!.shape).toEqual([8, 8, 3, 3]);
    expectClose(outputOf(edited!), outputOf(half), 1e-9);
  });

  test('channels are followed through flattening into a matrix product', () => {
    const edited = applyEdit(classifier(), { kind: 'narrow', weight: 'w2', keep: 4 }, firstChannels);
    expect(edited!.parameters.get('w3')!.shape).toEqual([4 * 64, 5]);
    expect(edited!.refits).toEqual([{ weight: 'w3', target: 'w3' }]);
  });

  test('channels that meet a residual sum or are the result cannot go', () => {
    expect(applyEdit(residualBlock(), { kind: 'narrow', weight: 'w2', keep: 4 }, firstChannels)).toBeNull();
    expect(applyEdit(oneConvolution(), { kind: 'narrow', weight: 'w1', keep: 4 }, firstChannels)).toBeNull();
  });
});

describe('leaving out', () => {
  test('the branch of a residual sum leaves its skip', () => {
    const draft = residualBlock();
    const edited = applyEdit(draft, { kind: 'dropBranch', weight: 'w1' }, firstChannels);
    expect(linears(edited!.program)).toEqual([]);
    expect(checkProgram(edited!.program, signatureOf(draft.program)).ok).toBe(true);
    expect(applyEdit(draft, { kind: 'dropBranch', weight: 'w2' }, firstChannels)).toBeNull();
  });

  test('an instruction that changes the shape cannot be skipped', () => {
    expect(applyEdit(oneConvolution(), { kind: 'skip', weight: 'w1' }, firstChannels)).toBeNull();
  });
});

test('edits given in any order make the same program', () => {
  const edits: Edit[] = [
    { kind: 'replace', weight: 'w2', form: { name: 'depthwise', kernel: 3 } },
    { kind: 'narrow', weight: 'w1', keep: 6 },
  ];
  const one = applyEdits(classifier(), edits, firstChannels);
  const other = applyEdits(classifier(), [...edits].reverse(), firstChannels);
  expect(one!.program).toEqual(other!.program);
});

function expectClose(a: Float64Array, b: Float64Array, tolerance: number): void {
  expect(a.length).toBe(b.length);
  const worst = a.reduce((most, v, i) => Math.max(most, Math.abs(v - b[i]!)), 0);
  expect(worst).toBeLessThan(tolerance);
}

import { describe, expect, test } from 'vitest';
import { ProgramBuilder } from '../../../electron/engine/instructions/builder.ts';
import { checkProgram, signatureOf } from '../../../electron/engine/instructions/check.ts';
import { type Draft, gatherValues } from '../../../electron/engine/search/draft.ts';
import { applyEdit, type ChooseChannels, firstChannels } from '../../../electron/engine/search/edits.ts';
import { headsOf, widthsOf } from '../../../electron/engine/search/streams.ts';
import { outputOf, residualBlock, withValues } from './small-nets.ts';
import { residualNet, transformer } from './stream-nets.ts';

/** Sets the parameters' entries outside `kept` along an axis to 0. */
function silence(draft: Draft, names: readonly [string, number][], kept: readonly number[]): Draft {
  const parameters = new Map(draft.parameters);
  for (const [name, axis] of names) {
    const value = draft.parameters.get(name)!;
    const inner = value.shape.slice(axis + 1).reduce((a, d) => a * d, 1);
    const data = value.data.map((v, i) =>
      kept.includes(Math.floor(i / inner) % value.shape[axis]!) ? v : 0,
    );
    parameters.set(name, { shape: value.shape, data });
  }
  return { ...draft, parameters };
}

const always =
  (indices: readonly number[]): ChooseChannels =>
  () =>
    indices;

function expectSame(edited: Draft | null, draft: Draft): void {
  expect(edited).not.toBeNull();
  expect(checkProgram(edited!.program, signatureOf(draft.program))).toEqual({ ok: true, value: undefined });
  const [a, b] = [outputOf(edited!, 2), outputOf(draft, 2)];
  expect(Math.max(...a.map((v, i) => Math.abs(v - b[i]!)))).toBeLessThan(1e-6);
}

describe('channels of a residual stream', () => {
  const kept = [0, 3, 4, 6];

  test.each(['pad', 'concat', 'conv'] as const)(
    'silent channels go from everything that writes or reads them, past a shortcut by %s',
    (shortcut) => {
      const bias = ['stem', 'a2'].flatMap((n): [string, number][] => [
        [n, 0],
        [`${n}.bias`, 0],
      ]);
      const silent = silence(residualNet(shortcut), bias, kept);
      const edited = applyEdit(silent, { kind: 'narrowStream', weight: 'stem', keep: 4 }, always(kept));
      expectSame(edited, silent);
      expect(edited!.parameters.get('a1')!.shape).toEqual([8, 4, 3, 3]);
      expect(edited!.parameters.get('b1')!.shape).toEqual([16, 4, 3, 3]);
    },
  );

  test.each(['pad', 'concat'] as const)(
    'the wider stream behind a shortcut by %s is cut alone',
    (shortcut) => {
      // With `pad` the shortcut holds 4 to 11, with `concat` 0 to 7: it is silenced by its one reader.
      const wide = [1, 2, 5, 6, 7, 9, 10, 14];
      const silent = silence(
        residualNet(shortcut),
        [
          ['b2', 0],
          ['b2.bias', 0],
          ['fc', 0],
        ],
        wide,
      );
      const edited = applyEdit(silent, { kind: 'narrowStream', weight: 'b2', keep: 8 }, always(wide));
      expectSame(edited, silent);
      expect(edited!.parameters.get('stem')!.shape).toEqual([8, 3, 3, 3]);
      expect(edited!.parameters.get('fc')!.shape).toEqual([8, 5]);
    },
  );

  test('streams are listed with all that write into them, and are cut under the name of any', () => {
    const draft = residualNet('conv');
    const shared = widthsOf(draft.program).filter((s) => s.members.length > 1);
    expect(shared.map((s) => [s.weight, s.members, s.extent])).toEqual([
      ['stem', ['stem', 'a2'], 8],
      ['b2', ['b2', 'b3'], 16],
    ]);
    expect(widthsOf(draft.program).map((s) => s.weight)).toEqual(['stem', 'a1', 'b1', 'b2']);
    const [one, other] = ['b2', 'b3'].map((weight) =>
      applyEdit(draft, { kind: 'narrowStream', weight, keep: 8 }, firstChannels),
    );
    expect(one!.program).toEqual(other!.program);
  });

  test('a stream that is an input or a result stays', () => {
    expect(
      applyEdit(residualBlock(), { kind: 'narrowStream', weight: 'w2', keep: 4 }, firstChannels),
    ).toBeNull();
    expect(
      applyEdit(residualNet('conv'), { kind: 'narrowStream', weight: 'fc', keep: 4 }, firstChannels),
    ).toBeNull();
  });
});

describe('transformers', () => {
  test('the embedding is cut through normalization, whose means are over what is kept', () => {
    const edited = applyEdit(
      transformer(),
      { kind: 'narrowStream', weight: 'embed', keep: 8 },
      firstChannels,
    );
    expect(edited!.parameters.get('positions')!.shape).toEqual([6, 8]);
    expect(edited!.parameters.get('q')!.shape).toEqual([8, 12]);
    expect(edited!.parameters.get('down')!.shape).toEqual([20, 8]);
    expect(checkProgram(edited!.program, signatureOf(transformer().program)).ok).toBe(true);
  });

  test('a head that the output ignores goes whole, with query, key and value', () => {
    const draft = transformer();
    const kept = [0, 1, 2, 3, 8, 9, 10, 11];
    const silent = silence(draft, [['out', 0]], kept);
    const edited = applyEdit(silent, { kind: 'narrowStream', weight: 'q', keep: 8 }, always(kept));
    expectSame(edited, silent);
    for (const name of ['q', 'k', 'v']) expect(edited!.parameters.get(name)!.shape).toEqual([12, 8]);
    expect(applyEdit(draft, { kind: 'narrowStream', weight: 'q', keep: 7 }, firstChannels)).toBeNull();
  });

  test('heads become narrower: query and key together, value with what reads it', () => {
    const draft = transformer();
    expect(headsOf(draft.program)).toMatchObject([
      { weight: 'q', heads: 3, width: 4, members: ['q', 'k'] },
      { weight: 'v', heads: 3, width: 4, members: ['v'] },
    ]);
    const kept = [0, 2, 4, 6, 8, 10];
    const silent = silence(
      draft,
      [
        ['q', 1],
        ['q.bias', 0],
      ],
      kept,
    );
    expectSame(applyEdit(silent, { kind: 'narrowHeads', weight: 'k', keep: 2 }, always(kept)), silent);
    const mute = silence(draft, [['out', 0]], kept);
    expectSame(applyEdit(mute, { kind: 'narrowHeads', weight: 'v', keep: 2 }, always(kept)), mute);
  });

  test('a feed-forward layer is cut through a GELU written with erf', () => {
    const kept = [0, 1, 2, 3, 7, 8, 15, 19];
    const silent = silence(transformer(), [['down', 0]], kept);
    expectSame(applyEdit(silent, { kind: 'narrow', weight: 'up', keep: 8 }, always(kept)), silent);
  });

  test('the branch of attention and that of the feed-forward layer can be left out', () => {
    for (const weight of ['q', 'up'])
      expect(applyEdit(transformer(), { kind: 'dropBranch', weight }, firstChannels)).not.toBeNull();
  });
});

describe('grouped convolutions', () => {
  /** x [N,4,6,6] → `a` 4→12, conv `g` in 3 groups 12→6, `c` 6→4, the mean, as a result. */
  function grouped(): Draft {
    const b = new ProgramBuilder();
    const at = (groups: number) => ({ strides: [1, 1], dilations: [1, 1], pads: [1, 1, 1, 1], groups });
    const a = b.add('conv', [b.input('x', [-1, 4, 6, 6]), b.parameter('a', [12, 4, 3, 3])], at(1));
    const g = b.add('conv', [b.add('relu', [a], {}), b.parameter('g', [6, 4, 3, 3])], at(3));
    const c = b.add('conv', [g, b.parameter('c', [4, 6, 3, 3])], at(1));
    return withValues(b.build([b.add('mean', [c], { axes: [2, 3], keepDims: false })]));
  }

  test('whole groups go, with their inputs and outputs', () => {
    const silent = silence(grouped(), [['c', 1]], [0, 1, 4, 5]);
    const kept = [0, 1, 2, 3, 8, 9, 10, 11];
    const edited = applyEdit(silent, { kind: 'narrowStream', weight: 'a', keep: 8 }, always(kept));
    expectSame(edited, silent);
    expect(edited!.parameters.get('g')!.shape).toEqual([4, 4, 3, 3]);
  });

  test('the same inputs of every group go', () => {
    const silent = silence(grouped(), [['g', 1]], [0, 2]);
    const edited = applyEdit(
      silent,
      { kind: 'narrowHeads', weight: 'a', keep: 2 },
      always([0, 2, 4, 6, 8, 10]),
    );
    expectSame(edited, silent);
    expect(edited!.parameters.get('g')!.shape).toEqual([6, 2, 3, 3]);
  });
});

test('picking indices keeps them in the order asked for', () => {
  const value = { shape: [2, 3], data: Float32Array.from([0, 1, 2, 3, 4, 5]) };
  expect(Array.from(gatherValues(value, 1, [2, 0]).data)).toEqual([2, 0, 5, 3]);
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compareLines } from '../../electron/cli/tables/compare.ts';
import { noPaint } from '../../electron/cli/tables/text-table.ts';
import type { CompareCall } from '../../electron/contract/api.ts';
import { readModel } from '../../electron/engine/onnx/read.ts';
import { sha256Of } from '../../electron/store/blobs.ts';
import { makeDenseModel } from '../board/tiny-models.ts';
import { errorOf, listening, openApp, unwrap, workFolder } from './app-setup.ts';
import { candidateOf } from './choosing-engine.ts';
import { type FakeTraits, fakeBoards, lostAt } from './fake-boards.ts';

/** Boards that are lost here do not come back. */
const patience = { pausesMs: [1], totalMs: 5_000, lossesOfOne: 3 };

const [quick, small] = ['ssh://pi@quick:22', 'ssh://pi@small:22'] as const;
const tiny = unwrap(readModel(makeDenseModel(16, 2).bytes, 'tiny.onnx'));
const b = candidateOf(tiny, 'even');
const call: CompareCall = {
  modelPathA: 'tiny.onnx',
  modelPathB: 'b.onnx',
  board: { address: quick },
  boards: [{ address: quick }, { address: small }],
  threads: 1,
};

async function withBoards(changes: Partial<FakeTraits> = {}) {
  const folder = workFolder();
  writeFileSync(join(folder, 'b.onnx'), b);
  const taking = (aUs: number, bUs: number) => (sha256: string) => (sha256 === sha256Of(b) ? bUs : aUs);
  const fakes = fakeBoards({
    [quick]: { id: 'quick', us: taking(90, 30) },
    [small]: { id: 'small', us: taking(880, 550), ...changes },
  });
  return { app: await openApp(folder, { patience, connectBoard: fakes.connectBoard }), boards: fakes.boards };
}

describe('a comparison on several boards', () => {
  test('has a verdict for each, and is told as the one that is the least certain', async () => {
    const { app, boards } = await withBoards();
    const listener = listening();
    const compared = unwrap(await app.compare(call, listener));
    expect(compared.board.id).toBe('small');
    expect(compared.speedup).toBeCloseTo(1.6, 2);
    expect(
      compared.boards?.map(({ address, comparison }) => [address, comparison?.verdict, comparison?.speedup]),
    ).toEqual([
      [quick, 'faster', expect.closeTo(3, 1)],
      [small, 'faster', expect.closeTo(1.6, 2)],
    ]);
    const stages = listener.events.flatMap((e) => (e.kind === 'stageFinished' ? [e.stage] : []));
    expect(stages).toEqual(['connect', 'compare']);
    expect([...boards.values()].every(({ closed }) => closed)).toBe(true);
    const text = compareLines(compared, { width: 110, paint: noPaint, folder: '/' }).join('\n');
    expect(text).toMatch(/quick \(ssh:\/\/pi@quick:22\) .* 3\.0\d× .* faster/);
    expect(text).toMatch(/small \(ssh:\/\/pi@small:22\) .* 1\.60× .* faster/);
  });

  test('is inconclusive where one board is, and goes on without one that fails', async () => {
    const noisy = await withBoards({
      us: (sha256) => (sha256 === sha256Of(b) ? 200 : 880),
      controlFactor: 5,
    });
    expect(unwrap(await noisy.app.compare(call, listening()))).toMatchObject({
      verdict: 'inconclusive',
      board: { id: 'small' },
      speedup: expect.closeTo(4.4, 1),
    });
    const same = await withBoards({ us: () => 880 });
    expect(unwrap(await same.app.compare(call, listening())).verdict).toBe('inconclusive');
    const { app, boards } = await withBoards();
    boards.get(small)!.failing = lostAt(small);
    const listener = listening();
    const compared = unwrap(await app.compare(call, listener));
    expect(compared.board.id).toBe('quick');
    expect(compared.boards?.[1]).toEqual({ address: small, error: lostAt(small), comparison: null });
    expect(listener.events).toContainEqual({
      kind: 'warning',
      warning: { kind: 'boardLeftOut', board: small, error: lostAt(small) },
    });
    // It was looked for as often as one is, and not once more by each that was told of the loss.
    const losses = listener.events.filter((e) => e.kind === 'warning' && e.warning.kind === 'linkLost');
    expect(losses).toHaveLength(patience.lossesOfOne - 1);
    const text = compareLines(compared, { width: 110, paint: noPaint, folder: '/' }).join('\n');
    expect(text).toMatch(/ssh:\/\/pi@small:22 .* left out\nThe connection to ssh:\/\/pi@small:22 was lost/);
    boards.get(quick)!.failing = lostAt(quick);
    expect(errorOf(await app.compare(call, listening()))).toEqual(lostAt(quick));
  });

  test('refuses models that cannot be compared before it connects, and the same board twice', async () => {
    const { app } = await withBoards({ id: 'quick' });
    const listener = listening();
    expect(errorOf(await app.compare({ ...call, modelPathB: 'no.onnx' }, listener)).kind).toBe(
      'modelMissing',
    );
    expect(listener.events).toEqual([]);
    expect(errorOf(await app.compare(call, listening())).kind).toBe('boardTwice');
  });
});

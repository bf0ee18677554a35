import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeBoardGroup } from '../../electron/app/board-group.ts';
import type { Measuring } from '../../electron/app/measuring.ts';
import { readRunRequest } from '../../electron/app/run-request.ts';
import type { Board } from '../../electron/board/board.ts';
import type { Api } from '../../electron/contract/api.ts';
import type { AppError } from '../../electron/contract/errors.ts';
import { fail, ok, type Result } from '../../electron/contract/result.ts';
import { runResultSchema } from '../../electron/contract/run-result.ts';
import { readModel } from '../../electron/engine/onnx/read.ts';
import { writeModel } from '../../electron/engine/onnx/write.ts';
import { sha256Of } from '../../electron/store/blobs.ts';
import { makeDenseModel } from '../board/tiny-models.ts';
import { errorOf, listening, openApp, openBeside, runOf, unwrap, workFolder } from './app-setup.ts';
import { type CandidateName, candidateNames, candidateOf, choosingEngine } from './choosing-engine.ts';
import { type FakeTraits, fakeBoards, lostAt } from './fake-boards.ts';
import { callOf } from './tiny-call.ts';

/** Boards that are lost here do not come back. */
const patience = { pausesMs: [], totalMs: 1_000, lossesOfOne: 1 };

const [quick, small] = ['ssh://pi@quick:22', 'ssh://pi@small:22'] as const;
const two = callOf({
  board: { address: quick },
  boards: [{ address: quick }, { address: small }],
  out: 'results',
});

const tiny = unwrap(readModel(makeDenseModel(16, 2).bytes, 'tiny.onnx'));
const a = sha256Of(writeModel(tiny));
const shaOf = (name: CandidateName): string => sha256Of(candidateOf(tiny, name));
const nameOfModel = new Map(candidateNames.map((name) => [shaOf(name), name] as const));

/** Times by candidate; A and its control take `original`. */
const taking =
  (original: number, us: Readonly<Record<CandidateName, number | null>>): FakeTraits['us'] =>
  (sha256) => {
    const name = nameOfModel.get(sha256);
    return name === undefined ? original : us[name];
  };

/** Ratios 3, 1.5 and 0.9 on the one, 1.1, 1.6 and 4 on the other: each board's favourite is not the common choice. */
const traits = {
  quick: { id: 'quick', us: taking(90, { bold: 30, even: 60, lopsided: 100 }), peakMemoryBytes: 5e6 },
  small: { id: 'small', us: taking(880, { bold: 800, even: 550, lopsided: 220 }), peakMemoryBytes: 7e6 },
} as const;

interface Changes {
  readonly quick?: Partial<FakeTraits>;
  readonly small?: Partial<FakeTraits>;
}

async function withBoards(
  { quick: ofQuick, small: ofSmall }: Changes = {},
  onScreened?: (boards: ReturnType<typeof fakeBoards>['boards']) => void,
  folder = workFolder(),
) {
  const fakes = fakeBoards({
    [quick]: { ...traits.quick, ...ofQuick },
    [small]: { ...traits.small, ...ofSmall },
  });
  const app: Api = await openApp(folder, {
    patience,
    connectBoard: fakes.connectBoard,
    runInEngine: choosingEngine(() => onScreened?.(fakes.boards)),
  });
  return { app, folder, at: (address: string) => fakes.boards.get(address)! };
}

describe('a run on several boards', () => {
  test('warns of each board by its name, and keeps the state of the one that the figures are of', async () => {
    const governors = [{ cores: [0], governor: 'ondemand' }];
    const { app } = await withBoards({ small: { reading: { governors } } });
    const listener = listening();
    const { result } = unwrap(await app.optimize(two, listener));
    const warned = listener.events.flatMap((event) => (event.kind === 'warning' ? [event.warning] : []));
    expect(warned).toContainEqual({
      kind: 'boardConcern',
      board: 'small',
      concern: expect.objectContaining({ kind: 'governor', value: 'ondemand' }),
    });
    expect(warned.filter(({ kind }) => kind === 'boardConcern')).toHaveLength(1);
    expect(result.board).toMatchObject({ id: 'quick', provider: 'cpu' });
    expect(result.conditions).toMatchObject({ governor: 'performance', concerns: [] });
  });

  test('chooses what gains most on the board where it gains least, and tells of each board', async () => {
    const { app, folder, at } = await withBoards();
    const listener = listening();
    const { result, improved } = unwrap(await app.optimize(two, listener));
    expect(improved).toBe(true);
    expect(result.notes[0]).toBe('Chosen: even; ratios 1.10, 1.50, 0.90.');
    expect(result.optimized.sha256).toBe(shaOf('even'));
    // The figures of the result are those of the board where B gains least.
    expect(result.board.id).toBe('quick');
    expect(result.comparison.speedup).toBeCloseTo(1.5, 2);
    expect(result.original.latencyUs.p50).toBeCloseTo(90, -1);
    const [operator] = result.operators;
    expect(operator?.latencyUs).toBeCloseTo(operator!.share * result.original.latencyUs.p50);
    const [first, second] = result.boards ?? [];
    expect(first).toMatchObject({ address: quick, leftOut: null, board: { id: 'quick' } });
    expect(first?.comparison).toMatchObject({ verdict: 'faster', speedup: expect.closeTo(1.5, 2) });
    expect(second).toMatchObject({ address: small, leftOut: null, board: { id: 'small' } });
    expect(second?.comparison).toMatchObject({
      verdict: 'faster',
      speedup: expect.closeTo(1.6, 2),
      governor: 'performance',
      temperatureC: 50,
    });
    expect(second?.comparison?.originalUs.p50).toBeGreaterThan(800);
    // Peak memory is the most of all.
    expect(result.original.peakMemoryBytes).toBe(7e6);
    expect(result.boards?.map((b) => [b.originalPeakMemoryBytes, b.optimizedPeakMemoryBytes])).toEqual([
      [5e6, 5e6],
      [7e6, 7e6],
    ]);
    const written = JSON.parse(readFileSync(join(folder, 'results', 'result.json'), 'utf8'));
    expect(runResultSchema.parse(written)).toEqual(result);
    expect(at(quick).timed).toEqual(at(small).timed);
    expect([at(quick).closed, at(small).closed]).toEqual([true, true]);
    const connected = listener.events.flatMap((e) => (e.kind === 'boardConnected' ? [e.identity.id] : []));
    expect(connected.sort()).toEqual(['quick', 'small']);
    expect(listener.events).toContainEqual(
      expect.objectContaining({
        kind: 'stageFinished',
        stage: 'connect',
        summary: { kind: 'connectedSeveral', boards: ['quick', 'small'], asked: 2 },
      }),
    );
    const { trend, findRuns } = openBeside(folder);
    expect(trend('tiny').map(({ boardId, speedup }) => [boardId, speedup.toFixed(1)])).toEqual([
      ['quick', '1.5'],
      ['small', '1.6'],
    ]);
    for (const addresses of [[quick], [small]])
      expect(findRuns({ addresses, offset: 0, limit: 9 }).total).toBe(1);
    // What is of several boards together is no experience of one of them.
    const experiences = openBeside(folder).experiences.newest({
      run: '',
      boardId: 'quick',
      runtimeVersion: '1.30.0',
    });
    expect(experiences).toEqual([]);
  });

  test('names the boards where the best was not faster, and finds no improvement', async () => {
    const { app } = await withBoards({ small: { us: taking(880, { bold: 880, even: 880, lopsided: 880 }) } });
    const { result, improved, explanation, reason } = unwrap(await app.optimize(two, listening()));
    expect(improved).toBe(false);
    expect(reason).toEqual({ kind: 'notFaster', verdict: 'inconclusive', boards: ['small'] });
    expect(explanation).toBe('The best candidate was not distinguishable in speed from A on small.');
    expect(result.boards?.map((b) => b.comparison?.verdict)).toEqual(['faster', 'inconclusive']);
  });

  test('lets the board speak where it is not certain, though the ratio is higher there', async () => {
    const { app } = await withBoards({ small: { controlFactor: 2 } });
    const { result, reason } = unwrap(await app.optimize(two, listening()));
    expect(reason).toEqual({ kind: 'notFaster', verdict: 'inconclusive', boards: ['small'] });
    const [first, second] = result.boards!.map(({ comparison }) => comparison!);
    expect(second!.speedupInterval95[0]).toBeGreaterThan(first!.speedupInterval95[0]);
    expect([first!.verdict, second!.verdict]).toEqual(['faster', 'inconclusive']);
  });

  test('ends when one board was stopped or what it measured cannot be kept, and blames no board', async () => {
    const member = (address: string, answer: Result<null, AppError>) => ({
      board: { address, identity: { id: address, name: address } } as Board,
      measuring: { peakMemory: async () => answer } as unknown as Measuring,
    });
    const lost: unknown[] = [];
    const group = makeBoardGroup(
      [member(quick, ok(null)), member(small, fail({ kind: 'diskFull', path: '/s' }))],
      [],
      (left) => lost.push(left),
    );
    const asked = await group.peakMemory(new Uint8Array(), { threads: 1, level: 'all' });
    expect(errorOf(asked)).toEqual({ kind: 'diskFull', path: '/s' });
    expect(lost).toEqual([]);
  });

  test('counts a candidate that one board refuses as failed for all', async () => {
    const { app, at } = await withBoards({
      small: { us: taking(880, { bold: 400, even: null, lopsided: 880 }) },
    });
    const { result } = unwrap(await app.optimize(two, listening()));
    expect(result.optimized.sha256).toBe(shaOf('bold'));
    expect(at(small).timed).toContain(shaOf('even'));
    expect(result.boards?.every(({ leftOut }) => leftOut === null)).toBe(true);
  });

  test('goes on without a board that is lost on the way, and says that B is not proven there', async () => {
    const { app, at, folder } = await withBoards({}, (boards) => {
      boards.get(small)!.failing = lostAt(small);
    });
    const listener = listening();
    const { result, improved, run } = unwrap(await app.optimize(two, listener));
    expect(improved).toBe(true);
    expect(listener.events).toContainEqual({
      kind: 'warning',
      warning: { kind: 'boardLeftOut', board: small, error: lostAt(small) },
    });
    expect(result.boards?.[1]).toMatchObject({ leftOut: 'the link was cut', comparison: null });
    expect(result.notes).toContain('B is not proven on small, which was left out: the link was cut.');
    expect(result.board.id).toBe('quick');
    // What it had measured is kept.
    expect(at(small).asked.time).toBe(1);
    const times = openBeside(folder)
      .measurements.list(run)
      .filter(({ kind }) => kind === 'time');
    expect(times).toHaveLength(1 + 2);
  });

  test('fails as with one board when all are lost, and repeats nothing on either when it goes on', async () => {
    const folder = workFolder();
    const before = await withBoards(
      {},
      (boards) => {
        for (const board of boards.values()) board.failing = lostAt(board.address);
      },
      folder,
    );
    const listener = listening();
    expect(errorOf(await before.app.optimize(two, listener))).toMatchObject({ kind: 'boardLost' });
    const run = runOf(listener.events);
    const after = await withBoards({}, undefined, folder);
    const { improved, result } = unwrap(await after.app.resume(run, listening()));
    expect(improved).toBe(true);
    expect(result.boards).toHaveLength(2);
    for (const address of [quick, small]) {
      expect(before.at(address).asked).toEqual({ time: 1, profile: 1, peakMemory: 0 });
      // The claim and the memory of A and of B alone were left to be measured.
      expect(after.at(address).asked).toEqual({ time: 1, profile: 0, peakMemory: 2 });
    }
  });

  test('measures on a board that was lost what it missed, and nothing else again, when the run goes on', async () => {
    const folder = workFolder();
    const before = await withBoards(
      { small: { us: () => null } },
      (boards) => {
        boards.get(quick)!.failing = lostAt(quick);
      },
      folder,
    );
    const listener = listening();
    expect(errorOf(await before.app.optimize(two, listener))).toEqual(lostAt(quick));
    const after = await withBoards({}, undefined, folder);
    const { result } = unwrap(await after.app.resume(runOf(listener.events), listening()));
    expect(result.boards?.map(({ leftOut }) => leftOut)).toEqual([null, null]);
    expect(result.optimized.sha256).toBe(shaOf('even'));
    expect(after.at(quick).asked).toEqual({ time: 1, profile: 0, peakMemory: 2 });
    expect(after.at(small).asked).toEqual({ time: 2, profile: 1, peakMemory: 2 });
  });

  test('goes on without a board that cannot be connected any more', async () => {
    const folder = workFolder();
    const before = await withBoards(
      {},
      (boards) => {
        for (const board of boards.values()) board.failing = lostAt(board.address);
      },
      folder,
    );
    const listener = listening();
    await before.app.optimize(two, listener);
    const unreachable = { kind: 'boardUnreachable', board: small, reason: 'it is off' } as const;
    const after = await withBoards({ small: { unreachable } }, undefined, folder);
    const { result } = unwrap(await after.app.resume(runOf(listener.events), listening()));
    expect(result.boards?.[1]).toMatchObject({ address: small, board: null, leftOut: 'it is off' });
    expect(result.notes).toContain(`B is not proven on ${small}, which was left out: it is off.`);
  });

  test('goes on with the boards that can be connected, and fails where none can', async () => {
    const error = { kind: 'boardUnreachable', board: quick, reason: 'it is off' } as const;
    const { app } = await withBoards({ quick: { unreachable: error } });
    const listener = listening();
    const { result } = unwrap(await app.optimize(two, listener));
    expect(result.board.id).toBe('small');
    expect(result.optimized.sha256).toBe(shaOf('lopsided'));
    expect(listener.events).toContainEqual({
      kind: 'warning',
      warning: { kind: 'boardLeftOut', board: quick, error },
    });
    const another = {
      kind: 'boardIsAnother',
      address: quick,
      expectedName: 'quick',
      foundName: 'other',
      foundId: 'f'.repeat(32),
    } as const;
    const swapped = await withBoards({ quick: { unreachable: another } });
    const { boards } = unwrap(await swapped.app.optimize(two, listening())).result;
    expect(boards?.[1]).toMatchObject({
      address: quick,
      leftOut: 'another board (other) answered in its place',
    });
    const none = await withBoards({ quick: { unreachable: error }, small: { unreachable: error } });
    expect(errorOf(await none.app.optimize(two, listening()))).toEqual(error);
  });

  test('may be told when it goes on which board stands at an address now, wherever that is', async () => {
    const folder = workFolder();
    const before = await withBoards(
      {},
      (boards) => {
        for (const board of boards.values()) board.failing = lostAt(board.address);
      },
      folder,
    );
    const listener = listening();
    await before.app.optimize(two, listener);
    const after = await withBoards({ small: { id: 'new' } }, undefined, folder);
    const run = runOf(listener.events);
    const { result } = unwrap(await after.app.resume(run, listening(), { acceptBoard: 'new' }));
    expect(result.boards?.map(({ board }) => board?.id)).toEqual(['quick', 'new']);
    expect(after.at(small).asked).toMatchObject({ time: 2, profile: 1 });
  });

  test('leaves a board out that does not run A', async () => {
    const { app } = await withBoards({ small: { us: (sha256) => (sha256 === a ? null : 100) } });
    const { result } = unwrap(await app.optimize(two, listening()));
    expect(result.boards?.[1]).toMatchObject({ leftOut: 'it is refused', comparison: null });
  });

  test('stops for all when the person stops it', async () => {
    const listener = listening();
    const { app, folder } = await withBoards({}, () => listener.controller.abort());
    // A stop is no failure of a board.
    expect(errorOf(await app.optimize(two, listener))).toEqual({ kind: 'cancelled' });
    expect(listener.events.some((e) => e.kind === 'warning')).toBe(false);
    expect(openBeside(folder).runs.get(runOf(listener.events))?.state).toBe('cancelled');
  });

  test('refuses the same board twice, by its address before it connects and by who it is', async () => {
    const { app, at } = await withBoards({ small: { id: 'quick' } });
    const listener = listening();
    expect(errorOf(await app.optimize(two, listener))).toEqual({
      kind: 'boardTwice',
      board: small,
      other: quick,
    });
    expect([at(quick).closed, at(small).closed]).toEqual([true, true]);
    const boards = [{ address: 'ssh://pi@quick' }, { address: 'ssh://pi@QUICK:22/' }];
    const again = listening();
    expect(errorOf(await app.optimize({ ...two, boards }, again))).toMatchObject({ kind: 'boardTwice' });
    expect(again.events.some((e) => e.kind === 'boardConnected')).toBe(false);
  });

  test('asks one question at a time about the keys of boards', async () => {
    const fakes = fakeBoards({ [quick]: traits.quick, [small]: traits.small });
    const app = await openApp(workFolder(), {
      runInEngine: choosingEngine(),
      connectBoard: async (choice, contact, options) => {
        await contact.confirmHostKey(choice.address, 'SHA256:key');
        return fakes.connectBoard(choice, contact, options);
      },
    });
    let open = 0;
    let most = 0;
    const asked: string[] = [];
    const confirmHostKey = async (board: string): Promise<boolean> => {
      asked.push(board);
      most = Math.max(most, ++open);
      await new Promise((resolve) => setImmediate(resolve));
      open -= 1;
      return true;
    };
    unwrap(await app.optimize(two, { ...listening(), confirmHostKey }));
    expect(asked).toEqual([quick, small]);
    expect(most).toBe(1);
  });
});

test('A stored request of a run with one board is read as it was written, and one with several likewise.', () => {
  const { boards, ...one } = two;
  const stored = { call: one, cwd: '/work', dataFingerprint: 'f' };
  expect(readRunRequest(JSON.parse(JSON.stringify(stored)))).toEqual(stored);
  const several = { ...stored, call: two };
  expect(readRunRequest(JSON.parse(JSON.stringify(several)))).toEqual(several);
  expect(boards).toHaveLength(2);
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OptimizeCall } from '../../electron/contract/api.ts';
import { boardIdOf } from '../../electron/runner/board-id.ts';
import { boardRootOf, choicesOf, connectTo, nameBoards, startBoardServers } from '../faults/board-servers.ts';
import { type PrivateSshd, sshdMissing } from '../faults/private-sshd.ts';
import { findProcesses, until } from '../faults/processes.ts';
import { errorOf, listening, openApp, openBeside, unwrap, workFolder } from './app-setup.ts';
import { timings } from './fake-jobs.ts';
import { callOf } from './tiny-call.ts';

describe.skipIf(sshdMissing !== '')(`two boards behind SSH ${sshdMissing}`, () => {
  let servers: readonly PrivateSshd[] = [];

  beforeAll(async () => {
    servers = await startBoardServers(2);
  });
  afterAll(() => Promise.all(servers.map((server) => server.stop())));

  /** Both servers are on this machine; `names` tell them apart as they do boards of one image. */
  const openOn = async (names: readonly string[]) => {
    const folder = workFolder();
    nameBoards(servers, names);
    const boards = choicesOf(servers);
    const app = await openApp(folder, { connectBoard: connectTo(servers) });
    const [board] = boards;
    if (!board) throw new Error('No server');
    const call: OptimizeCall = callOf({ board, boards });
    return { app, folder, call };
  };

  test('are measured at once, each with its own measurements under the run', async () => {
    const { app, folder, call } = await openOn(['left', 'right']);
    const listener = listening();
    const { result, run, improved } = unwrap(await app.optimize(call, listener));
    expect(improved).toBe(true);
    const ids = ['left', 'right'].map(boardIdOf);
    expect(result.boards?.map(({ board }) => board?.id)).toEqual(ids);
    expect(result.boards?.every((b) => b.leftOut === null && (b.originalPeakMemoryBytes ?? 0) > 0)).toBe(
      true,
    );
    const store = openBeside(folder);
    const times = store.measurements.list(run).filter(({ kind }) => kind === 'time');
    expect(times).toHaveLength(2 * timings);
    expect(new Set(times.map(({ key }) => key)).size).toBe(2 * timings);
    expect(
      store.boards
        .list()
        .map(({ identity }) => identity.id)
        .sort(),
    ).toEqual([...ids].sort());
    for (const server of servers) await until(() => findProcesses(boardRootOf(server)).length === 0);
  }, 120_000);

  test('that say that they are the same one are refused, and nothing is left running', async () => {
    const { app, call } = await openOn(['one', 'one']);
    const [first, second] = servers.map(({ address }) => address);
    expect(errorOf(await app.optimize(call, listening()))).toEqual({
      kind: 'boardTwice',
      board: second,
      other: first,
    });
    for (const server of servers) await until(() => findProcesses(boardRootOf(server)).length === 0);
  }, 120_000);
});

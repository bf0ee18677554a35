import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import type { AppOptions } from '../../electron/app/app.ts';
import type { Patience } from '../../electron/app/lasting-board.ts';
import type { Board } from '../../electron/board/board.ts';
import { connectBoard } from '../../electron/board/connect.ts';
import type { RunEvent } from '../../electron/contract/api.ts';
import type { RunWarning } from '../../electron/contract/run-notes.ts';
import { type PrivateSshd, sshdMissing, startPrivateSshd } from '../faults/private-sshd.ts';
import { findProcesses, until } from '../faults/processes.ts';
import { errorOf, listening, openApp, openBeside, runOf, unwrap, workFolder } from './app-setup.ts';
import { timings } from './fake-jobs.ts';
import { callOf } from './tiny-call.ts';

/** Long enough for a loaded machine, and quick where the board is back at once. */
const patience: Patience = { pausesMs: [10, 300, 1_000, 3_000], totalMs: 60_000, lossesOfOne: 3 };
const impatient: Patience = { pausesMs: [10, 20], totalMs: 60_000, lossesOfOne: 3 };

async function startBoard(): Promise<PrivateSshd> {
  // A Node new enough on the board keeps the installation small.
  const sshd = await startPrivateSshd({ path: `${dirname(process.execPath)}:/usr/bin:/bin` });
  onTestFinished(() => sshd.stop());
  return sshd;
}

// One root for all tests: the runner is installed once.
const remoteRoot = mkdtempSync(join(tmpdir(), 'fieldtune-lost-'));
afterAll(() => rmSync(remoteRoot, { recursive: true, force: true }));

/** Connects to the root of these tests, and calls back in the middle of the `nth` timing of all. */
function interrupting(
  nth: number,
  onTiming: () => Promise<void>,
  changed: (board: Board) => Board = (board) => board,
) {
  onTestFinished(() => until(() => findProcesses(remoteRoot).length === 0));
  let timed = 0;
  let connects = 0;
  const connect: NonNullable<AppOptions['connectBoard']> = async (choice, contact, options) => {
    const connected = await connectBoard(choice, contact, { ...options, remoteRoot });
    if (!connected.ok) return connected;
    connects += 1;
    const { time } = connected.value;
    const board: Board = {
      ...connected.value,
      time: async (...request) => {
        timed += 1;
        const isNth = timed === nth;
        const answer = time(...request);
        if (isNth) await onTiming();
        return answer;
      },
    };
    return { ok: true, value: connects === 1 ? board : changed(board) };
  };
  return { connect, connects: () => connects };
}

const warningsOf = (events: readonly RunEvent[]): readonly RunWarning['kind'][] =>
  events.flatMap((event) =>
    event.kind === 'warning' && event.warning.kind.startsWith('link') ? [event.warning.kind] : [],
  );

const boardOf = (sshd: PrivateSshd) => ({
  address: sshd.address,
  identityFile: sshd.identityFile,
  acceptHostKey: sshd.fingerprint,
});

describe.skipIf(sshdMissing !== '')(`a link that is lost in mid-measurement ${sshdMissing}`, () => {
  test('is taken up again, with the key checked again, and the run comes to its end (fault 18)', async () => {
    const sshd = await startBoard();
    const folder = workFolder();
    let logAtRestart = '';
    const { connect, connects } = interrupting(5, async () => {
      sshd.kill();
      await sshd.restart();
      logAtRestart = sshd.log();
    });
    const app = await openApp(folder, { connectBoard: connect, patience });
    const listener = listening();
    const outcome = unwrap(await app.optimize(callOf({ board: boardOf(sshd) }), listener));
    expect(outcome.improved).toBe(true);
    expect(connects()).toBe(2);
    expect(warningsOf(listener.events)).toEqual(['linkLost', 'linkBack']);
    expect(sshd.log().slice(logAtRestart.length)).toMatch(/Accepted publickey/);
    const store = openBeside(folder);
    const times = store.measurements.list(outcome.run).filter(({ kind }) => kind === 'time');
    expect(times).toHaveLength(timings);
    expect(store.runs.get(outcome.run)?.state).toBe('improved');
  });

  test('stays lost when the board does: the run is interrupted once, and resumed where it was (fault 18)', async () => {
    const sshd = await startBoard();
    const folder = workFolder();
    const { connect } = interrupting(5, async () => sshd.kill());
    const app = await openApp(folder, { connectBoard: connect, patience: impatient });
    const listener = listening();
    const lost = errorOf(await app.optimize(callOf({ board: boardOf(sshd) }), listener));
    expect(lost).toMatchObject({ kind: 'boardLost', board: sshd.address });
    expect(warningsOf(listener.events)).toEqual(['linkLost']);
    const run = runOf(listener.events);
    const store = openBeside(folder);
    expect(store.runs.get(run)).toMatchObject({ state: 'interrupted', finishedAt: null });
    expect(unwrap(await app.history({}))).toMatchObject([{ run, state: 'interrupted' }]);
    const before = store.measurements.list(run);
    expect(before.filter(({ kind }) => kind === 'time')).toHaveLength(4);

    await sshd.restart();
    const again = unwrap(await app.resume(run, listening()));
    expect(again).toMatchObject({ run, improved: true });
    const after = store.measurements.list(run);
    expect(after.slice(0, before.length)).toEqual(before);
    expect(after.filter(({ kind }) => kind === 'time')).toHaveLength(timings);
  });

  test('is not taken up again where the key has changed meanwhile (fault 18)', async () => {
    const sshd = await startBoard();
    const folder = workFolder();
    const known = sshd.fingerprint;
    const { connect } = interrupting(3, async () => {
      sshd.kill();
      await sshd.replaceHostKey();
    });
    const app = await openApp(folder, { connectBoard: connect, patience });
    const board = { ...boardOf(sshd) };
    const listener = { ...listening(), confirmHostKey: async () => true };
    const refused = errorOf(await app.optimize(callOf({ board }), listener));
    expect(refused).toMatchObject({ kind: 'hostKeyChanged', known, fingerprint: sshd.fingerprint });
    expect(openBeside(folder).runs.get(runOf(listener.events))?.state).toBe('interrupted');
  });

  test('is never taken up with another board (fault 18)', async () => {
    const sshd = await startBoard();
    const folder = workFolder();
    let measuredElsewhere = 0;
    const another = (board: Board): Board => ({
      ...board,
      identity: { ...board.identity, id: 'f'.repeat(32), serialNumber: 'other' },
      time: (...request) => {
        measuredElsewhere += 1;
        return board.time(...request);
      },
    });
    const onTiming = async (): Promise<void> => {
      sshd.kill();
      await sshd.restart();
    };
    const { connect } = interrupting(3, onTiming, another);
    const app = await openApp(folder, { connectBoard: connect, patience });
    const listener = listening();
    const refused = errorOf(await app.optimize(callOf({ board: boardOf(sshd) }), listener));
    expect(refused).toMatchObject({
      kind: 'boardIsAnother',
      address: sshd.address,
      foundId: 'f'.repeat(32),
    });
    expect(measuredElsewhere).toBe(0);
    expect(openBeside(folder).runs.get(runOf(listener.events))?.state).toBe('interrupted');
  });

  test('is not looked for any longer when the person stops the work', async () => {
    const sshd = await startBoard();
    const folder = workFolder();
    const { connect } = interrupting(3, async () => sshd.kill());
    const endless: Patience = { pausesMs: Array(1_000).fill(3_600_000), totalMs: 86_400_000, lossesOfOne: 3 };
    const app = await openApp(folder, { connectBoard: connect, patience: endless });
    const listener = listening((event) => {
      if (event.kind === 'warning' && event.warning.kind === 'linkLost') listener.controller.abort();
    });
    const stopped = errorOf(await app.optimize(callOf({ board: boardOf(sshd) }), listener));
    expect(stopped).toEqual({ kind: 'cancelled' });
    expect(openBeside(folder).runs.get(runOf(listener.events))?.state).toBe('cancelled');
  });
});

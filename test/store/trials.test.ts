import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';
import { openStore } from '../../electron/store/open-store.ts';
import { identity, openedStore, startProgram, temporaryFolder, unwrap } from './store-setup.ts';
import { trialRecord } from './trial-record.ts';

function storeWithBoard(folder = temporaryFolder()) {
  const store = openedStore(folder);
  unwrap(store.boards.save(identity, 'local'));
  return store;
}
const verdict = { trial: 't-1', decision: 'approved', by: 'Sato', note: 'as good' } as const;

describe('trials', () => {
  test('await approval until a person decides, once', () => {
    const { trials } = storeWithBoard();
    unwrap(trials.save(trialRecord()));
    expect(trials.get('t-1')).toMatchObject({ ...trialRecord(), state: 'awaiting approval', decision: null });
    const decided = unwrap(trials.decide(verdict));
    expect(decided).toMatchObject({ state: 'approved', decision: { by: 'Sato', note: 'as good' } });
    expect(trials.get('t-1')).toEqual(decided);
    expect(trials.decide({ ...verdict, decision: 'rejected', by: 'Mallory' })).toEqual({
      ok: false,
      error: { kind: 'trialDecided', trial: 't-1', state: 'approved', by: 'Sato' },
    });
    expect(trials.decide({ ...verdict, trial: 't-9' })).toMatchObject({ error: { kind: 'trialUnknown' } });
  });

  test('stay as they were when a person decided on them, although they went on', () => {
    const { trials } = storeWithBoard();
    unwrap(trials.save(trialRecord({ ended: 'interrupted' })));
    const grown = { ...trialRecord().counts, inputs: 20, agreed: 19 };
    unwrap(trials.save(trialRecord({ counts: grown })));
    expect(trials.get('t-1')?.counts.inputs).toBe(20);
    unwrap(trials.decide(verdict));
    unwrap(trials.save(trialRecord({ counts: { ...grown, inputs: 500, agreed: 3 } })));
    expect(trials.get('t-1')).toMatchObject({ state: 'approved', counts: { inputs: 20 } });
  });

  test('are found by their run, by their models and by their board, the newest first', () => {
    const store = storeWithBoard();
    unwrap(store.boards.save({ ...identity, id: 'other' }, 'ssh://pi@10.0.0.9:22'));
    const { trials } = store;
    const at = (second: number) => `2026-11-27T17:00:0${second}.000Z`;
    unwrap(trials.save(trialRecord({ trial: 't-1', startedAt: at(1), run: 'r1' })));
    unwrap(trials.save(trialRecord({ trial: 't-2', startedAt: at(3), run: 'r1', boardId: 'other' })));
    unwrap(trials.save(trialRecord({ trial: 't-3', startedAt: at(2) })));
    const c = { path: 'c.onnx', sha256: 'c'.repeat(64) };
    unwrap(trials.save(trialRecord({ trial: 't-4', startedAt: at(4), b: c })));
    const ids = (list: readonly { readonly trial: string }[]) => list.map(({ trial }) => trial);
    expect(ids(trials.list())).toEqual(['t-4', 't-2', 't-3', 't-1']);
    expect(ids(trials.list({ run: 'r1' }))).toEqual(['t-2', 't-1']);
    expect(ids(trials.list({ run: 'r1' }, identity.id))).toEqual(['t-1']);
    const models = { sha256A: 'a'.repeat(64), sha256B: 'b'.repeat(64) };
    expect(ids(trials.list(models))).toEqual(['t-2', 't-3', 't-1']);
    expect(ids(trials.list(models, 'other'))).toEqual(['t-2']);
  });

  test('that were acknowledged are there after kill -9, and so is who approved (fault 37)', async () => {
    const folder = temporaryFolder();
    storeWithBoard(folder).close();
    const acknowledged: string[] = [];
    for (let kill = 0; kill < 4; kill++) {
      const first = String(1_000 * kill);
      const { child, ended } = startProgram('./deciding-program.ts', folder, first);
      let seen = 0;
      for await (const line of createInterface({ input: child.stdout })) {
        acknowledged.push(line);
        if (++seen === 3 + kill) child.kill('SIGKILL');
      }
      await ended;
    }
    const store = unwrap(openStore(folder));
    expect(acknowledged.length).toBeGreaterThanOrEqual(18);
    for (const trial of acknowledged)
      expect(store.trials.get(trial)).toMatchObject({ state: 'approved', decision: { by: 'Sato' } });
    store.close();
  });
});

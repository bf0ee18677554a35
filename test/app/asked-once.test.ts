import { expect, test } from 'vitest';
import type { AppOptions } from '../../electron/app/app.ts';
import { connectBoard } from '../../electron/board/connect.ts';
import type { SignInQuestion } from '../../electron/contract/questions.ts';
import { fail } from '../../electron/contract/result.ts';
import { listening, openApp, unwrap, workFolder } from './app-setup.ts';
import { callOf } from './tiny-call.ts';

const address = 'ssh://pi@bench:22';
const password = { kind: 'password', board: address, user: 'pi' } as const;

test('a password is asked for once while a run goes on, and again only where it was wrong', async () => {
  const asked: SignInQuestion[] = [];
  const given: unknown[] = [];
  let connects = 0;
  // This computer, behind an address over SSH that wants a password; its first link is lost at the first timing.
  const connect: NonNullable<AppOptions['connectBoard']> = async (_choice, contact, options) => {
    connects += 1;
    given.push(await contact.ask?.({ ...password, failedTries: 0 }));
    if (connects === 1) given.push(await contact.ask?.({ ...password, failedTries: 1 }));
    const connected = await connectBoard({ address: 'local' }, contact, options);
    if (!connected.ok) return connected;
    const board = { ...connected.value, address };
    const lost = async () => fail({ kind: 'boardLost', board: address, reason: 'cable' } as const);
    return { ok: true, value: connects === 1 ? { ...board, time: lost } : board };
  };
  const patience = { pausesMs: [1], totalMs: 60_000, lossesOfOne: 3 };
  const app = await openApp(workFolder(), { connectBoard: connect, patience });
  const answers = [['wrong'], ['hunter2 of old']];
  const listener = {
    ...listening(),
    ask: async (question: SignInQuestion) => {
      asked.push(question);
      return answers[asked.length - 1] ?? null;
    },
  };
  const outcome = unwrap(await app.optimize(callOf({ board: { address } }), listener));
  expect(connects).toBe(2);
  expect(asked.map(({ failedTries }) => failedTries)).toEqual([0, 1]);
  expect(given).toEqual([['wrong'], ['hunter2 of old'], ['hunter2 of old']]);
  expect(JSON.stringify([outcome, listener.events])).not.toContain('hunter2');
});

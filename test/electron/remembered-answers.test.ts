import { expect, test } from 'vitest';
import type { CallArguments, WindowEvent } from '../../electron/contract/calls.ts';
import { ok } from '../../electron/contract/result.ts';
import type { JobQuestion } from '../../electron/contract/views.ts';
import { makeRememberedAnswers } from '../../electron/shell/remembered-answers.ts';
import { runningJob } from '../window/fixtures/optimize-job.ts';

const secret = 'hunter2 of old';
const board = 'ssh://pi@10.0.0.7:22';
const password = (id: number, failedTries = 0): JobQuestion => ({
  kind: 'password',
  board,
  user: 'pi',
  failedTries,
  id,
});
const asking = (question: JobQuestion | null): WindowEvent => ({
  kind: 'job',
  job: runningJob({ question }),
});
const job = runningJob({}).id;

/** A shell whose system keeps secrets in a map, or nothing. */
function shell(kept: Map<string, string> | null) {
  const told: CallArguments<'jobs.answer'>[] = [];
  const shown: WindowEvent[] = [];
  const remembered = makeRememberedAnswers(
    {
      read: async (name) => kept?.get(name) ?? null,
      save: async (name, value) => {
        kept?.set(name, value);
        return ok(null);
      },
      forget: async (name) => void kept?.delete(name),
    },
    async (answer) => {
      told.push(answer);
      return ok(null);
    },
    (event) => shown.push(event),
  );
  const settle = () => new Promise((resolve) => setTimeout(resolve, 5));
  const questions = () => shown.map((event) => (event.kind === 'job' ? event.job.question : event.kind));
  return { remembered, told, shown, questions, settle };
}

test('an answer is kept only where it is asked for, and never passed on as a wish', async () => {
  const kept = new Map<string, string>();
  const { remembered, told, settle } = shell(kept);
  remembered.hear(asking(password(1)));
  await settle();
  await remembered.answer({ job, question: 1, accept: true, answers: [secret] });
  expect(kept.size).toBe(0);
  await remembered.answer({ job, question: 1, accept: true, answers: [secret], remember: true });
  expect([...kept]).toEqual([[`password ${board}`, secret]]);
  expect(told.at(-1)).toEqual({ job, question: 1, accept: true, answers: [secret] });
});

test('an answer to another question than the open one is kept under no name', async () => {
  const kept = new Map<string, string>();
  const { remembered, settle } = shell(kept);
  remembered.hear(asking(password(2)));
  await settle();
  await remembered.answer({ job, question: 1, accept: true, answers: [secret], remember: true });
  const prompts = [{ text: 'Code', echo: false }];
  const own = { kind: 'keyboardInteractive', board, user: 'pi', name: '', instructions: '' } as const;
  remembered.hear(asking({ ...own, prompts, failedTries: 0, id: 3 }));
  await settle();
  await remembered.answer({ job, question: 3, accept: true, answers: [secret], remember: true });
  expect(kept.size).toBe(0);
});

test('a remembered answer is given once, and the window sees no question', async () => {
  const { remembered, told, questions, settle } = shell(new Map([[`password ${board}`, secret]]));
  remembered.hear(asking(password(1)));
  remembered.hear(asking(password(1)));
  remembered.hear(asking(null));
  await settle();
  expect(told).toEqual([{ job, question: 1, accept: true, answers: [secret] }]);
  expect(questions()).toEqual([null, null, null]);
});

test('a remembered answer that was wrong is forgotten, and the person is asked', async () => {
  const kept = new Map([[`password ${board}`, secret]]);
  const { remembered, told, questions, settle } = shell(kept);
  remembered.hear(asking(password(1)));
  remembered.hear(asking(password(2, 1)));
  await settle();
  expect(told).toHaveLength(1);
  expect(questions()).toEqual([null, password(2, 1)]);
  expect(kept.size).toBe(0);
});

test('events keep their order, and without a memory every question is shown', async () => {
  const { remembered, shown, questions, settle } = shell(null);
  remembered.hear(asking(password(1)));
  remembered.hear({ kind: 'changed', what: 'boards' });
  await settle();
  expect(questions()).toEqual([password(1), 'changed']);
  expect(JSON.stringify(shown)).not.toContain('hunter2');
});

import { describe, expect, test } from 'vitest';
import { runCli } from '../../electron/cli/commands.ts';
import { messageOf } from '../../electron/cli/messages.ts';
import { type Asking, askSignIn } from '../../electron/cli/sign-in.ts';
import { fail } from '../../electron/contract/result.ts';
import { everyError } from './every-error.ts';
import { fakeApi, fakeContext } from './fake-context.ts';

const signal = new AbortController().signal;
const board = 'ssh://pi@10.0.0.7:22';
const cancel = Symbol('cancel');

/** A terminal that answers from a list, and keeps what it was to show. */
function terminal(...answers: readonly unknown[]): { readonly asking: Asking; readonly shown: string[] } {
  const shown: string[] = [];
  const left = [...answers];
  const show = (kind: string) => async (options: { readonly message: string }) => {
    shown.push(`${kind}: ${options.message}`);
    return left.shift();
  };
  const warn = (line: string): void => void shown.push(`warn: ${line}`);
  return { shown, asking: { text: show('shown'), password: show('hidden'), warn } };
}

describe('a sign-in at the terminal', () => {
  test('hides a password and a passphrase, and says when the one before was wrong', async () => {
    const { asking, shown } = terminal('a', 'b', 'c');
    const password = { kind: 'password', board, user: 'pi' } as const;
    expect(await askSignIn({ ...password, failedTries: 0 }, signal, asking)).toEqual(['a']);
    expect(await askSignIn({ ...password, failedTries: 1 }, signal, asking)).toEqual(['b']);
    const passphrase = { kind: 'passphrase', board, file: '/k\nx', failedTries: 0 } as const;
    expect(await askSignIn(passphrase, signal, asking)).toEqual(['c']);
    expect(shown).toEqual([
      `hidden: Password of pi on ${board}`,
      'warn: The password was not right: once more, please.',
      `hidden: Password of pi on ${board}`,
      'hidden: Passphrase of the key /k x (empty: go on without it)',
    ]);
  });

  test('relays what a board asks in one line each, hidden where it says so (fault 7)', async () => {
    const { asking, shown } = terminal('a', 'b');
    const question = {
      kind: 'keyboardInteractive',
      board,
      user: 'pi',
      name: 'Two\nsteps',
      instructions: '\u001b[31mred\u001b[0m',
      prompts: [
        { text: 'Password:', echo: false },
        { text: 'Code\n:', echo: true },
      ],
      failedTries: 0,
    } as const;
    expect(await askSignIn(question, signal, asking)).toEqual(['a', 'b']);
    expect(shown).toEqual([`warn: ${board} asks pi: Two steps: red`, 'hidden: Password:', 'shown: Code :']);
  });

  test('takes a cancel of any prompt for a cancel (fault 7)', async () => {
    const question = { kind: 'password', board, user: 'pi', failedTries: 0 } as const;
    expect(await askSignIn(question, signal, terminal(cancel).asking)).toBeNull();
  });

  test('asks only where a person can answer', async () => {
    const seen: unknown[] = [];
    const api = fakeApi({
      profile: async (_call, listener) => {
        const question = { kind: 'password', board, user: 'pi', failedTries: 0 } as const;
        seen.push(listener.ask === null ? 'nobody' : await listener.ask(question));
        return fail({ kind: 'authenticationFailed', board, tried: ['password (refused 3 times)'] });
      },
    });
    const args = ['profile', '--model', 'm.onnx', '--board', board];
    const askSecret = async (): Promise<readonly string[]> => ['hunter2 of old'];
    const contexts = [
      fakeContext(api, { canAsk: true, askSignIn: askSecret }),
      fakeContext(api, { canAsk: false, askSignIn: askSecret }),
    ];
    for (const context of contexts) expect(await runCli(args, context)).toBe(1);
    const json = fakeContext(api, { canAsk: true, askSignIn: askSecret });
    expect(await runCli([...args, '--json'], json)).toBe(1);
    expect(seen).toEqual([['hunter2 of old'], 'nobody', 'nobody']);
    for (const { out, err } of [...contexts, json]) expect(out() + err()).not.toContain('hunter2');
  });
});

test('a changed key names both fingerprints and the second step, which is OpenSSH’s own for its files (fault 2)', () => {
  const changed = { ...everyError.hostKeyChanged, known: 'SHA256:old', fingerprint: 'SHA256:new' };
  expect(messageOf(changed)).toContain('--replace-host-key SHA256:old --accept-host-key SHA256:new');
  const foreign = { ...changed, own: false, file: '/h/.ssh/known_hosts', host: '[b]:2222', line: 7 };
  expect(messageOf(foreign)).toContain('from SHA256:old to SHA256:new');
  expect(messageOf(foreign)).toContain(
    "line 7 of /h/.ssh/known_hosts with ssh-keygen -R '[b]:2222' -f '/h/.ssh/known_hosts'",
  );
});

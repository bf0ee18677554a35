import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { usualTimes } from '../../../electron/board/serial/console.ts';
import type { SignInQuestion } from '../../../electron/contract/questions.ts';
import { loginMissing, makeUser, playedLogin, socatMissing } from '../../faults/console.ts';
import { nobody, serialSetup } from './serial-setup.ts';

const { consoleOf, open, tryOpen, end } = serialSetup();
const folders: string[] = [];
afterAll(async () => {
  await end();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folderFor(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fieldtune-login-'));
  folders.push(folder);
  return folder;
}

/** A program that stands at the console in place of a login. */
function program(text: string): string {
  const file = join(folderFor(), 'program.sh');
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
  return file;
}

/** A person who gives these answers, one a question. */
function person(...answers: string[]) {
  const asked: SignInQuestion[] = [];
  return {
    asked,
    contact: {
      ...nobody,
      ask: async (question: SignInQuestion) => {
        asked.push(question);
        const answer = answers.shift();
        return answer === undefined ? null : [answer];
      },
    },
  };
}

describe.skipIf(socatMissing !== '')(`a console ${socatMissing}`, { concurrent: true }, () => {
  test('at its login prompt asks for the user and the password, and is logged out at the end (fault 28)', async () => {
    const console = await consoleOf({ command: playedLogin(folderFor(), 'pi', 'pass word') });
    const { asked, contact } = person('pi', 'pass word');
    const shell = await open(console.address, contact);
    expect(asked).toMatchObject([
      { kind: 'keyboardInteractive', prompts: [{ text: 'board login:', echo: true }] },
      { kind: 'password', user: 'pi', failedTries: 0 },
    ]);
    expect(await shell.run('echo in')).toMatchObject({ value: { output: 'in' } });
    await shell.close();
    // The login prompt is back: whoever comes next has to sign in.
    expect(await tryOpen(console.address)).toMatchObject({
      ok: false,
      error: { kind: 'consoleLoginFailed', cause: 'nobodyToAsk' },
    });
  });

  test('asks again after a wrong password, and says when all were wrong (fault 28)', async () => {
    const command = playedLogin(folderFor(), 'pi', 'right');
    const second = person('wrong', 'right');
    const console = await consoleOf({ command });
    const address = console.address.replace('serial:', 'serial://pi@');
    const shell = await open(address, second.contact);
    expect(second.asked.map((question) => question.failedTries)).toEqual([0, 1]);
    await shell.close();
    const never = person('wrong', 'bad', 'no');
    expect(await tryOpen(address, never.contact)).toMatchObject({
      ok: false,
      error: { kind: 'consoleLoginFailed', user: 'pi', cause: 'refused' },
    });
    const cancelled = person();
    expect(await tryOpen(address, cancelled.contact)).toMatchObject({
      ok: false,
      error: { kind: 'cancelled' },
    });
  });

  test('that takes its time to ask for the password is typed nothing meanwhile (fault 28)', async () => {
    const command = playedLogin(folderFor(), 'pi', 'right', { askingAfterSeconds: 3 });
    const console = await consoleOf({ command });
    const { asked, contact } = person('right');
    const shell = await open(console.address.replace('serial:', 'serial://pi@'), contact);
    expect(asked.map((question) => question.failedTries)).toEqual([0]);
    expect(await shell.run('echo in')).toMatchObject({ value: { output: 'in' } });
    await shell.close();
  });

  test('with a session open is used as it is and left open (fault 28)', async () => {
    const console = await consoleOf();
    const { asked, contact } = person('never');
    await (await open(console.address, contact)).close();
    await (await open(console.address, contact)).close();
    expect(asked).toEqual([]);
    expect(console.typed().toString('latin1')).not.toContain('exit\r');
  });

  test('is waited for while its board boots, and nothing is typed into the countdown (fault 28)', async () => {
    const command = program(`
printf '\\r\\nU-Boot 2023.04\\r\\nHit any key to stop autoboot:  2 '
sleep 0.7; printf '\\b\\b\\b 1 '; sleep 0.7
printf '\\r\\nStarting kernel ...\\r\\n'
for i in 1 2 3 4 5 6; do printf '[    %s.123456] usb: device %s\\r\\n' $i $i; sleep 0.2; done
exec /bin/sh -i`);
    const console = await consoleOf({ command });
    const shell = await open(console.address);
    expect(await shell.run('echo up')).toMatchObject({ value: { output: 'up' } });
    expect(console.typed().toString('latin1').slice(0, 200)).not.toMatch(/^\r\r\r/);
  });

  test.each([
    ['at a boot loader', "while printf 'u-boot=> '; do read -r line; done", 'bootLoader'],
    ['in another program', "printf '>>> '; while read -r line; do printf '>>> '; done", 'otherProgram'],
    ['that says nothing', 'stty raw -echo; cat >/dev/null', 'silence'],
    [
      'at another speed',
      "stty raw -echo; while :; do printf '\\377\\000\\376\\001\\200'; sleep 0.1; done",
      'garbage',
    ],
  ])('%s is left alone and said to be so (fault 28)', async (_, text, found) => {
    const console = await consoleOf({ command: program(text) });
    expect(await tryOpen(console.address, nobody, { times: { bootMs: 2_500, quietMs: 400 } })).toMatchObject({
      ok: false,
      error: { kind: 'consoleNotReady', found },
    });
    // Ends of lines, to see what stands there.
    if (found === 'bootLoader') expect(console.typed().toString('latin1')).toMatch(/^\r*$/);
    // Ctrl-C would end somebody's work.
    expect(console.typed().includes(3)).toBe(false);
  });
});

describe.skipIf(loginMissing !== '')(`the system's own login ${loginMissing}`, () => {
  test('lets a user with a password in (fault 28)', async () => {
    const user = makeUser();
    try {
      const console = await consoleOf({ command: 'login' });
      const { contact } = person('wrong', user.password);
      // It waits some seconds after a wrong word, and longer to begin where others are at work.
      const shell = await open(console.address.replace('serial:', `serial://${user.user}@`), contact, {
        times: usualTimes,
      });
      expect(await shell.run('id -un')).toMatchObject({ value: { output: user.user } });
      await shell.close();
    } finally {
      await end();
      user.remove();
    }
  });
});

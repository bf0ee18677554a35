import { describe, expect, test } from 'vitest';
import { runCli } from '../../electron/cli/commands.ts';
import { discoveryMessage } from '../../electron/cli/discovery-messages.ts';
import type { Api } from '../../electron/contract/api.ts';
import type { BoardSearch, FoundWay } from '../../electron/contract/found-boards.ts';
import { fail, ok } from '../../electron/contract/result.ts';
import type { BoardCard } from '../../electron/contract/views.ts';
import { identity } from '../store/store-setup.ts';
import { everyError } from './every-error.ts';
import { everyProblem } from './every-problem.ts';
import { fakeApi, fakeContext } from './fake-context.ts';

const ssh: FoundWay = {
  source: 'usbNetwork',
  link: 'ssh',
  address: null,
  host: '192.168.7.2',
  port: 22,
  user: null,
  detail: 'usb0, 192.168.7.2',
  problem: null,
};
const serial: FoundWay = {
  source: 'serial',
  link: 'serial',
  address: 'serial:/dev/ttyACM0',
  host: null,
  port: null,
  user: null,
  detail: '/dev/ttyACM0',
  problem: everyProblem.serialDenied,
};
const search: BoardSearch = {
  state: 'done',
  found: [
    { key: 'usb:1', name: 'beagle\u001b[31mbone', board: null, ways: [ssh, serial] },
    {
      key: 'host:x',
      name: 'Press 4',
      board: identity.id,
      ways: [{ ...ssh, source: 'mdns', host: 'fd00::7', port: 2222, address: 'ssh://pi@[fd00::7]:2222' }],
    },
  ],
  problems: [everyProblem.multicastFailed],
  finishedAt: '2026-11-27T08:00:00.000Z',
};
const card: BoardCard = {
  address: 'ssh://pi@10.0.0.7:22',
  name: 'Press 4',
  link: 'ssh',
  ways: [
    { address: 'ssh://pi@10.0.0.7:22', link: 'ssh', lastSeenAt: '2026-11-26T08:00:00.000Z' },
    { address: 'serial:/dev/ttyUSB0', link: 'serial', lastSeenAt: '2026-11-25T08:00:00.000Z' },
  ],
  identity,
  lastSeenAt: '2026-11-26T08:00:00.000Z',
  fingerprint: null,
};

function boardsApi(asked: unknown[] = [], found: BoardSearch = search): Api {
  const query = async (name: string, args: unknown) => {
    asked.push([name, args]);
    return name === 'boards.discover' ? ok(found) : ok([card]);
  };
  return fakeApi({ query: query as Api['query'] });
}

describe('fieldtune boards', () => {
  test('lists what is found with its ways and addresses, what is known, and what is in the way with its fix', async () => {
    const asked: unknown[] = [];
    const context = fakeContext(boardsApi(asked), { stdout: { columns: 100, write: () => true } });
    const lines: string[] = [];
    const told = { ...context, stdout: { columns: 100, write: (text: string) => lines.push(text) } };
    expect(await runCli(['boards', '--timeout', '3s'], told)).toBe(0);
    const text = lines.join('');
    expect(asked).toEqual([
      ['boards.discover', { seconds: 3, wait: true }],
      ['boards.list', {}],
    ]);
    expect(text).toMatch(/beagle.*USB network\s+ssh:\/\/USER@192\.168\.7\.2\s+new/);
    expect(text).toMatch(/serial port\s+serial:\/dev\/ttyACM0\s+problem, see below/);
    expect(text).toMatch(/Press 4\s+network\s+ssh:\/\/pi@\[fd00::7\]:2222\s+known/);
    expect(text).toMatch(/Press 4\s+ssh:\/\/pi@10\.0\.0\.7:22, serial:\/dev\/ttyUSB0\s+2026-11-26 08:00/);
    expect(text).toContain('\n    sudo usermod -aG dialout mika\n');
    expect(text).toContain('Put the user of the board for USER.');
    expect(text).not.toContain('\u001b');
  });

  test('with --json is one document', async () => {
    const context = fakeContext(boardsApi());
    expect(await runCli(['boards', '--json'], context)).toBe(0);
    expect(JSON.parse(context.out())).toMatchObject({
      command: 'boards',
      ok: true,
      result: { known: [{ name: 'Press 4' }], search: { state: 'done' } },
    });
  });

  test('finding nothing says what to do', async () => {
    const context = fakeContext(boardsApi([], { ...search, found: [], problems: [] }));
    expect(await runCli(['boards'], context)).toBe(0);
    expect(context.out()).toContain('check cable and power');
    expect(context.out()).not.toContain('In the way');
  });

  test.each(['0s', '61s', 'soon'])('refuses to look for %s', async (timeout) => {
    const context = fakeContext(boardsApi());
    expect(await runCli(['boards', '--timeout', timeout], context)).toBe(2);
    expect(context.err()).toContain('a time from 1s to 60s');
  });

  test('stops at Ctrl+C', async () => {
    const hanging = fakeApi({ query: () => new Promise<never>(() => undefined) });
    const context = fakeContext(hanging);
    const running = runCli(['boards'], context);
    await new Promise((resolve) => setImmediate(resolve));
    context.press();
    expect(await running).toBe(130);
  });

  test('tells a failure of the history', async () => {
    const query = async () => fail(everyError.storeBusy);
    const context = fakeContext(fakeApi({ query }));
    expect(await runCli(['boards'], context)).toBe(1);
  });
});

describe('An address with another board', () => {
  test('is told with the option that takes it, ready to be copied', async () => {
    const context = fakeContext(fakeApi({ profile: async () => fail(everyError.boardIsAnother) }));
    expect(await runCli(['profile', '--model', 'm.onnx'], context)).toBe(1);
    expect(context.err()).toMatch(/--accept-board 4{32}\n$/);
  });

  test('is taken by resume when it is named there', async () => {
    const asked: unknown[] = [];
    const resume: Api['resume'] = async (run, _listener, changes) => {
      asked.push([run, changes]);
      return fail(everyError.runUnknown);
    };
    const id = 'a'.repeat(32);
    await runCli(['resume', 'r7', '--accept-board', id], fakeContext(fakeApi({ resume })));
    expect(asked).toEqual([['r7', { acceptBoard: id }]]);
    const refused = fakeContext(fakeApi({ resume }));
    expect(await runCli(['resume', 'r7', '--accept-board', 'x'], refused)).toBe(2);
  });
});

describe('The words for a problem', () => {
  const problems = [
    ...Object.values(everyProblem),
    { ...everyProblem.serialDenied, relogin: true },
    { ...everyProblem.serialDriverMissing, culprit: 'brltty' },
  ];

  test.each(problems)('say for $kind what is in the way and what to do', (problem) => {
    const { message, commands } = discoveryMessage(problem);
    expect(message).not.toMatch(/\p{Cc}| at \S+ ?\(.*:\d+|undefined/u);
    expect(message).toMatch(/: .*\b(allow|check|get|sign|join|close|wait|load|remove|install)\b/);
    if ('command' in problem && !('relogin' in problem && problem.relogin))
      expect(commands).toContain(problem.command);
  });

  test('fault 31: differ for a busy port, a port that may not be opened, and a missing udevadm', () => {
    expect(new Set(problems.map((problem) => discoveryMessage(problem).message)).size).toBe(problems.length);
    expect(discoveryMessage(everyProblem.serialDenied).commands).toEqual([
      everyProblem.serialDenied.command,
      everyProblem.serialDenied.ruleCommand,
    ]);
  });
});

describe('boards remove-runner', () => {
  const words = ['boards', 'remove-runner', '--board', 'ssh://pi@bench:22'];

  test('shows what would be deleted, and deletes nothing without --yes', async () => {
    const context = fakeContext(fakeApi());
    expect(await runCli(words, context)).toBe(0);
    expect(context.out().trim()).toBe(
      `Would be deleted on ssh://pi@bench:22 (180 MB): 2 runners, 1 model for measurements, 0 temporary files, 1 runner at work, to be ended first
  in /home/pi /.fieldtune
What was deployed stays.
Nothing was deleted yet: the same command with --yes does it.`,
    );
  });

  test('deletes it with --yes', async () => {
    const context = fakeContext(fakeApi());
    expect(await runCli([...words, '--yes', '--json'], context)).toBe(0);
    expect(JSON.parse(context.out())).toMatchObject({
      command: 'boards remove-runner',
      result: { board: 'ssh://pi@bench:22', deleted: true, runners: 2 },
    });
  });

  test('says that nothing is there', async () => {
    const removeRunner: Api['removeRunner'] = async () =>
      ok({
        board: 'b',
        deleted: true,
        folders: [],
        runners: 0,
        models: 0,
        temporary: 0,
        running: 0,
        sizeBytes: null,
      });
    const context = fakeContext(fakeApi({ removeRunner }));
    expect(await runCli([...words, '--yes'], context)).toBe(0);
    expect(context.out().trim()).toBe('Nothing of Fieldtune is on b.');
  });
});

import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runCli } from '../../electron/cli/commands.ts';
import type { OptimizeCall, PickCall } from '../../electron/contract/api.ts';
import { fail, ok } from '../../electron/contract/result.ts';
import { everyError } from './every-error.ts';
import { fakeApi, fakeContext } from './fake-context.ts';
import { compareResult, optimizeResult, sustainedResult } from './sample-results.ts';

const optimize = ['optimize', '--model', 'm.onnx', '--data', 'd'];

describe('--json', () => {
  test.each([
    [['profile', '--model', 'm.onnx', '--json'], 'profile'],
    [[...optimize, '--json'], 'optimize'],
    [['compare', 'a.onnx', 'b.onnx', '--json'], 'compare'],
    [['resume', 'r7', '--json'], 'resume'],
    [['pick', 'r7', '--max-accuracy-drop', '1', '--json'], 'pick'],
    [['history', '--json'], 'history'],
  ])('of %j is one document on stdout and nothing else there', async (args, command) => {
    const context = fakeContext(fakeApi());
    expect(await runCli(args, context)).toBe(0);
    expect(JSON.parse(context.out())).toMatchObject({ command, ok: true, exitCode: 0 });
  });

  test('sends progress to stderr', async () => {
    const context = fakeContext(fakeApi());
    await runCli([...optimize, '--json'], context);
    expect(context.err()).toContain('Search: 80 proposed, 60 timed (61 s)');
  });

  test('tells a failure in the document and in words', async () => {
    const context = fakeContext(fakeApi({ profile: async () => fail(everyError.modelNotOnnx) }));
    expect(await runCli(['profile', '--model', 'm.onnx', '--json'], context)).toBe(1);
    expect(JSON.parse(context.out())).toMatchObject({
      ok: false,
      exitCode: 1,
      error: { kind: 'modelNotOnnx', path: 'models/a.onnx' },
    });
    expect(context.err()).toContain('is not an ONNX model');
  });

  test('tells wrong usage in the document as well', async () => {
    const context = fakeContext(fakeApi());
    expect(await runCli(['profile', '--json', '--nonsense'], context)).toBe(2);
    expect(JSON.parse(context.out())).toMatchObject({ ok: false, exitCode: 2, error: { kind: 'usage' } });
  });
});

describe('exit codes', () => {
  test('are 130 for a comparison over minutes that was stopped, whose result is shown all the same', async () => {
    const stopped = { ...sustainedResult, ended: 'stopped', minutes: 12.3 } as const;
    const compare = async () => ok({ ...compareResult, sustained: stopped });
    const context = fakeContext(fakeApi({ compare }));
    expect(await runCli(['compare', 'a.onnx', 'b.onnx', '--minutes', '30'], context)).toBe(130);
    expect(context.out()).toContain('Stopped after 12.3 of 30 minutes');
  });

  test('are 0 when improved and 3 when nothing was found', async () => {
    const nothing = { ...optimizeResult, improved: false, explanation: 'none was faster' };
    expect(await runCli(optimize, fakeContext(fakeApi()))).toBe(0);
    const context = fakeContext(
      fakeApi({ optimize: async () => ok(nothing), resume: async () => ok(nothing) }),
    );
    expect(await runCli(optimize, context)).toBe(3);
    expect(await runCli(['resume', 'r7'], context)).toBe(3);
  });

  test('are 1 for a bug, which is logged and shown by its id only', async () => {
    const bug = async () => {
      throw new TypeError('x is not a function');
    };
    const context = fakeContext(fakeApi({ history: bug }));
    expect(await runCli(['history'], context)).toBe(1);
    expect(context.err()).toBe('Fieldtune met a bug of its own: please report it with the log entry ab12.\n');
  });

  test('are 2 without any command, with the help on stderr', async () => {
    const context = fakeContext(fakeApi());
    expect(await runCli([], context)).toBe(2);
    expect(context.err()).toContain('Usage: fieldtune');
    expect(context.out()).toBe('');
  });

  test('are those of the error when the app does not open', async () => {
    const context = fakeContext(fakeApi(), { openApi: async () => fail(everyError.storeBusy) });
    expect(await runCli(['history'], context)).toBe(1);
    expect(context.err()).toContain('is in use by another Fieldtune');
  });
});

test('optimize and demo take --board once for each board, and local where none is given', async () => {
  const calls: OptimizeCall[] = [];
  const context = fakeContext(
    fakeApi({
      optimize: async (call) => {
        calls.push(call);
        return { ok: true, value: optimizeResult };
      },
    }),
  );
  const two = ['--board', 'local', '--board', 'ssh://pi@10.0.0.7', '--identity', 'key'];
  for (const command of [optimize, [...optimize, ...two], ['demo', '--json', ...two]])
    expect(await runCli(command, context)).toBe(0);
  const boards = [
    { address: 'local', identityFile: 'key' },
    { address: 'ssh://pi@10.0.0.7', identityFile: 'key' },
  ];
  expect(calls.map(({ board, boards: all }) => [board, all])).toEqual([
    [{ address: 'local' }, undefined],
    [boards[0], boards],
    [boards[0], boards],
  ]);
});

describe('pick', () => {
  test('hands the run, the limit and the folder on, and shows the result as optimize does', async () => {
    const calls: PickCall[] = [];
    const api = fakeApi({
      pick: async (call) => {
        calls.push(call);
        return { ok: true, value: optimizeResult };
      },
    });
    const context = fakeContext(api);
    expect(await runCli(['pick', 'r7', '--max-accuracy-drop', '0.5', '--out', 'o'], context)).toBe(0);
    expect(calls).toEqual([{ run: 'r7', maxAccuracyDrop: 0.5, out: 'o' }]);
    expect(context.out()).toContain('Speed-up');
    expect(await runCli(['pick', 'r7', '--max-accuracy-drop', '0', '--json'], fakeContext(api))).toBe(0);
    expect(calls.at(-1)).toEqual({ run: 'r7', maxAccuracyDrop: 0 });
  });

  test('a run without a front is a wrong use, in one sentence', async () => {
    const api = fakeApi({
      pick: async ({ run }) => ({ ok: false, error: { kind: 'runHasNoFront', run } }),
    });
    const context = fakeContext(api);
    expect(await runCli(['pick', 'r7', '--max-accuracy-drop', '1'], context)).toBe(2);
    expect(context.err()).toMatch(/Run r7 has no front to choose from \(.+\): choose another run/);
  });
});

describe('wrong usage', () => {
  test.each([
    [
      ['optimize', '--modle', 'x'],
      /Unknown option '--modle' \(did you mean --model\?\): see fieldtune optimize --help/,
    ],
    [['optimise'], /Unknown command 'optimise' \(did you mean optimize\?\)/],
    [['compare', 'a.onnx'], /Missing required argument 'B\.onnx'/],
    [['profile'], /--model needs a value/],
    [[...optimize, '--level', 'basic'], /--level cannot be basic: give all or extended\./],
    [[...optimize, '--search', 'guess'], /--search cannot be guess: give evolution or random\./],
    [[...optimize, '--threads', '0'], /--threads cannot be 0: give a whole number from 1 to 256\./],
    [[...optimize, '--max-accuracy-drop', '-1'], /--max-accuracy-drop cannot be -1/],
    [['pick', 'r7'], /--max-accuracy-drop needs a value: give percentage points from 0 to 100\./],
    [['pick', 'r7', '--max-accuracy-drop', '101'], /--max-accuracy-drop cannot be 101/],
    [['pick'], /Missing required argument 'run'/],
    [['resume', 'a', 'b'], /Too many arguments/],
  ])('of %j is one sentence and never opens the app', async (args, sentence) => {
    const context = fakeContext(fakeApi(), {
      openApi: async () => {
        throw new Error('opened');
      },
    });
    expect(await runCli(args, context)).toBe(2);
    expect(context.err()).toMatch(sentence);
    expect(context.err().trimEnd()).not.toContain('\n');
    expect(context.out()).toBe('');
  });
});

describe('Ctrl+C', () => {
  test('aborts, tells how to continue, and ends with 130', async () => {
    const context = fakeContext(
      fakeApi({
        optimize: (_call, listener) =>
          new Promise((resolve) => {
            listener.onEvent({ kind: 'runCreated', run: 'r9', out: 'out/x' });
            listener.signal.addEventListener('abort', () => resolve(fail({ kind: 'cancelled' })));
            context.press();
          }),
      }),
    );
    expect(await runCli(optimize, context)).toBe(130);
    expect(context.err()).toBe('Stopped, and what was measured is kept: continue with fieldtune resume r9\n');
    expect(context.ended).toEqual([]);
  });

  test('pressed twice ends at once', async () => {
    const context = fakeContext(
      fakeApi({
        profile: async () => {
          context.press();
          context.press();
          return fail({ kind: 'cancelled' });
        },
      }),
    );
    await runCli(['profile', '--model', 'm.onnx'], context);
    expect(context.ended).toEqual([130]);
  });

  test('means the usual again when the command is done', async () => {
    const context = fakeContext(fakeApi());
    await runCli(['history'], context);
    context.press();
    expect(context.ended).toEqual([]);
    expect(context.out()).not.toContain('Stopping');
  });
});

describe('a first contact', () => {
  const asking = fakeApi({
    profile: async (_call, listener) =>
      (await listener.confirmHostKey('pi', 'SHA256:abc'))
        ? fail({ kind: 'cancelled' })
        : fail(everyError.hostKeyRefused),
  });
  const args = ['profile', '--model', 'm.onnx', '--board', 'ssh://pi@10.0.0.7'];

  test('is refused without a person, with the option to use (fault 1)', async () => {
    const context = fakeContext(asking);
    expect(await runCli(args, context)).toBe(1);
    expect(context.err()).toContain('--accept-host-key SHA256:abc');
  });

  test('is a person’s to refuse', async () => {
    const context = fakeContext(asking, { canAsk: true, askHostKey: async () => false });
    expect(await runCli(args, context)).toBe(1);
    expect(context.err()).toContain('was not accepted, so nothing was sent');
  });

  test('is a person’s to accept', async () => {
    const context = fakeContext(asking, { canAsk: true });
    expect(await runCli(args, context)).toBe(130);
  });
});

describe('demo', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fieldtune-demo-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('optimizes the sample on this computer within four minutes', async () => {
    const calls: OptimizeCall[] = [];
    const api = fakeApi({
      optimize: async (call) => {
        calls.push(call);
        return ok(optimizeResult);
      },
    });
    expect(await runCli(['demo', '--out', join(folder, 'demo')], fakeContext(api))).toBe(0);
    expect(calls).toMatchObject([
      {
        modelPath: '/sample/model.onnx',
        dataPath: '/sample/data',
        board: { address: 'local' },
        budgetSeconds: 240,
      },
    ]);
  });

  test('replaces the folder of an earlier demo', async () => {
    const out = join(folder, 'demo');
    const api = fakeApi({
      optimize: async () => {
        expect(existsSync(out)).toBe(false);
        mkdirSync(out);
        writeFileSync(join(out, 'report.html'), '');
        return ok(optimizeResult);
      },
    });
    expect(await runCli(['demo', '--out', out], fakeContext(api))).toBe(0);
    expect(await runCli(['demo', '--out', out], fakeContext(api))).toBe(0);
    expect(readdirSync(out)).toEqual(['report.html']);
  });

  test('leaves alone what no demo has written', async () => {
    const out = join(folder, 'demo');
    mkdirSync(out);
    writeFileSync(join(out, 'thesis.txt'), 'mine');
    const context = fakeContext(fakeApi());
    expect(await runCli(['demo', '--out', out], context)).toBe(2);
    expect(context.err()).toContain('is there already');
    expect(readdirSync(out)).toEqual(['thesis.txt']);
  });
});

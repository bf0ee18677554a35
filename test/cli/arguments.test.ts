import { describe, expect, test } from 'vitest';
import { readCompareCall, readOptimizeCall, readProfileCall } from '../../electron/cli/arguments.ts';
import { parseDuration } from '../../electron/cli/durations.ts';

const search = {
  board: 'local',
  maxAccuracyDrop: '1',
  budget: '10m',
  threads: '1',
  level: 'all',
  search: 'evolution',
  groupSize: '4',
  seed: '1',
};

describe('parseDuration', () => {
  test.each([
    ['90s', 90],
    ['10m', 600],
    ['1h', 3600],
    ['1h30m', 5400],
    ['10min', 600],
    ['1h30min', 5400],
    ['0s', 0],
  ])('reads %s as %i seconds', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  test.each(['', '10', '-5m', '1.5h', 'ten', '5 m', '10m1h', '10M'])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeNull();
  });
});

describe('readOptimizeCall', () => {
  test('turns text into numbers and leaves out what was not given', () => {
    expect(readOptimizeCall('m.onnx', 'd', search)).toEqual({
      ok: true,
      value: {
        modelPath: 'm.onnx',
        dataPath: 'd',
        board: { address: 'local' },
        maxAccuracyDrop: 1,
        budgetSeconds: 600,
        threads: 1,
        level: 'all',
        strategy: 'evolution',
        groupSize: 4,
        seed: 1,
      },
    });
  });

  test.each([
    ['--budget', { budget: '0s' }],
    ['--budget', { budget: '0' }],
    ['--budget', { budget: '999h' }],
    ['--max-accuracy-drop', { maxAccuracyDrop: '-1' }],
    ['--max-accuracy-drop', { maxAccuracyDrop: 'NaN' }],
    ['--max-accuracy-drop', { maxAccuracyDrop: '1e3' }],
    ['--target-speedup', { targetSpeedup: '1' }],
    ['--target-speedup', { targetSpeedup: 'fast' }],
    ['--threads', { threads: '0' }],
    ['--threads', { threads: '1.5' }],
    ['--level', { level: 'basic' }],
    ['--level', { level: 'Extended' }],
    ['--search', { search: 'guess' }],
    ['--group-size', { groupSize: '0' }],
    ['--seed', { seed: '-1' }],
    ['--out', { out: '' }],
    ['--identity', { identity: '' }],
    ['--accept-host-key', { acceptHostKey: 'MD5:00' }],
    ['--accept-board', { acceptBoard: 'line-4' }],
    ['--board', { board: 'pi@10.0.0.7' }],
    ['--board', { board: 'ssh://' }],
    ['--replace-host-key', { replaceHostKey: 'MD5:00' }],
    ['--replace-host-key', { replaceHostKey: `SHA256:${'a'.repeat(43)}` }],
    ['--board', { board: 'ssh://pi@10.0.0.7/home' }],
    ['--board', { board: 'ssh://pi@10.0.0.7:99999' }],
  ])('refuses %s in %j and names it', (option, change) => {
    const read = readOptimizeCall('m.onnx', 'd', { ...search, ...change });
    expect(read).toMatchObject({ ok: false, error: { kind: 'usage', option } });
  });

  test('refuses a password in the address without repeating it', () => {
    const read = readOptimizeCall('m.onnx', 'd', { ...search, board: 'ssh://pi:hunter2@10.0.0.7' });
    expect(read.ok).toBe(false);
    expect(JSON.stringify(read)).not.toContain('hunter2');
  });

  test('names a missing model before anything is looked at', () => {
    const read = readOptimizeCall(undefined, 'd', search);
    expect(read).toMatchObject({ ok: false, error: { option: '--model', value: '' } });
  });
});

describe('several boards', () => {
  const [pi, jetson] = ['ssh://pi@10.0.0.7', 'ssh://root@10.0.0.8:2222'];
  const boardsOf = (options: object) => readOptimizeCall('m.onnx', 'd', { ...search, ...options });

  test('are all passed on, the first as the board as well', () => {
    expect(boardsOf({ board: [pi, 'local'] })).toMatchObject({
      ok: true,
      value: { board: { address: pi }, boards: [{ address: pi }, { address: 'local' }] },
    });
    const one = boardsOf({ board: [pi] });
    expect(one).toMatchObject({ ok: true, value: { board: { address: pi } } });
    expect(one.ok && 'boards' in one.value).toBe(false);
  });

  test('share one key file, or have one each over SSH in their order', () => {
    const files = (identity: readonly string[]) => {
      const read = boardsOf({ board: [pi, 'local', jetson], identity });
      return read.ok ? read.value.boards?.map(({ identityFile }) => identityFile) : read.error;
    };
    expect(files(['one'])).toEqual(['one', 'one', 'one']);
    const [first, , third] = files(['a', 'b']) as string[];
    expect([first, third]).toEqual(['a', 'b']);
    expect(files(['a', 'b', 'c'])).toEqual({
      kind: 'usage',
      option: '--identity',
      value: '3 values',
      expected: 'one for all boards, or one for each of the 2 over SSH',
    });
    const [keyA, keyB] = [`SHA256:${'a'.repeat(43)}`, `SHA256:${'b'.repeat(43)}`];
    expect(boardsOf({ board: [pi, jetson], acceptHostKey: [keyA, keyB] })).toMatchObject({
      ok: true,
      value: { boards: [{ acceptHostKey: keyA }, { acceptHostKey: keyB }] },
    });
  });

  test('share the id of the board that may stand at one of their addresses', () => {
    const acceptBoard = 'a'.repeat(32);
    expect(boardsOf({ board: [pi, jetson], acceptBoard })).toMatchObject({
      ok: true,
      value: { boards: [{ acceptBoard }, { acceptBoard }] },
    });
  });

  test('are refused by the one that is malformed, and where they are too many', () => {
    expect(boardsOf({ board: [pi, 'pi@10.0.0.7'] })).toMatchObject({
      ok: false,
      error: { option: '--board', value: 'pi@10.0.0.7' },
    });
    expect(
      boardsOf({ board: Array.from({ length: 17 }, (_, i) => `ssh://pi@10.0.0.${i + 1}`) }),
    ).toMatchObject({
      ok: false,
      error: { option: '--board', expected: 'at most 16' },
    });
  });
});

describe('readProfileCall and readCompareCall', () => {
  test('pass the board with its key and identity on', () => {
    const acceptHostKey = `SHA256:${'a'.repeat(43)}`;
    const read = readProfileCall({
      model: 'm.onnx',
      threads: '2',
      level: 'extended',
      board: 'ssh://pi@[fe80::1]:2222',
      acceptHostKey,
      acceptBoard: 'A'.repeat(32),
      identity: 'key',
      out: 'o',
    });
    expect(read).toEqual({
      ok: true,
      value: {
        modelPath: 'm.onnx',
        threads: 2,
        level: 'extended',
        board: {
          address: 'ssh://pi@[fe80::1]:2222',
          acceptHostKey,
          acceptBoard: 'a'.repeat(32),
          identityFile: 'key',
        },
        out: 'o',
      },
    });
  });

  test('compare without data asks for none', () => {
    const read = readCompareCall('a.onnx', 'b.onnx', { board: 'local', threads: '1', level: 'all' });
    expect(read.ok && 'dataPath' in read.value).toBe(false);
  });

  test.each([
    ['30', 30],
    ['0.5', 0.5],
    ['0', null],
    ['-3', null],
    ['2000', null],
    ['soon', null],
  ])('read the minutes %j as %j', (minutes, expected) => {
    const options = { board: 'local', threads: '1', level: 'all', minutes };
    const read = readCompareCall('a.onnx', 'b.onnx', options);
    if (expected === null) expect(read).toMatchObject({ ok: false, error: { option: '--minutes' } });
    else expect(read).toMatchObject({ ok: true, value: { minutes: expected } });
  });
});

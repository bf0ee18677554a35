import { describe, expect, test } from 'vitest';
import { readTrialCall } from '../../electron/cli/arguments.ts';
import { runCli } from '../../electron/cli/commands.ts';
import { noPaint } from '../../electron/cli/tables/text-table.ts';
import { trialLines, trialListLines } from '../../electron/cli/tables/trial.ts';
import type { View } from '../../electron/cli/tables/view.ts';
import type { Api } from '../../electron/contract/api.ts';
import { fail, ok } from '../../electron/contract/result.ts';
import type { Trial } from '../../electron/contract/trial.ts';
import { fakeApi, fakeContext } from './fake-context.ts';
import { sampleTrial } from './sample-results.ts';

const view: View = { width: 80, paint: noPaint, folder: '/data' };
const shown = (changes: Partial<Trial> = {}): string =>
  trialLines({ ...sampleTrial, ...changes }, view).join('\n');
const options = { board: 'local', threads: '1', level: 'all', inputs: '/srv/in' };

describe('the arguments of a trial', () => {
  test('name two models, or a run in place of both', () => {
    expect(readTrialCall('a.onnx', 'b.onnx', { ...options, max: '50', watch: true })).toEqual({
      ok: true,
      value: {
        models: { modelPathA: 'a.onnx', modelPathB: 'b.onnx' },
        ...{
          board: { address: 'local' },
          inputs: '/srv/in',
          most: 50,
          watch: true,
          threads: 1,
          level: 'all',
        },
      },
    });
    const run = readTrialCall('20261125-044210-ab12', undefined, options);
    expect(run).toMatchObject({ ok: true, value: { models: { run: '20261125-044210-ab12' } } });
    expect(run.ok && Object.keys(run.value)).not.toContain('watch');
  });

  test.each([
    ['a.onnx', undefined, {}, 'B.onnx'],
    ['a.onnx', 'b.onnx', { inputs: '' }, '--inputs'],
    ['a.onnx', 'b.onnx', { max: '0' }, '--max'],
    ['a.onnx', 'b.onnx', { outputs: '' }, '--outputs'],
  ])('%s %s with %j are refused for %s', (a, b, changes, option) => {
    expect(readTrialCall(a, b, { ...options, ...changes })).toMatchObject({ ok: false, error: { option } });
  });
});

describe('a trial in the terminal', () => {
  test('shows agreement with its interval, both latencies, disagreements, and how to approve', () => {
    const text = shown();
    expect(text).toContain('Agreement        99.5 % [98.9, 99.8] by the largest score');
    expect(text).toMatch(/Latency p50 +1\.12 ms +690 µs/);
    expect(text).toContain('6 disagreements');
    expect(text).toMatch(/frame-0017\.npy +3 +5 +0\.9312/);
    expect(text).toContain('x.jpg: no decoder');
    expect(text).toContain('Awaiting approval: fieldtune trial approve t-20261127-170000-ab12 --by NAME');
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test('shows who decided, how it ended, and no line break of a board (fault 49)', () => {
    const decision = { by: 'Sato\n\u001b[31m', note: 'as good', at: '2026-11-27T18:00:00Z' };
    const text = shown({ state: 'approved', decision, ended: 'linkLost', reason: 'un\nplugged' });
    expect(text.replaceAll('\n', ' ')).toContain('The board was lost (un plugged)');
    expect(text).toContain('Approved by Sato on 2026-11-27: as good');
    expect(text).not.toContain('\u001b');
    const hostile = { ...sampleTrial.disagreements[0]!, input: 'a\nb\u001b[2J.npy' };
    expect(shown({ disagreements: [hostile] })).toContain('a b.npy');
  });

  test('lists trials, or says how to begin', () => {
    expect(trialListLines([], view).join()).toContain('fieldtune trial A.onnx B.onnx --inputs FOLDER');
    expect(trialListLines([sampleTrial], view)[1]).toMatch(/^t-20261127-170000-ab12 .*1,210 .*99\.5 %/);
  });
});

describe('the commands of a trial', () => {
  const deciding = () => {
    const asked: unknown[] = [];
    const query = (async (name: string, args: unknown) => {
      asked.push([name, args]);
      return name === 'trials.list' ? ok([sampleTrial]) : ok(sampleTrial);
    }) as Api['query'];
    return { asked, context: fakeContext(fakeApi({ query })) };
  };

  test.each([
    ['approve', 'approved'],
    ['reject', 'rejected'],
  ])('%s writes down the word of a person, and --json behind it is its own', async (name, decision) => {
    const { asked, context } = deciding();
    const args = ['trial', name, 't-1', '--by', 'Sato', '--note', 'n', '--json'];
    expect(await runCli(args, context)).toBe(0);
    expect(asked).toEqual([['trials.decide', { trial: 't-1', decision, by: 'Sato', note: 'n' }]]);
    expect(JSON.parse(context.out())).toMatchObject({ command: 'trial', ok: true });
  });

  test('list asks for all of them', async () => {
    const { asked, context } = deciding();
    expect(await runCli(['trial', 'list'], context)).toBe(0);
    expect(asked).toEqual([['trials.list', {}]]);
    expect(context.out()).toContain('t-20261127-170000-ab12');
  });

  test('a stopped trial is shown and ends with 130; watching ends in no other way, so with 0', async () => {
    const trial = async () => ok({ ...sampleTrial, ended: 'stopped' } as const);
    const args = ['trial', 'a.onnx', 'b.onnx', '--inputs', '/srv/in'];
    const context = fakeContext(fakeApi({ trial }));
    expect(await runCli(args, context)).toBe(130);
    expect(context.out()).toContain('Stopped: this is what was run until then.');
    expect(await runCli([...args, '--watch'], fakeContext(fakeApi({ trial })))).toBe(0);
  });

  test('a decision that stands is told in one sentence', async () => {
    const decided = { kind: 'trialDecided', trial: 't-1', state: 'approved', by: 'Sato' } as const;
    const context = fakeContext(fakeApi({ query: (async () => fail(decided)) as Api['query'] }));
    expect(await runCli(['trial', 'reject', 't-1', '--by', 'M'], context)).toBe(1);
    expect(context.err()).toContain('Trial t-1 was approved by Sato already');
  });
});

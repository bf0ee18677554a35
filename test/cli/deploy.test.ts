import { describe, expect, test } from 'vitest';
import { runCli } from '../../electron/cli/commands.ts';
import { planLines, trialText } from '../../electron/cli/deploy-question.ts';
import { deployResultLines } from '../../electron/cli/tables/deployments.ts';
import { noPaint } from '../../electron/cli/tables/text-table.ts';
import type { DeployCall, DeployPlan } from '../../electron/contract/deploy.ts';
import { fail, ok } from '../../electron/contract/result.ts';
import { fakeApi, fakeContext } from './fake-context.ts';
import { deployPlan, deployResult } from './sample-results.ts';

const path = '/opt/app/model.onnx';
const to = ['--to', path];

describe('fieldtune deploy', () => {
  test('hands on what was typed', async () => {
    const calls: DeployCall[] = [];
    const api = fakeApi({
      deploy: async (call) => {
        calls.push(call);
        return ok(deployResult);
      },
    });
    const words = ['deploy', 'r7', ...to, '--manage', '--restart', 'systemctl restart app', '--yes'];
    expect(await runCli([...words, '--health', 'true', '--health-timeout', '1m'], fakeContext(api))).toBe(0);
    expect(await runCli(['deploy', '--model', 'b.onnx', ...to, '--yes'], fakeContext(api))).toBe(0);
    const common = {
      ...{ board: { address: 'local' }, path, otherBoard: false, breakLock: false },
      despiteTrial: false,
    };
    expect(calls).toEqual([
      {
        ...common,
        source: { kind: 'run', run: 'r7' },
        manage: true,
        restart: 'systemctl restart app',
        health: 'true',
        healthTimeoutSeconds: 60,
      },
      {
        ...common,
        source: { kind: 'model', modelPath: 'b.onnx' },
        manage: false,
        healthTimeoutSeconds: 30,
      },
    ]);
  });

  test.each([
    [['deploy', ...to], 'deploy'],
    [['deploy', 'r7'], '--to'],
    [['deploy', 'r7', '--model', 'b.onnx', ...to], '--model'],
    [['deploy', 'r7', ...to, '--health-timeout', '0s'], '--health-timeout'],
    [['deploy', 'r7', ...to, '--restart', ' '], '--restart'],
    [['rollback'], '--path'],
    [['rollback', '--path', path, '--to', 'latest'], '--to'],
    [['unmanage'], '--path'],
  ])('refuses %j as a wrong use', async (words, option) => {
    const context = fakeContext(fakeApi());
    expect(await runCli([...words, '--yes'], context)).toBe(2);
    expect(context.err()).toContain(option);
  });

  test('changes nothing when nobody can be asked, and says how to agree', async () => {
    for (const words of [
      ['deploy', 'r7', ...to],
      ['rollback', '--path', path],
      ['unmanage', '--path', path],
    ]) {
      const context = fakeContext(fakeApi());
      expect(await runCli(words, context)).toBe(2);
      expect(context.err()).toContain('--yes');
    }
  });

  test('asks a person, whose no is a no', async () => {
    const asked: DeployPlan[] = [];
    const asking = (answer: boolean) =>
      fakeContext(fakeApi(), {
        canAsk: true,
        askDeployment: async (plan) => {
          asked.push(plan);
          return answer;
        },
      });
    expect(await runCli(['deploy', 'r7', ...to], asking(false))).toBe(130);
    const agreed = asking(true);
    expect(await runCli(['deploy', 'r7', ...to], agreed)).toBe(0);
    expect(asked).toHaveLength(2);
    expect(agreed.out()).toContain('bbbbbbbbbbbb is active at /opt/app/model.onnx');
    expect(agreed.out()).toContain(
      'fieldtune rollback --board ssh://pi@10.0.0.7:22 --path /opt/app/model.onnx',
    );
  });

  test('shows all that is about to happen, and nothing a board says breaks a line', () => {
    const lines = planLines({ ...deployPlan, measuredOn: 'other\nboard', health: 'true' });
    for (const line of lines) expect(line).not.toMatch(/\p{Cc}/u);
    const text = lines.join('\n');
    for (const part of [
      '2.60× [2.51, 2.69]',
      '−0.3 points [−0.9, +0.3]',
      'aaaaaaaaaaaa, 2.20 MB, of 2026-11-20 10:00 UTC',
      'keywords (optimized) bbbbbbbbbbbb, 1.10 MB, of run r7',
      'systemctl restart app',
      'other board',
      'the plain file becomes a link',
    ])
      expect(text).toContain(part);
    expect(planLines({ ...deployPlan, now: null, model: null }).join('\n')).toContain('There now nothing');
  });
});

describe('the latest trial of a model', () => {
  const decision = { by: 'Sa\nto', note: 'wrong\nat night', at: '2026-11-20T10:00:00.000Z' };

  test('is in the question and in the result, and one that was rejected says so twice', () => {
    expect(trialText(null)).toBe('none held on this board');
    expect(trialText({ trial: 't-1', state: 'awaiting approval', decision: null })).toBe(
      'awaiting approval (t-1)',
    );
    expect(trialText({ trial: 't-1', state: 'approved', decision: { ...decision, note: '' } })).toMatch(
      /^approved by Sa.+to on 2026-11-20$/,
    );
    const rejected = { trial: 't-1', state: 'rejected', decision } as const;
    const lines = planLines({ ...deployPlan, trial: rejected });
    for (const line of lines) expect(line).not.toMatch(/\p{Cc}/u);
    expect(lines.join('\n')).toMatch(/Trial {5}rejected by Sa.+to on 2026-11-20: wrong.+at night/);
    expect(lines).toContain('Careful   a person rejected this model on this board');
    expect(planLines(deployPlan).join('\n')).toContain('Trial     awaiting approval (t-1)');
    expect(planLines(deployPlan).join('\n')).not.toContain('a person rejected');
    expect(planLines({ ...deployPlan, action: 'rollback', trial: null }).join('\n')).not.toContain('Trial');
    const view = { width: 80, paint: noPaint, folder: '/' };
    expect(deployResultLines({ ...deployResult, trial: null }, view)).toContain(
      'Trial: none held on this board',
    );
    expect(deployResultLines({ ...deployResult, action: 'rollback' }, view).join('\n')).not.toContain(
      'Trial',
    );
  });

  test('stands against --yes alone, and --despite-trial is the deliberate way past it', async () => {
    const calls: DeployCall[] = [];
    const refusal = { kind: 'deployTrialRejected', board: 'b', path, trial: 't-1', ...decision } as const;
    const api = fakeApi({
      deploy: async (call) => {
        calls.push(call);
        return call.despiteTrial ? ok(deployResult) : fail(refusal);
      },
    });
    const refused = fakeContext(api);
    expect(await runCli(['deploy', 'r7', ...to, '--yes'], refused)).toBe(2);
    expect(refused.err()).toContain('give --despite-trial');
    expect(refused.err()).toContain('on 2026-11-20');
    expect(await runCli(['deploy', 'r7', ...to, '--yes', '--despite-trial'], fakeContext(api))).toBe(0);
    expect(calls.map(({ despiteTrial }) => despiteTrial)).toEqual([false, true]);
  });
});

describe('fieldtune deployments', () => {
  test('lists what was put where', async () => {
    const context = fakeContext(fakeApi());
    expect(await runCli(['deployments'], context)).toBe(0);
    expect(context.out()).toMatch(
      /2026-11-25 04:42 .*ben.*pi .*deploy .*active .*bbbbbbbbbbbb .*aaaaaaaaaaaa/,
    );
    const none = fakeContext(fakeApi({ deployments: async () => ok([]) }));
    await runCli(['deployments'], none);
    expect(none.out()).toContain('fieldtune deploy');
  });

  test('asks a board, whichever of the two commands got the options', async () => {
    for (const words of [
      ['deployments', 'check', '--board', 'ssh://pi@h'],
      ['deployments', '--board', 'ssh://pi@h', 'check'],
    ]) {
      const addresses: string[] = [];
      const api = fakeApi();
      const context = fakeContext({
        ...api,
        checkDeployments: (call, listener) => {
          addresses.push(call.board.address);
          return api.checkDeployments(call, listener);
        },
      });
      expect(await runCli(words, context)).toBe(0);
      expect(addresses).toEqual(['ssh://pi@h']);
      expect(context.out()).toContain('bbbbbbbbbbbb (active)');
      expect(context.out()).toContain('aaaaaaaaaaaa (the way back, damaged)');
    }
  });
});

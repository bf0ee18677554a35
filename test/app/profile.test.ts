import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { garbageModel, makeDenseModel } from '../board/tiny-models.ts';
import { findProcesses } from '../faults/processes.ts';
import { errorOf, listening, openApp, openBeside, stateOf, unwrap, workFolder } from './app-setup.ts';

const board = { address: 'local' };

describe('profile', () => {
  test('ranks the operators of a model by their time, and writes what it says', async () => {
    const folder = workFolder();
    writeFileSync(join(folder, 'wide.onnx'), makeDenseModel(256, 3).bytes);
    const app = await openApp(folder);
    const listener = listening();
    const call = { modelPath: 'wide.onnx', board, threads: 1, out: 'profile' };
    const { files, ...profile } = unwrap(await app.profile(call, listener));

    const users = profile.operators.filter((row) => row.users);
    expect(users.flatMap((row) => [row.name, ...row.absorbed]).sort()).toEqual(
      [0, 1, 2].flatMap((n) => [`dense${n}`, `relu${n}`]).sort(),
    );
    expect(users[0]?.type).toMatch(/MatMul|Gemm/);
    expect(profile).toMatchObject({
      modelPath: 'wide.onnx',
      threads: 1,
      parameters: 3 * 256 * 256,
      unmapped: [],
    });
    expect(profile.calls).toBeGreaterThanOrEqual(10);
    expect(profile.latencyUs.p50).toBeLessThanOrEqual(profile.latencyUs.p99);

    const out = join(folder, 'profile');
    expect(files).toEqual(['profile.csv', 'trace.json', 'profile.json'].map((name) => join(out, name)));
    const written = JSON.parse(readFileSync(join(out, 'profile.json'), 'utf8'));
    expect(written).toEqual({ schema: 1, ...profile });
    const csv = readFileSync(join(out, 'profile.csv'), 'utf8').trimEnd().split('\r\n');
    expect(csv).toHaveLength(1 + profile.operators.length);
    expect(csv[1]?.startsWith(`${profile.operators[0]?.name},`)).toBe(true);
    const trace = JSON.parse(readFileSync(join(out, 'trace.json'), 'utf8'));
    const shown = trace.traceEvents.filter((event: { ph: string }) => event.ph === 'X');
    expect(shown.map((event: { name: string }) => event.name)).toContain('dense0');

    expect(listener.events.map((event) => event.kind)).toEqual(
      expect.arrayContaining(['stageStarted', 'boardConnected', 'progress', 'stageFinished']),
    );
    expect(openBeside(folder).boards.list()).toHaveLength(1);
    expect(openBeside(folder).models.get(profile.modelSha256)?.name).toBe('wide');
    expect(findProcesses(stateOf(folder))).toEqual([]);
  });

  test('refuses a filled folder and a broken model before it connects', async () => {
    const folder = workFolder();
    mkdirSync(join(folder, 'full'));
    writeFileSync(join(folder, 'full', 'mine'), '');
    writeFileSync(join(folder, 'broken.onnx'), garbageModel.bytes);
    const app = await openApp(folder);
    const listener = listening();
    const call = { modelPath: 'tiny.onnx', board, threads: 1, out: 'full' };
    expect(errorOf(await app.profile(call, listener)).kind).toBe('outputExists');
    const broken = await app.profile({ modelPath: 'broken.onnx', board, threads: 1, out: 'new' }, listener);
    expect(errorOf(broken)).toMatchObject({ kind: 'modelNotOnnx', path: 'broken.onnx' });
    expect(listener.events).toEqual([]);
    expect(readdirSync(folder)).not.toContain('new');
  });

  test('stops when it is asked to', async () => {
    const folder = workFolder();
    const app = await openApp(folder);
    const listener = listening((event) => {
      if (event.kind === 'progress') listener.controller.abort();
    });
    const call = { modelPath: 'tiny.onnx', board, threads: 1, out: 'profile' };
    expect(errorOf(await app.profile(call, listener))).toEqual({ kind: 'cancelled' });
    expect(readdirSync(folder)).not.toContain('profile');
  });
});

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
let state: string;

beforeAll(() => {
  state = join(mkdtempSync(join(tmpdir(), 'fieldtune-state-')), 'state');
});
afterAll(() => rmSync(join(state, '..'), { recursive: true }));

function fieldtune(script: string, args: readonly string[]) {
  const env = { ...process.env, FIELDTUNE_HOME: state };
  return spawnSync(process.execPath, [join(root, script), ...args], { encoding: 'utf8', env });
}

describe.each(['electron/cli.ts', 'resources/scripts/fieldtune.mjs'])('%s as a process', (script) => {
  test('prints help and its version with exit code 0', () => {
    const help = fieldtune(script, ['--help']);
    expect(help).toMatchObject({ status: 0, stderr: '' });
    expect(help.stdout).toMatch(/profile.*optimize.*compare.*resume.*history/s);
    expect(fieldtune(script, ['--version'])).toMatchObject({ status: 0, stdout: '0.1.0\n' });
  });

  test.each([
    [[]],
    [['optimise']],
    [['profile', '--model', 'm.onnx', '--nonsense']],
    [['optimize', '--model', 'm.onnx', '--data', 'd', '--budget', '0']],
    [['optimize', '--model', 'm.onnx', '--data', 'd', '--max-accuracy-drop', '-1']],
    [['optimize', '--model', 'm.onnx', '--data', 'd', '--threads', '0']],
    [['compare', 'a.onnx']],
    [['history', '--board']],
  ])('refuses %j with exit code 2, without a stack and without a trace on disk', (args) => {
    const refused = fieldtune(script, args);
    expect(refused.status).toBe(2);
    expect(refused.stdout).toBe('');
    expect(refused.stderr).not.toMatch(/^\s+at /m);
    expect(existsSync(state)).toBe(false);
  });
});

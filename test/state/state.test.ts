import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { logBug } from '../../electron/state/crash-log.ts';
import { stateFolderOf } from '../../electron/state/state-folder.ts';

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fieldtune-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

describe('stateFolderOf', () => {
  test.each([
    ['linux', {}, '/home/a/.local/state/fieldtune'],
    ['linux', { XDG_STATE_HOME: '/state' }, '/state/fieldtune'],
    ['darwin', {}, '/home/a/Library/Application Support/Fieldtune'],
    ['win32', { APPDATA: '/roaming' }, '/roaming/Fieldtune'],
    ['linux', { FIELDTUNE_HOME: '/own', XDG_STATE_HOME: '/state' }, '/own'],
    ['linux', { FIELDTUNE_HOME: '' }, '/home/a/.local/state/fieldtune'],
  ] as const)('on %s with %j is %s', (platform, env, folder) => {
    expect(stateFolderOf({ platform, home: '/home/a', env })).toBe(folder);
  });
});

describe('logBug', () => {
  test('writes the bug with its stack, found by the id it returns', async () => {
    const folder = temporaryFolder();
    const logId = await logBug(folder, new RangeError('off by one'));
    const [file = ''] = readdirSync(join(folder, 'logs'));
    const entry: unknown = JSON.parse(readFileSync(join(folder, 'logs', file), 'utf8'));
    expect(entry).toMatchObject({
      logId: logId.slice(0, 8),
      err: { type: 'RangeError', message: 'off by one' },
    });
  });

  test('still gives an id where nothing can be written', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    expect(await logBug(file, new Error('off'))).toMatch(/^[0-9a-f]{8} \(not written, .*: Error: off\)$/);
  });
});

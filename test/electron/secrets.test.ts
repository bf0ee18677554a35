import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeSecrets } from '../../electron/shell/secrets.ts';
import { FakeElectron } from './fake-electron.ts';
import { openShell, temporaryFolder } from './shell-setup.ts';

function setUp(
  platform: NodeJS.Platform = 'linux',
  change: (electron: FakeElectron) => void = () => undefined,
) {
  const electron = new FakeElectron();
  change(electron);
  const file = join(temporaryFolder(), 'kept', 'secrets.json');
  return { file, electron, secrets: makeSecrets(electron.safeStorage as never, platform, file) };
}

test.each(['basic_text', 'unknown'])('fault 50: with the backend %s no secret is saved', async (backend) => {
  const { secrets, file } = setUp('linux', (electron) => {
    electron.storageBackend = backend;
  });
  expect(await secrets.save('board', 'hunter2')).toEqual({
    ok: false,
    error: { kind: 'secretNotProtected', backend },
  });
  expect(await secrets.read('board')).toBeNull();
  expect(() => statSync(file)).toThrow('ENOENT');
});

test('fault 50: the person is told that secrets are not kept, and why', async () => {
  const { electron, window } = await openShell((fake) => {
    fake.storageBackend = 'basic_text';
  });
  expect(await electron.call(window, 'app.info', {})).toMatchObject({
    value: { secrets: { kept: false, backend: 'basic_text' } },
  });
});

test('keeps a secret encrypted, readable for this person only', async () => {
  const { secrets, file } = setUp();
  expect(await secrets.save('board', 'hunter2')).toEqual({ ok: true, value: null });
  expect(await secrets.read('board')).toBe('hunter2');
  expect(readFileSync(file, 'utf8')).not.toContain('hunter2');
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('loses none of several secrets that are saved at once, and forgets one', async () => {
  const { secrets } = setUp();
  await Promise.all(['a', 'b', 'c'].map((name) => secrets.save(name, `secret ${name}`)));
  await secrets.forget('b');
  expect(await Promise.all(['a', 'b', 'c', 'toString'].map(secrets.read))).toEqual([
    'secret a',
    null,
    'secret c',
    null,
  ]);
});

test('encrypts again when the key of the system has changed', async () => {
  const { secrets, electron, file } = setUp();
  await secrets.save('board', 'hunter2');
  electron.safeStorage.decryptStringAsync = async () => ({ result: 'hunter2', shouldReEncrypt: true });
  electron.safeStorage.encryptStringAsync = async () => Buffer.from('with the new key');
  expect(await secrets.read('board')).toBe('hunter2');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
    board: Buffer.from('with the new key').toString('base64'),
  });
});

test('a damaged file or a lost key is as good as no secret', async () => {
  const { secrets, electron, file } = setUp();
  await secrets.save('board', 'hunter2');
  electron.safeStorage.decryptStringAsync = () => Promise.reject(new Error('no key'));
  expect(await secrets.read('board')).toBeNull();
  writeFileSync(file, '{');
  expect(await secrets.read('board')).toBeNull();
});

test.each([
  ['darwin', 'Keychain'],
  ['win32', 'DPAPI'],
] as const)('on %s the backend is %s', async (platform, backend) => {
  const { secrets, electron } = setUp(platform);
  expect(await secrets.status()).toEqual({ kept: true, backend });
  electron.safeStorage.isAsyncEncryptionAvailable = () => Promise.reject(new Error('locked'));
  expect(await secrets.status()).toEqual({ kept: false, backend });
});

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';

const script = fileURLToPath(new URL('../../resources/scripts/setup.mjs', import.meta.url));
const unix = process.platform !== 'win32';
const lock = { packages: { '': {}, 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' } } };

/** A project of its own with a stand-in for npm (and for apt-get) that records its calls. */
function project(npm: string) {
  const root = mkdtempSync(join(tmpdir(), 'fieldtune-setup-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const bin = join(root, 'bin');
  const copy = join(root, 'resources', 'scripts', 'setup.mjs');
  for (const folder of [bin, dirname(copy)]) mkdirSync(folder, { recursive: true });
  copyFileSync(script, copy);
  const calls = join(root, 'calls');
  const program = (name: string, body: string): void => {
    writeFileSync(join(bin, name), `#!/bin/sh\necho ${name} "$@" >> '${calls}'\n${body}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  if (npm !== '') program('npm', npm);
  const write = (path: string, content: unknown): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
  };
  write('package-lock.json', lock);
  return {
    root,
    write,
    program,
    calls: () => (existsSync(calls) ? readFileSync(calls, 'utf8').trim().split('\n') : []),
    run: (args: readonly string[] = [], path = `${bin}:/bin:/usr/bin`, env: Record<string, string> = {}) =>
      spawnSync(process.execPath, [copy, ...args], { encoding: 'utf8', env: { PATH: path, ...env } }),
    start: () => spawn(process.execPath, [copy], { env: { PATH: `${bin}:/bin:/usr/bin` } }),
  };
}

describe.skipIf(!unix)('setup.mjs (skipped on Windows: its stand-in for npm is a shell script)', () => {
  test('installs the first time with one line, and does nothing the second', () => {
    const here = project('mkdir -p node_modules');
    expect(here.run()).toMatchObject({
      status: 0,
      stdout: '',
      stderr: 'Installing packages (first time only) …\n',
    });
    expect(here.run()).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(here.calls()).toHaveLength(1);
    expect(here.calls()[0]).toMatch(/^npm ci /);
  });

  test('waits for another command that installs, instead of doing it too', async () => {
    const here = project('sleep 0.4; mkdir -p node_modules');
    const both = [here.start(), here.start()];
    const said = both.map(({ stderr }) => stderr.setEncoding('utf8').toArray());
    const ends = await Promise.all(both.map((child) => once(child, 'close')));
    expect(ends.map(([status]) => status)).toEqual([0, 0]);
    expect(here.calls()).toHaveLength(1);
    expect((await Promise.all(said)).flat().sort()).toEqual([
      'Installing packages (first time only) …\n',
      'Waiting for another command that installs the packages …\n',
    ]);
  });

  test('does not wait for one that was killed', async () => {
    const here = project('mkdir -p node_modules; sleep 0.2');
    const first = here.start();
    await once(first.stderr, 'data');
    first.kill('SIGKILL');
    await once(first, 'close');
    expect(here.run()).toMatchObject({ status: 0 });
  });

  test('installs again when the lock file has changed', () => {
    const here = project('mkdir -p node_modules');
    here.run();
    here.write('package-lock.json', { packages: { '': {}, 'node_modules/a': { version: '2.0.0' } } });
    expect(here.run().status).toBe(0);
    expect(here.calls()).toHaveLength(2);
  });

  test('takes what someone has installed by hand when it is what the lock file says', () => {
    const here = project('exit 1');
    here.write('node_modules/.package-lock.json', lock);
    expect(here.run()).toMatchObject({ status: 0, stderr: '' });
    expect(here.calls()).toEqual([]);
  });

  test('installs when what is there has another version', () => {
    const here = project('exit 0');
    here.write('node_modules/.package-lock.json', { packages: { 'node_modules/a': { version: '0.9.0' } } });
    here.run();
    expect(here.calls()).toHaveLength(1);
  });

  test.each([
    ['EAI_AGAIN', /cannot reach its registry \(EAI_AGAIN\): connect this computer/],
    ['ENOSPC', /the disk is full/],
    ['EACCES', /not writable \(EACCES\)/],
    ['EUSAGE', /package.json and package-lock.json disagree/],
    ['E404', /npm ci failed \(E404: not there\): run npm ci by hand/],
  ])('says in one sentence that npm failed with %s, and tries again the next time', (code, sentence) => {
    const here = project(`echo 'npm error code ${code}' >&2; echo 'npm error not there.' >&2; exit 1`);
    const failed = here.run();
    expect(failed.status).toBe(1);
    const [line = '', message = '', ...rest] = failed.stderr.split('\n');
    expect(line).toMatch(/^Installing/);
    expect(message).toMatch(sentence);
    expect(rest).toEqual(['']);
    here.run();
    expect(here.calls()).toHaveLength(2);
  });

  test('says so when npm is missing', () => {
    const here = project('');
    const failed = here.run([], join(here.root, 'nowhere'));
    expect(failed.status).toBe(1);
    expect(failed.stderr).toContain('npm was not found');
  });

  test('says so when the lock file is missing', () => {
    const here = project('exit 0');
    rmSync(join(here.root, 'package-lock.json'));
    const failed = here.run();
    expect(failed.status).toBe(1);
    expect(failed.stderr).toMatch(/package-lock\.json is missing: restore it from git/);
    expect(here.calls()).toEqual([]);
  });

  test('names the tests that will be skipped where it may not install system packages', () => {
    const here = project('exit 1');
    here.write('node_modules/.package-lock.json', lock);
    // Nothing but the stand-ins on PATH: no browser and no socat can be found.
    const result = here.run(['--system'], join(here.root, 'bin'), { FIELDTUNE_NO_SYSTEM_PACKAGES: '1' });
    expect(result.status).toBe(0);
    expect(result.stderr).toMatch(
      /socat is missing, so the tests over a serial line will be skipped; install it with: apt-get install socat/,
    );
    expect(here.calls().filter((call) => call.startsWith('apt-get'))).toEqual([]);
  });

  test.skipIf(process.getuid?.() !== 0 || !existsSync('/etc/debian_version'))(
    'installs what is missing with apt-get as root on Debian (skipped elsewhere)',
    () => {
      const here = project('exit 0');
      here.write('node_modules/.package-lock.json', lock);
      here.program('apt-get', '');
      here.run(['--system'], join(here.root, 'bin'));
      const calls = here.calls();
      expect(calls).toHaveLength(2);
      expect(calls[0]).toMatch(/^apt-get .* update/);
      expect(calls[1]).toMatch(/^apt-get .* install -y .*socat/);
    },
  );
});

import { describe, expect, it } from 'vitest';
import { readProbe } from '../../../electron/board/install/probe.ts';

const good = {
  system: 'Linux',
  machine: 'aarch64',
  elf: ' 127 69 76 70 2 1 1 0 0 0 0 0 0 0 0 0 3 0 183 0 ',
  bits: '64',
  cxx: '/usr/lib/aarch64-linux-gnu/libstdc++.so.6.0.28',
  libc: 'glibc 2.31',
  node: '/usr/bin/node',
  nodeVersion: 'v22.14.0',
  home: '/home/pi',
  user: '1000',
  root: '0',
  free: '/dev/root 30000000 1000000 29000000 4% /',
};
const arm32 = '127 69 76 70 1 1 1 0 0 0 0 0 0 0 0 0 2 0 40 0';
const probe = (changes: Partial<typeof good & { readonly debian: string }>, extra = '') => {
  const lines = Object.entries({ ...good, ...changes }).map(([name, value]) => `${name}=${value}`);
  return readProbe(`${lines.join('\n')}\n${extra}`, 'ssh://pi@board:22', '.fieldtune');
};

describe('the probe of a board', () => {
  it('tells architecture, folder, room and a Node that can be used', () => {
    expect(probe({})).toEqual({
      ok: true,
      value: {
        arch: 'arm64',
        root: '/home/pi/.fieldtune',
        freeBytes: 29_000_000 * 1024,
        nodeFile: '/usr/bin/node',
        files: new Map(),
      },
    });
  });

  it('tells what earlier installations left, from GNU and from BusyBox', () => {
    const listing = [
      '-rw-r--r-- 1 0 0 25135496 Nov 27 16:41 runner-0/node_modules/a b.js',
      '-rw-------    1 1000     1000          12 Jan  1  1970 runner-1.tar.gz.part',
      'drwxr-xr-x 2 0 0 4096 Nov 27 16:41 runner-0',
    ];
    expect(probe({}, listing.join('\n'))).toMatchObject({
      value: {
        files: new Map([
          ['runner-0/node_modules/a b.js', 25_135_496],
          ['runner-1.tar.gz.part', 12],
        ]),
      },
    });
  });

  it.each([
    ['v22.13.1', null],
    ['v20.19.0', null],
    ['', null],
    ['v24.0.0', '/usr/bin/node'],
  ])("takes the board's own Node %j only from 22.14 on", (nodeVersion, nodeFile) => {
    expect(probe({ nodeVersion })).toMatchObject({ ok: true, value: { nodeFile } });
  });

  it.each([
    [{ libc: 'ldd (Debian GLIBC 2.28-10) 2.28' }],
    [{ libc: 'ldd (Ubuntu GLIBC 2.39-0ubuntu8.4) 2.39' }],
    [{ libc: 'glibc 3.0' }],
    [{ libc: 'GNU C Library (Buildroot) stable release version 2.36.' }],
    [{ machine: 'x86_64', elf: '127 69 76 70 2 1 1 0 0 0 0 0 0 0 0 0 3 0 62 0' }],
    [{ elf: '' }],
    [{ elf: '', bits: '', debian: 'arm64' }],
    [{ free: '' }],
  ])('is content with %j', (changes) => {
    expect(probe(changes)).toMatchObject({ ok: true });
  });

  it.each([
    [{ system: 'Darwin' }, 'Linux (found Darwin)'],
    [{ system: '' }, 'a POSIX shell that runs commands'],
    [{ machine: 'armv7l', elf: '' }, 'an x86-64 or 64-bit Arm processor (found armv7l)'],
    [
      { machine: 'riscv64', elf: '127 69 76 70 2 1 1 0 0 0 0 0 0 0 0 0 3 0 243 0' },
      'an x86-64 or 64-bit Arm processor (found riscv64)',
    ],
    [{ elf: arm32 }, 'a 64-bit userland (found 32-bit Arm, under a 64-bit kernel aarch64)'],
    [{ machine: 'armv7l', elf: arm32 }, 'a 64-bit userland (found 32-bit Arm)'],
    [{ elf: '', bits: '32' }, 'a 64-bit userland (found 32-bit, under a 64-bit kernel aarch64)'],
    [
      { elf: '', bits: '', debian: 'armhf' },
      'a 64-bit userland (found armhf, under a 64-bit kernel aarch64)',
    ],
    [{ libc: 'glibc 2.27' }, 'glibc 2.28 or later (found glibc 2.27)'],
    [{ libc: 'musl libc (aarch64)' }, 'glibc 2.28 or later (found musl libc (aarch64))'],
    [{ libc: '' }, 'glibc 2.28 or later (found none)'],
    [
      { cxx: '/usr/lib/libstdc++.so.6.0.21' },
      'libstdc++.so.6 with GLIBCXX_3.4.22 or later (found GLIBCXX_3.4.21)',
    ],
    [{ cxx: '' }, 'libstdc++.so.6 with GLIBCXX_3.4.22 or later (found none)'],
  ])('names what is missing: %j', (changes, missing) => {
    expect(probe(changes)).toMatchObject({ ok: false, error: { kind: 'boardUnsupported', missing } });
  });

  it('takes the second folder where the first will not do, and says what was tried where none will', () => {
    expect(probe({ root: '1' })).toMatchObject({ value: { root: '/var/tmp/fieldtune-1000' } });
    expect(probe({ home: '', root: '0' })).toMatchObject({ value: { root: '/var/tmp/fieldtune-1000' } });
    const refused = 'refused=0 it cannot be made: read-only\nrefused=1 it belongs to another user';
    expect(probe({ root: '' }, refused)).toMatchObject({
      error: {
        missing:
          'a folder for the runner (tried /home/pi/.fieldtune: it cannot be made: read-only; /var/tmp/fieldtune-1000: it belongs to another user)',
      },
    });
  });

  it('names the tools that are missing before anything is sent (fault 30)', () => {
    expect(probe({}, 'missing=gzip\nmissing=sha256sum\n')).toMatchObject({
      ok: false,
      error: { kind: 'boardUnsupported', missing: 'gzip, sha256sum' },
    });
  });
});

import { describe, expect, it } from 'vitest';
import { readProbe } from '../../../electron/board/install/probe.ts';

const good = {
  system: 'Linux',
  machine: 'aarch64',
  bits: '64',
  libc: 'glibc 2.31',
  node: '/usr/bin/node',
  nodeVersion: 'v22.14.0',
  home: '/home/pi',
  writable: 'yes',
  free: '/dev/root 30000000 1000000 29000000 4% /',
};
const probe = (changes: Partial<typeof good>, extra = '') => {
  const lines = Object.entries({ ...good, ...changes }).map(([name, value]) => `${name}=${value}`);
  return readProbe(`${lines.join('\n')}\n${extra}`, '', 'ssh://pi@board:22', '.fieldtune');
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
    [{ machine: 'x86_64' }],
    [{ bits: '' }],
    [{ free: '' }],
  ])('is content with %j', (changes) => {
    expect(probe(changes)).toMatchObject({ ok: true });
  });

  it.each([
    [{ system: 'Darwin' }, 'Linux (found Darwin)'],
    [{ system: '' }, 'a POSIX shell that runs commands'],
    [{ machine: 'armv7l' }, 'an x86-64 or 64-bit Arm processor (found armv7l)'],
    [{ bits: '32' }, 'a 64-bit userland (found 32-bit)'],
    [{ libc: 'glibc 2.27' }, 'glibc 2.28 or later (found glibc 2.27)'],
    [{ libc: 'musl libc (aarch64)' }, 'glibc 2.28 or later (found musl libc (aarch64))'],
    [{ libc: '' }, 'glibc 2.28 or later (found none)'],
    [{ writable: '' }, 'a folder .fieldtune that can be written to'],
  ])('names what is missing: %j', (changes, missing) => {
    expect(probe(changes)).toMatchObject({ ok: false, error: { kind: 'boardUnsupported', missing } });
  });

  it('names the tools that are missing before anything is sent (fault 30)', () => {
    expect(probe({}, 'missing=gzip\nmissing=sha256sum\n')).toMatchObject({
      ok: false,
      error: { kind: 'boardUnsupported', missing: 'gzip, sha256sum' },
    });
  });
});

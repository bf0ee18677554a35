import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { probeBoard } from '../../../electron/board/install/probe.ts';
import { makeLocalShell, runLocally } from '../../../electron/board/local-shell.ts';
import type { BoardShell } from '../../../electron/board/shell.ts';

const signal = new AbortController().signal;
const toolFolders = '/usr/local/bin:/usr/bin:/bin';
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fieldtune-probe-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** This computer as a board with another home, and programs of its own that stand before the usual ones. */
function board(home: string, tools: Readonly<Record<string, string>> = {}, path = toolFolders): BoardShell {
  const own = join(folder, 'tools');
  mkdirSync(own, { recursive: true });
  for (const [name, text] of Object.entries(tools)) {
    writeFileSync(join(own, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(own, name), 0o755);
  }
  const surroundings = `HOME='${home}'; PATH='${own}:${path}'; export HOME PATH\n`;
  return {
    ...makeLocalShell(),
    run: (script, options) => runLocally(`${surroundings}${script}`, options),
  };
}
const probe = (shell: BoardShell, root = '.fieldtune') => probeBoard(shell, root, signal);

/** Runs a test with a mounted tmpfs, or skips it. */
async function withMount(
  options: string,
  skip: (note: string) => void,
  use: (disk: string) => Promise<void>,
): Promise<void> {
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    skip('skipped: a tmpfs cannot be mounted here');
  }
  try {
    await use(disk);
  } finally {
    execFileSync('umount', [disk]);
  }
}
const fallback = `/var/tmp/fieldtune-${userInfo().uid}`;

describe.skipIf(process.platform !== 'linux')('looking at a board', () => {
  it('finds a folder, room and what was installed before, and leaves nothing else there', async () => {
    mkdirSync(join(folder, '.fieldtune', 'runner-0', 'a'), { recursive: true });
    writeFileSync(join(folder, '.fieldtune', 'runner-0', 'a', 'b'), '12345');
    const facts = await probe(board(folder));
    if (!facts.ok) throw new Error(JSON.stringify(facts.error));
    expect(facts.value.root).toBe(join(folder, '.fieldtune'));
    expect(facts.value.freeBytes).toBeGreaterThan(0);
    expect(facts.value.files).toEqual(new Map([['runner-0/a/b', 5]]));
    expect(readdirSync(join(folder, '.fieldtune'))).toEqual(['runner-0']);
  });

  it('makes its folder for its user alone', async () => {
    expect(await probe(board(folder))).toMatchObject({ ok: true });
    expect(statSync(join(folder, '.fieldtune')).mode & 0o777).toBe(0o700);
  });

  it('goes to another folder where the home cannot run programs, and leaves nothing in the home', async ({
    skip,
  }) => {
    await withMount('noexec', skip, async (disk) => {
      expect(await probe(board(disk))).toMatchObject({ ok: true, value: { root: fallback } });
      expect(readdirSync(disk)).toEqual([]);
    });
  });

  it('goes to another folder where the home is read-only', async ({ skip }) => {
    await withMount('ro', skip, async (disk) => {
      expect(await probe(board(disk))).toMatchObject({ ok: true, value: { root: fallback } });
    });
  });

  it('goes to another folder where there is no home', async () => {
    expect(await probe(board('/nowhere'))).toMatchObject({ ok: true, value: { root: fallback } });
  });

  it('says what is wrong with a folder that was asked for', async ({ skip }) => {
    await withMount('noexec', skip, async (disk) => {
      expect(await probe(board(folder), join(disk, 'asked for'))).toMatchObject({
        ok: false,
        error: {
          missing: expect.stringMatching(/asked for: no program may be run from it \(mounted noexec/),
        },
      });
      expect(readdirSync(disk)).toEqual([]);
    });
  });

  it('refuses a folder for all that belongs to somebody else', async () => {
    const shell = board('/nowhere', { id: 'echo 77777' });
    mkdirSync('/var/tmp/fieldtune-77777');
    try {
      execFileSync('chown', ['12345', '/var/tmp/fieldtune-77777'], { stdio: 'ignore' });
      expect(await probe(shell)).toMatchObject({
        ok: false,
        error: { missing: expect.stringContaining('it belongs to another user') },
      });
    } catch (error) {
      if (userInfo().uid === 0) throw error;
    } finally {
      rmSync('/var/tmp/fieldtune-77777', { recursive: true });
    }
  });

  it.each([
    [{ uname: `[ "$1" = -m ] && echo riscv64 || echo FreeBSD` }, 'Linux (found FreeBSD)'],
    [
      { od: `echo ' 127 69 76 70 1 1 1 0 0 0 0 0 0 0 0 0'; echo ' 2 0 40 0'` },
      /^a 64-bit userland \(found 32-bit Arm/,
    ],
    [{ getconf: 'exit 1', ldd: `echo 'musl libc (x86_64)' >&2; exit 1` }, /found musl libc/],
    [{ getconf: `[ "$1" = GNU_LIBC_VERSION ] && echo glibc 2.19` }, /found glibc 2.19/],
  ] as const)('names what it cannot run on: %j', async (tools, missing) => {
    const refused = await probe(board(folder, tools));
    expect(refused).toMatchObject({ ok: false, error: { kind: 'boardUnsupported' } });
    if (!refused.ok && refused.error.kind === 'boardUnsupported')
      expect(refused.error.missing).toMatch(missing);
  });

  it('needs few tools of a board, and names the others before anything is sent (fault 30)', async () => {
    const few = join(folder, 'few');
    mkdirSync(few);
    for (const name of ['uname', 'mkdir', 'rm', 'ls', 'sh'])
      symlinkSync(
        execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim(),
        join(few, name),
      );
    expect(await probe(board(folder, {}, few))).toMatchObject({
      ok: false,
      error: { kind: 'boardUnsupported', missing: 'tar, gzip, sha256sum' },
    });
  });
});

import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runLocally } from '../../electron/board/local-shell.ts';
import type { UploadOptions, UploadSource } from '../../electron/board/shell.ts';
import { fileSource, type RunWithInput, uploadThrough } from '../../electron/board/upload.ts';
import { findProcesses, until } from '../faults/processes.ts';

const bytes = randomBytes(3_000_000);
const sha256Of = (content: Uint8Array): string => createHash('sha256').update(content).digest('hex');

let folder = '';
let file = '';
let target = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fieldtune-upload-'));
  file = join(folder, 'source');
  writeFileSync(file, bytes);
  mkdirSync(join(folder, 'board'));
  target = join(folder, 'board', 'file');
});
afterEach(async () => {
  await until(() => findProcesses(join(folder, 'board')).length === 0);
  rmSync(folder, { recursive: true, force: true });
});

const onBoard = (): readonly string[] => readdirSync(join(folder, 'board')).sort();
const send = (
  source: UploadSource = fileSource(file, bytes.length, sha256Of(bytes)),
  options: UploadOptions = {},
  run: RunWithInput = runLocally,
) => uploadThrough('board', run, source, target, options);

/** A run on a board that has only these tools, each its own file or a stand-in's text. */
function withTools(tools: Readonly<Record<string, string>>): RunWithInput {
  const path = join(folder, 'tools');
  mkdirSync(path, { recursive: true });
  for (const [name, tool] of Object.entries(tools)) {
    if (tool.startsWith('/')) symlinkSync(tool, join(path, name));
    else {
      writeFileSync(join(path, name), `#!/bin/sh\n${tool}\n`);
      chmodSync(join(path, name), 0o755);
    }
  }
  return (script, options) => runLocally(`PATH='${path}'; export PATH; HOME=/nowhere\n${script}`, options);
}
const tool = (name: string): string =>
  execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
const basic = { ls: tool('ls'), wc: tool('wc'), mv: tool('mv'), rm: tool('rm') };

describe('an upload', () => {
  it('writes the bytes with the mode, tells how far it is, and sends nothing the second time', async () => {
    const told: number[] = [];
    const options = { mode: 0o750, onProgress: (sentBytes: number) => void told.push(sentBytes) };
    expect(await send(undefined, options)).toEqual({
      ok: true,
      value: { sentBytes: bytes.length, resumedAt: 0 },
    });
    expect(readFileSync(target)).toEqual(bytes);
    expect(statSync(target).mode & 0o777).toBe(0o750);
    expect(told.length).toBeGreaterThan(3);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    expect(told.at(-1)).toBe(bytes.length);
    writeFileSync(`${target}.part`, 'left over');
    expect(await send()).toEqual({ ok: true, value: { sentBytes: 0, resumedAt: bytes.length } });
    expect(onBoard()).toEqual(['file']);
  });

  it('sends an empty file', async () => {
    const empty = Buffer.alloc(0);
    writeFileSync(file, empty);
    expect(await send(fileSource(file, 0, sha256Of(empty)))).toMatchObject({ ok: true });
    expect(statSync(target).size).toBe(0);
  });

  it('puts another file of the same size in the place of the old one', async () => {
    writeFileSync(target, randomBytes(bytes.length));
    expect(await send()).toMatchObject({ ok: true, value: { sentBytes: bytes.length } });
    expect(readFileSync(target)).toEqual(bytes);
  });

  it.each([
    ['the beginning of the same bytes', bytes.subarray(0, 2_000_000), 2_000_000],
    ['all of the same bytes', bytes, bytes.length],
    ['a beginning of which one byte differs', Buffer.from(bytes.subarray(0, 2_000_000)).fill(7, 9, 10), 0],
    ['more than the file has', Buffer.concat([bytes, bytes]), 0],
    ['nothing', Buffer.alloc(0), 0],
  ])('goes on from what an earlier try left when that is %s', async (_, left, resumedAt) => {
    writeFileSync(`${target}.part`, left);
    expect(await send()).toEqual({ ok: true, value: { sentBytes: bytes.length - resumedAt, resumedAt } });
    expect(readFileSync(target)).toEqual(bytes);
    expect(onBoard()).toEqual(['file']);
  });

  it.each([
    ['shrank', () => truncateSync(file, 1_000_000)],
    ['grew', () => appendFileSync(file, 'x')],
    ['is gone', () => rmSync(file)],
    ['has other bytes', () => writeFileSync(file, randomBytes(bytes.length))],
  ])('says that the source changed when it %s, and leaves the old file (fault 12)', async (_, change) => {
    writeFileSync(target, 'old');
    change();
    expect(await send()).toEqual({ ok: false, error: { kind: 'sourceChanged', path: file } });
    expect(readFileSync(target, 'utf8')).toBe('old');
    expect(onBoard()).toEqual(['file']);
  });

  it('says that the source changed when it shrinks while it is being read (fault 12)', async () => {
    const source = fileSource(file, bytes.length, sha256Of(bytes));
    const options = { onProgress: () => truncateSync(file, 600_000) };
    expect(await send(source, options)).toMatchObject({ ok: false, error: { kind: 'sourceChanged' } });
    expect(onBoard()).toEqual([]);
  });

  it('names a full file system and leaves nothing there (fault 13)', async ({ skip }) => {
    const disk = join(folder, 'board', 'disk');
    mkdirSync(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      skip('skipped: a tmpfs cannot be mounted here');
    }
    try {
      target = join(disk, 'file');
      writeFileSync(target, 'old');
      expect(await send()).toEqual({
        ok: false,
        error: { kind: 'boardDiskFull', board: 'board', folder: disk, neededBytes: bytes.length },
      });
      expect(readdirSync(disk)).toEqual(['file']);
      expect(readFileSync(target, 'utf8')).toBe('old');
    } finally {
      execFileSync('umount', [disk]);
    }
  });

  it('does not put a file of which one byte was flipped in place (fault 14)', async () => {
    writeFileSync(target, 'old');
    const flipping = withTools({
      ...basic,
      sha256sum: tool('sha256sum'),
      cat: `:; ${tool('head')} -c 1000; ${tool('head')} -c 1 | ${tool('tr')} '\\000-\\376\\377' '\\001-\\377\\000'; exec ${tool('cat')}`,
    });
    expect(await send(undefined, {}, flipping)).toEqual({
      ok: false,
      error: { kind: 'boardCorrupted', board: 'board', file: target },
    });
    expect(readFileSync(target, 'utf8')).toBe('old');
    expect(onBoard()).toEqual(['file']);
  });

  it('executes nothing of a file name (fault 20)', async () => {
    target = join(folder, 'board', `-x; $(touch p) ' \n`);
    expect(await send()).toMatchObject({ ok: true });
    expect(onBoard()).toEqual([`-x; $(touch p) ' \n`]);
    expect(existsSync('p')).toBe(false);
  });

  it('leaves neither a process nor a file when it is cancelled (fault 21)', async () => {
    const abort = new AbortController();
    const options = { signal: abort.signal, onProgress: () => abort.abort() };
    expect(await send(undefined, options)).toEqual({ ok: false, error: { kind: 'cancelled' } });
    await until(() => findProcesses(join(folder, 'board')).length === 0);
    expect(onBoard()).toEqual([]);
  });

  it('keeps what came over when nothing moves any more, and goes on from there', async () => {
    const source = fileSource(file, bytes.length, sha256Of(bytes));
    const stuck: UploadSource = {
      ...source,
      open: () => Readable.from([bytes.subarray(0, 1_000_000), new Promise(() => {})]),
    };
    expect(await send(stuck, { stallMs: 300 })).toMatchObject({ ok: false, error: { kind: 'boardLost' } });
    await until(() => statSync(`${target}.part`).size === 1_000_000);
    expect(await send(source)).toEqual({ ok: true, value: { sentBytes: 2_000_000, resumedAt: 1_000_000 } });
  });

  it('does not take a slow board for a lost one while the file grows there', async () => {
    const slow = withTools({
      ...basic,
      sha256sum: tool('sha256sum'),
      sleep: `exec ${tool('sleep')} 0.2`,
      kill: tool('kill'),
      // Takes everything at once, and writes it out over longer than the stall timer allows.
      cat: `b=$(${tool('mktemp')}); ${tool('cat')} >"$b"
for i in 0 1 2 3 4 5; do ${tool('dd')} if="$b" bs=500000 skip=$i count=1 2>/dev/null; ${tool('sleep')} 0.4; done; ${tool('rm')} "$b"`,
    });
    expect(await send(undefined, { stallMs: 1_500 }, slow)).toMatchObject({ ok: true });
  });

  it.each([
    ['sha256sum', { sha256sum: tool('sha256sum') }],
    ['busybox', { busybox: `[ "$1" = sha256sum ] && exec ${tool('sha256sum')}; exec ${tool('cat')}` }],
    ['openssl', { openssl: tool('openssl') }],
    ['shasum', { shasum: `[ "$1$2" = -a256 ] && exec ${tool('sha256sum')}` }],
    ['node', { node: process.execPath }],
  ])('compares by %s where the board has nothing else (fault 30)', async (_, tools) => {
    const run = withTools({ ...basic, cat: tool('cat'), ...tools });
    expect(await send(undefined, {}, run)).toMatchObject({ ok: true, value: { sentBytes: bytes.length } });
    const again = await send(undefined, {}, run);
    expect(again).toMatchObject({ ok: true, value: { sentBytes: 0 } });
  });

  it('compares by the Node of a runner that is installed beside the file (fault 30)', async () => {
    mkdirSync(join(folder, 'board', 'runner-0'));
    symlinkSync(process.execPath, join(folder, 'board', 'runner-0', 'node'));
    const run = withTools({ ...basic, cat: tool('cat') });
    expect(await send(undefined, {}, run)).toMatchObject({ ok: true });
  });

  it('names the tools that are missing before a byte is sent (fault 30)', async () => {
    let opened = 0;
    const source = fileSource(file, bytes.length, sha256Of(bytes));
    const open = (offset: number): Readable => {
      opened++;
      return source.open(offset);
    };
    const counting = { ...source, open };
    expect(await send(counting, {}, withTools(basic))).toEqual({
      ok: false,
      error: { kind: 'boardUnsupported', board: 'board', missing: 'sha256sum, cat' },
    });
    expect(opened).toBe(0);
  });

  it('says why a file cannot be written', async () => {
    target = join(folder, 'board', 'no folder', 'file');
    expect(await send()).toMatchObject({
      ok: false,
      error: { kind: 'boardCommandFailed', reason: expect.stringMatching(/no such file|nonexistent/i) },
    });
  });
});

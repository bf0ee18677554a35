import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { checkOutput, writeOutput } from '../../electron/app/outputs.ts';
import { fail, ok } from '../../electron/contract/result.ts';
import { writeFilesAtomically } from '../../electron/store/atomic-file.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'fieldtune-outputs-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const fill = (names: readonly string[], text: string) => (at: string) => {
  const paths = names.map((name) => join(at, name));
  const written = writeFilesAtomically(new Map(paths.map((path) => [path, text])));
  return written.ok ? ok(paths) : written;
};

describe('writeOutput', () => {
  test.each([false, true])('leaves no trace of a failure (folder there before: %s)', (isThere) => {
    const root = folder();
    const out = join(root, 'out');
    if (isThere) mkdirSync(out);
    const failed = writeOutput(out, (at) => {
      writeFileSync(join(at, 'half'), 'half');
      return fail({ kind: 'notWritable', path: join(at, 'half'), reason: 'EACCES' });
    });
    expect(failed).toEqual({ ok: false, error: { kind: 'notWritable', path: out, reason: 'EACCES' } });
    expect(readdirSync(root)).toEqual(isThere ? ['out'] : []);
    if (isThere) expect(readdirSync(out)).toEqual([]);
  });

  test.each([false, true])('removes what a killed process left (folder there before: %s)', (isThere) => {
    const root = folder();
    const out = join(root, 'out');
    const dead = spawnSync(process.execPath, ['--version']).pid;
    const left = join(root, isThere ? 'out' : '', `${isThere ? '' : '.out'}.unfinished-${dead}-abcd`);
    mkdirSync(left, { recursive: true });
    expect(checkOutput(out)).toEqual({ ok: true, value: undefined });
    const written = writeOutput(out, fill(['a', 'b'], 'text'));
    expect(written).toEqual({ ok: true, value: [join(out, 'a'), join(out, 'b')] });
    expect(readdirSync(root)).toEqual(['out']);
    expect(readdirSync(out).sort()).toEqual(['a', 'b']);
  });

  test('refuses a folder that was filled meanwhile, and a place under a file', () => {
    const root = folder();
    writeFileSync(join(root, 'file'), '');
    expect(checkOutput(join(root, 'file'))).toMatchObject({ error: { kind: 'outputExists' } });
    expect(checkOutput(join(root, 'file', 'out'))).toMatchObject({ error: { kind: 'notWritable' } });
    const out = join(root, 'out');
    const raced = writeOutput(out, (at) => {
      mkdirSync(out);
      writeFileSync(join(out, 'mine'), 'mine');
      return fill(['a'], 'text')(at);
    });
    expect(raced).toEqual({ ok: false, error: { kind: 'outputExists', path: out } });
    expect(readdirSync(root).sort()).toEqual(['file', 'out']);
    expect(readdirSync(out)).toEqual(['mine']);
  });
});

describe('on a full disk', () => {
  const place = mkdtempSync(join(tmpdir(), 'fieldtune-full-'));
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', place]).status === 0;

  if (!mounted) rmSync(place, { recursive: true });

  test.skipIf(!mounted)(
    `fault 13: says so and leaves nothing${mounted ? '' : ' (skipped: no tmpfs can be mounted)'}`,
    () => {
      onTestFinished(() => {
        spawnSync('umount', [place]);
        rmSync(place, { recursive: true });
      });
      const out = join(place, 'out');
      const full = writeOutput(out, fill(['a', 'b', 'c'], 'x'.repeat(100_000)));
      expect(full).toEqual({ ok: false, error: { kind: 'diskFull', path: out } });
      expect(existsSync(out)).toBe(false);
      expect(readdirSync(place)).toEqual([]);
    },
  );
});

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runResultSchema } from '../../electron/contract/run-result.ts';
import { writeReports } from '../../electron/report/write-reports.ts';
import { sampleExtras, sampleResult } from './sample-result.ts';

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fieldtune-report-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('Three files are written and nothing beside them, and result.json fits its schema.', () => {
  const folder = join(temporaryFolder(), 'out', 'new');
  const written = writeReports(folder, sampleResult, sampleExtras);
  expect(written).toMatchObject({ ok: true });
  expect(readdirSync(folder).sort()).toEqual(['measurements.csv', 'report.html', 'result.json']);
  const read: unknown = JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8'));
  expect(runResultSchema.parse(read)).toEqual(sampleResult);
});

test('A result that does not fit the schema is never written.', () => {
  const folder = temporaryFolder();
  const wrong = { ...sampleResult, original: { ...sampleResult.original, sizeBytes: Number.NaN } };
  expect(() => writeReports(folder, wrong)).toThrow();
  expect(readdirSync(folder)).toEqual([]);
});

test('A report written again takes the place of the old one.', () => {
  const folder = temporaryFolder();
  writeReports(folder, sampleResult, sampleExtras);
  writeReports(folder, { ...sampleResult, seed: 99 });
  expect(JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8'))).toMatchObject({ seed: 99 });
  expect(readdirSync(folder)).toHaveLength(3);
});

test('Where a file cannot take its place, the error names it, and nothing unfinished is left.', () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'report.html', 'x'), { recursive: true });
  expect(writeReports(folder, sampleResult)).toMatchObject({
    ok: false,
    error: { kind: 'notWritable', path: join(folder, 'report.html') },
  });
  expect(readdirSync(folder)).toEqual(['report.html']);
  const file = join(temporaryFolder(), 'file');
  writeFileSync(file, '');
  expect(writeReports(join(file, 'out'), sampleResult)).toMatchObject({
    ok: false,
    error: { kind: 'notWritable' },
  });
});

// A file system of 64 kB in a mount namespace of its own, filled by the program itself.
const fullDisk = (program: string, folder: string) =>
  spawnSync(
    'unshare',
    [
      '--map-root-user',
      '--mount',
      'sh',
      '-c',
      'mount -t tmpfs -o size=64k none "$1" && exec "$2" --input-type=module -e "$3"',
      'sh',
      folder,
      process.execPath,
      program,
    ],
    { encoding: 'utf8' },
  );
const canMount = fullDisk('', tmpdir()).status === 0;

test.skipIf(!canMount)(
  'On a full disk the error says so, an older report is left as it was and nothing beside it (skipped without mount namespaces).',
  () => {
    const folder = temporaryFolder();
    const at = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
    const program = `
      import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
      import { writeReports } from ${at('../../electron/report/write-reports.ts')};
      import { sampleResult } from ${at('./sample-result.ts')};
      const folder = ${JSON.stringify(folder)};
      writeFileSync(folder + '/result.json', 'old');
      writeFileSync(folder + '/other', 'x'.repeat(30_000));
      const written = writeReports(folder, sampleResult);
      console.log(JSON.stringify({ written, files: readdirSync(folder).sort(), old: readFileSync(folder + '/result.json', 'utf8') }));`;
    const ended = fullDisk(program, folder);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      written: { ok: false, error: { kind: 'diskFull' } },
      files: ['other', 'result.json'],
      old: 'old',
    });
  },
);

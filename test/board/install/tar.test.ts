import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packTar, SourceChangedError, type TarFile } from '../../../electron/board/install/tar.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fieldtune-tar-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function makeFile(path: string, content: string, executable = false) {
  const source = join(folder, `source-${content.length}`);
  writeFileSync(source, content);
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { path, source, sizeBytes: content.length, sha256, executable };
}

async function pack(files: readonly TarFile[]): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of packTar(files)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('the archive of an installation', () => {
  it("is unpacked by the system's tar to the same files and modes", async () => {
    const deep = `${'d'.repeat(60)}/${'e'.repeat(60)}/file`;
    const files = [
      makeFile('empty', ''),
      makeFile('a/b', 'x'.repeat(512), true),
      makeFile(deep, 'y'.repeat(700_001)),
    ];
    const note = { path: 'note', content: Buffer.from('from memory'), executable: false };
    const archive = await pack([note, ...files]);
    expect(archive.length % 512).toBe(0);
    execFileSync('tar', ['xf', '-', '-C', folder], { input: archive });
    expect(readFileSync(join(folder, 'note'), 'utf8')).toBe('from memory');
    for (const file of files)
      expect(readFileSync(join(folder, file.path))).toEqual(readFileSync(file.source));
    expect(statSync(join(folder, 'a/b')).mode & 0o111).not.toBe(0);
    expect(statSync(join(folder, deep)).mode & 0o111).toBe(0);
  });

  it('fails when a source shrinks, grows or has other bytes while it is read (fault 12)', async () => {
    const file = makeFile('a', 'four');
    await expect(pack([{ ...file, sizeBytes: 5 }])).rejects.toThrow(SourceChangedError);
    await expect(pack([{ ...file, sizeBytes: 3 }])).rejects.toThrow(SourceChangedError);
    await expect(pack([{ ...file, sha256: '0'.repeat(64) }])).rejects.toThrow(SourceChangedError);
  });

  it('refuses a path that the format cannot hold', async () => {
    await expect(pack([makeFile('z'.repeat(101), 'x')])).rejects.toThrow('too long');
  });
});

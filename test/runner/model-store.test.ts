import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openModelStore } from '../../electron/runner/model-store.ts';
import { asTinyModel } from '../board/tiny-models.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fieldtune-models-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const model = (text: string) => asTinyModel(Buffer.from(text));

describe("the board's model store", () => {
  it('keeps a model under its sha256 and no longer misses it', () => {
    const store = openModelStore(folder);
    const { sha256, bytes } = model('one');
    expect(store.missing([sha256])).toEqual([sha256]);
    expect(store.put(sha256, bytes)).toBe(true);
    expect(store.missing([sha256])).toEqual([]);
    expect(store.use(sha256)).toBe(join(folder, `${sha256}.onnx`));
  });

  it('refuses bytes with another sha256 and leaves nothing behind (fault 14)', () => {
    const { sha256, bytes } = model('two');
    const flipped = Uint8Array.from(bytes, (byte, index) => (index === 1 ? byte ^ 1 : byte));
    expect(openModelStore(folder).put(sha256, flipped)).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('drops what was used longest ago beyond its limit, never what this runner was asked about', () => {
    const [old, used, fresh] = [model('a'.repeat(40)), model('b'.repeat(40)), model('c'.repeat(40))];
    const before = openModelStore(folder);
    for (const { sha256, bytes } of [old, used]) {
      before.put(sha256, bytes);
      utimesSync(join(folder, `${sha256}.onnx`), new Date(0), new Date(0));
    }
    const store = openModelStore(folder, 90);
    store.use(used.sha256);
    store.put(fresh.sha256, fresh.bytes);
    expect(readdirSync(folder).sort()).toEqual([`${used.sha256}.onnx`, `${fresh.sha256}.onnx`].sort());
  });

  it('removes partial files of runners that were killed, not those of a living one', () => {
    writeFileSync(join(folder, 'x.onnx.part-1'), '');
    utimesSync(join(folder, 'x.onnx.part-1'), new Date(0), new Date(0));
    writeFileSync(join(folder, 'y.onnx.part-2'), '');
    openModelStore(folder);
    expect(readdirSync(folder)).toEqual(['y.onnx.part-2']);
  });

  it('takes no name that is not a sha256', () => {
    expect(() => openModelStore(folder).use('../../etc/passwd')).toThrow('64 hexadecimal digits');
  });
});

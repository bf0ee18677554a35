import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { encodeNpy, type NpyValues, parseNpy } from '../../../electron/engine/data/npy.ts';
import { encodeNpz, readNpz } from '../../../electron/engine/data/npz.ts';
import { makeArrays, makeFolder } from './folders.ts';

/** A `.npy` file with a header as NumPy writes it for the version. */
function makeNpy(version: number, header: string, values: Uint8Array): Uint8Array {
  const text = new TextEncoder().encode(`${header}\n`);
  const start = version === 1 ? 10 : 12;
  const bytes = new Uint8Array(start + text.length + values.length);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
  const view = new DataView(bytes.buffer);
  if (version === 1) view.setUint16(8, text.length, true);
  else view.setUint32(8, text.length, true);
  bytes.set(text, start);
  bytes.set(values, start + text.length);
  return bytes;
}

const reasonOf = (bytes: Uint8Array) => {
  const parsed = parseNpy(bytes);
  return parsed.ok ? null : parsed.error;
};

describe('parseNpy', () => {
  const makers: readonly ((numbers: number[]) => NpyValues)[] = [
    (n) => Uint8Array.from(n),
    (n) => Int8Array.from(n),
    (n) => Uint16Array.from(n),
    (n) => Int16Array.from(n),
    (n) => Uint32Array.from(n),
    (n) => Int32Array.from(n),
    (n) => BigUint64Array.from(n, (value) => BigInt(Math.abs(value))),
    (n) => BigInt64Array.from(n, BigInt),
    (n) => Float32Array.from(n, (value) => value / 7),
    (n) => Float64Array.from(n, (value) => value / 7),
  ];

  it('reads back what encodeNpy writes, of every type and shape, at any alignment', () => {
    const shapes = fc.array(fc.nat(5), { minLength: 0, maxLength: 4 });
    const integer = fc.integer({ min: -(2 ** 31), max: 2 ** 31 });
    fc.assert(
      fc.property(shapes, fc.constantFrom(...makers), integer, fc.nat(8), (shape, make, start, offset) => {
        const count = shape.reduce((a, b) => a * b, 1);
        const values = make(Array.from({ length: count }, (_, i) => start - i * 12345));
        const encoded = encodeNpy({ shape, values });
        const moved = new Uint8Array(encoded.length + offset).subarray(offset);
        moved.set(encoded);
        expect(parseNpy(moved)).toEqual({ ok: true, value: { shape, values } });
      }),
    );
  });

  it.each([1, 2, 3])('reads format version %i', (version) => {
    const header = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2), }";
    expect(parseNpy(makeNpy(version, header, Uint8Array.of(1, 2, 3, 4)))).toEqual({
      ok: true,
      value: { shape: [2, 2], values: Uint8Array.of(1, 2, 3, 4) },
    });
  });

  it('reads big-endian values', () => {
    const header = "{'descr': '>i2', 'fortran_order': False, 'shape': (2,), }";
    const parsed = parseNpy(makeNpy(1, header, Uint8Array.of(1, 2, 255, 254)));
    expect(parsed.ok && [...parsed.value.values]).toEqual([258, -2]);
  });

  it('refuses Fortran order by name, except where it makes no difference', () => {
    const header = (shape: string) => `{'descr': '|u1', 'fortran_order': True, 'shape': ${shape}, }`;
    expect(reasonOf(makeNpy(1, header('(2, 2)'), new Uint8Array(4)))).toContain('Fortran order');
    expect(reasonOf(makeNpy(1, header('(4, 1)'), new Uint8Array(4)))).toBeNull();
  });

  it.each([
    ['text', new TextEncoder().encode('x,y\n1,2\n3,4\n'), 'not a .npy'],
    ['nothing', new Uint8Array(0), 'not a .npy'],
    ['version 9', makeNpy(9, '', new Uint8Array(0)), 'version 9'],
    [
      'a cut header',
      makeNpy(1, "{'descr': '|u1', 'fortran_order'", new Uint8Array(0)).subarray(0, 20),
      'cut off',
    ],
    ['no shape', makeNpy(1, "{'descr': '|u1', 'fortran_order': False}", new Uint8Array(0)), 'cannot be read'],
    [
      'objects',
      makeNpy(1, "{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", new Uint8Array(9)),
      '|O',
    ],
    [
      'halves',
      makeNpy(1, "{'descr': '<f2', 'fortran_order': False, 'shape': (1,)}", new Uint8Array(2)),
      '<f2',
    ],
    [
      'records',
      makeNpy(1, "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", new Uint8Array(4)),
      'records',
    ],
    [
      'too few values',
      makeNpy(1, "{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}", new Uint8Array(8)),
      'promises 12 bytes',
    ],
    [
      'an absurd shape',
      makeNpy(
        1,
        "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999, 99999999999)}",
        new Uint8Array(8),
      ),
      'promises',
    ],
  ])('refuses %s with a reason', (_, bytes, reason) => {
    expect(reasonOf(bytes)).toContain(reason);
  });

  it('never throws on damaged bytes', () => {
    const whole = encodeNpy({ shape: [3, 2], values: Float32Array.of(1, 2, 3, 4, 5, 6) });
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (at, byte, length) => {
        const damaged = whole.slice(0, length);
        if (at < length) damaged[at] = byte;
        expect(typeof parseNpy(damaged).ok).toBe('boolean');
      }),
    );
  });
});

describe('readNpz', () => {
  const reasonOfFile = async (content: Uint8Array) => {
    const path = join(await makeFolder(), 'a.npz');
    await writeFile(path, content);
    const read = await readNpz(path, ['x', 'y']);
    if (read.ok) return null;
    expect(read.error).toMatchObject({ kind: 'dataUnreadable', path });
    return read.error.kind === 'dataUnreadable' ? read.error.reason : null;
  };

  it('reads the named arrays and leaves the others alone', async () => {
    const path = join(await makeFolder(), 'a.npz');
    const { x, y } = makeArrays(5);
    await writeFile(path, encodeNpz({ x, y, z: x }));
    const read = await readNpz(path, ['x', 'y']);
    expect(read.ok && [...read.value]).toEqual([
      ['x', x],
      ['y', y],
    ]);
  });

  it('refuses a file of 0 bytes', async () => {
    expect(await reasonOfFile(new Uint8Array(0))).toContain('empty');
  });

  it('refuses what is no zip', async () => {
    expect(await reasonOfFile(new TextEncoder().encode('PNG, really'))).toContain('not an .npz');
    expect(await reasonOfFile(encodeNpy(makeArrays(3).x))).toContain('not an .npz');
  });

  it('refuses a truncated file at every length', async () => {
    const whole = encodeNpz(makeArrays(3));
    for (let length = 4; length < whole.length; length += 7) {
      expect(await reasonOfFile(whole.subarray(0, length))).toContain('truncated');
    }
  });

  it('refuses a flipped byte among uncompressed values', async () => {
    const whole = zipSync({ 'x.npy': encodeNpy(makeArrays(3).x) }, { level: 0 });
    const at = 30 + 'x.npy'.length + 130;
    whole[at] = (whole[at] ?? 0) ^ 1;
    expect(await reasonOfFile(whole)).toContain('checksum');
  });

  it('refuses a member that is no array by its name', async () => {
    expect(await reasonOfFile(zipSync({ 'x.npy': Uint8Array.of(1, 2, 3) }))).toContain('x.npy');
  });

  it('refuses a folder that is called like a file', async () => {
    const path = join(await makeFolder(), 'fit.npz');
    await mkdir(path);
    expect(await readNpz(path, ['x'])).toMatchObject({ ok: false, error: { kind: 'dataUnreadable', path } });
  });
});

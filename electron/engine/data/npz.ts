import { readFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { unzipSync, type Zippable, zipSync } from 'fflate';
import type { DataError } from '../../contract/errors.ts';
import { fail, ok, type Result } from '../../contract/result.ts';
import { encodeNpy, type NpyArray, parseNpy } from './npy.ts';

/** Largest array that is unpacked, bytes; what claims to be larger is refused unread. */
export const largestArrayBytes = 2 ** 31;

/**
 * Reads the named arrays of an `.npz` file; those it has not got are absent from the map.
 * Errors: dataUnreadable (empty, not a zip, truncated, damaged, unsupported array).
 */
export async function readNpz(
  path: string,
  names: readonly string[],
): Promise<Result<ReadonlyMap<string, NpyArray>, DataError>> {
  const unreadable = (reason: string) => fail<DataError>({ kind: 'dataUnreadable', path, reason });
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    return unreadable(messageOf(error));
  }
  const arrays = unpackNpz(bytes, names);
  return arrays.ok ? arrays : unreadable(arrays.error);
}

/** The named arrays of the bytes of an `.npz` file, or all (`null`). The error is a reason in words. */
export function unpackNpz(
  bytes: Uint8Array,
  names: readonly string[] | null,
  mostBytes: number = largestArrayBytes,
): Result<ReadonlyMap<string, NpyArray>, string> {
  const unreadable = (reason: string) => fail(reason);
  if (bytes.length === 0) return unreadable('the file is empty');
  // Every zip that holds something starts with a local file header.
  if (bytes.length < 4 || bytes[0] !== 0x50 || bytes[1] !== 0x4b || bytes[2] !== 3 || bytes[3] !== 4) {
    return unreadable('it is not an .npz (zip) file');
  }

  const wanted = names && new Set(names.map((name) => `${name}.npy`));
  const tooLarge: string[] = [];
  let leftBytes = mostBytes;
  let members: Record<string, Uint8Array>;
  let checksums: ReadonlyMap<string, number>;
  try {
    members = unzipSync(bytes, {
      filter: ({ name, originalSize }) => {
        if (wanted ? !wanted.has(name) : !name.endsWith('.npy')) return false;
        leftBytes -= originalSize;
        if (originalSize <= largestArrayBytes && (wanted || leftBytes >= 0)) return true;
        tooLarge.push(name);
        return false;
      },
    });
    checksums = readChecksums(bytes);
  } catch {
    return unreadable('the file is truncated or damaged');
  }
  if (tooLarge[0] !== undefined)
    return unreadable(`${tooLarge[0]} is larger than ${Math.min(mostBytes, largestArrayBytes)} bytes`);

  const arrays = new Map<string, NpyArray>();
  for (const [member, content] of Object.entries(members)) {
    // The unzipper does not look at checksums, so damaged values would pass for data.
    if (crc32(content) !== checksums.get(member)) return unreadable(`${member} is damaged (checksum)`);
    const array = parseNpy(content);
    if (!array.ok) return unreadable(`${member}: ${array.error}`);
    arrays.set(member.replace(/\.npy$/, ''), array.value);
  }
  return ok(arrays);
}

/** Packs arrays into the bytes of an `.npz` file; equal arrays give equal bytes. */
export function encodeNpz(arrays: Readonly<Record<string, NpyArray>>): Uint8Array {
  const files: Zippable = {};
  for (const [name, array] of Object.entries(arrays)) files[`${name}.npy`] = encodeNpy(array);
  return zipSync(files, { level: 9, mtime: new Date(1980, 0, 1) });
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** CRC-32 of each member from the zip's central directory (APPNOTE.TXT 4.3.12). Throws on a damaged one. */
function readChecksums(bytes: Uint8Array): ReadonlyMap<string, number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.length - 22;
  while (view.getUint32(end, true) !== 0x06054b50) end--;
  const checksums = new Map<string, number>();
  let offset = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    const nameBytes = view.getUint16(offset + 28, true);
    const name = new TextDecoder().decode(bytes.subarray(offset + 46, offset + 46 + nameBytes));
    checksums.set(name, view.getUint32(offset + 16, true));
    offset += 46 + nameBytes + view.getUint16(offset + 30, true) + view.getUint16(offset + 32, true);
  }
  return checksums;
}

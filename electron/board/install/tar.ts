import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** A file to be packed: of this computer, where anything but `sizeBytes` with that sha256 is an error, or its bytes. */
export type TarFile = { readonly path: string; readonly executable: boolean } & (
  | { readonly source: string; readonly sizeBytes: number; readonly sha256: string }
  | { readonly content: Buffer }
);

/** A file is not, or is no longer while it is read, what it was said to be. */
export class SourceChangedError extends Error {
  readonly path: string;

  constructor(path: string) {
    super(`${path} changed while it was read`);
    this.path = path;
  }
}

const blockBytes = 512;

/** Streams files as a POSIX ustar archive. Throws `SourceChangedError`, and an error for a path that is too long. */
export async function* packTar(files: readonly TarFile[]): AsyncGenerator<Uint8Array> {
  for (const file of files) {
    const sizeBytes = 'content' in file ? file.content.length : file.sizeBytes;
    yield headerOf(file, sizeBytes);
    if ('content' in file) yield file.content;
    else yield* contentOf(file);
    const paddingBytes = (blockBytes - (sizeBytes % blockBytes)) % blockBytes;
    if (paddingBytes > 0) yield Buffer.alloc(paddingBytes);
  }
  yield Buffer.alloc(2 * blockBytes);
}

async function* contentOf(file: Exclude<TarFile, { readonly content: Buffer }>): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let leftBytes = file.sizeBytes;
  for await (const chunk of createReadStream(file.source, { highWaterMark: 256 * 1024 })) {
    const bytes = chunk as Buffer; // a stream without an encoding gives buffers
    leftBytes -= bytes.length;
    if (leftBytes < 0) throw new SourceChangedError(file.source);
    hash.update(bytes);
    yield bytes;
  }
  if (leftBytes > 0 || hash.digest('hex') !== file.sha256) throw new SourceChangedError(file.source);
}

/** Fields of the header block: offset and length are fixed by POSIX.1-1988 ustar. */
function headerOf(file: TarFile, sizeBytes: number): Buffer {
  const header = Buffer.alloc(blockBytes);
  const [prefix, name] = splitPath(file.path);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`;
  header.write(name, 0, 'utf8');
  header.write(octal(file.executable ? 0o755 : 0o644, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(sizeBytes, 11), 124);
  header.write(octal(0, 11), 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  header.write(prefix, 345, 'utf8');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)} `, 148);
  return header;
}

/** A name of up to 100 bytes, and before it a folder of up to 155. */
function splitPath(path: string): readonly [string, string] {
  if (Buffer.byteLength(path) <= 100) return ['', path];
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)];
    if (Buffer.byteLength(prefix) <= 155 && Buffer.byteLength(name) <= 100) return [prefix, name];
  }
  throw new Error(`Path too long for a tar archive: ${path}`);
}

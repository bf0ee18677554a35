import { createReadStream } from 'node:fs';

/** A file to be packed; exactly `sizeBytes` are read from `source`, anything else is an error. */
export interface TarFile {
  readonly path: string;
  readonly source: string;
  readonly sizeBytes: number;
  readonly executable: boolean;
}

/** A file became shorter or longer while it was read. */
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
    yield headerOf(file);
    let leftBytes = file.sizeBytes;
    for await (const chunk of createReadStream(file.source, { highWaterMark: 256 * 1024 })) {
      const bytes = chunk as Buffer; // a stream without an encoding gives buffers
      leftBytes -= bytes.length;
      if (leftBytes < 0) throw new SourceChangedError(file.source);
      yield bytes;
    }
    if (leftBytes > 0) throw new SourceChangedError(file.source);
    const paddingBytes = (blockBytes - (file.sizeBytes % blockBytes)) % blockBytes;
    if (paddingBytes > 0) yield Buffer.alloc(paddingBytes);
  }
  yield Buffer.alloc(2 * blockBytes);
}

/** Fields of the header block: offset and length are fixed by POSIX.1-1988 ustar. */
function headerOf(file: TarFile): Buffer {
  const header = Buffer.alloc(blockBytes);
  const [prefix, name] = splitPath(file.path);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`;
  header.write(name, 0, 'utf8');
  header.write(octal(file.executable ? 0o755 : 0o644, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(file.sizeBytes, 11), 124);
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

import { createHash, randomUUID } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { z } from 'zod';
import { fail, ok, type Result } from '../../contract/result.ts';
import type { ShellError, UploadSource } from '../shell.ts';
import { fileSource } from '../upload.ts';
import type { RunnerFiles } from './runner-files.ts';
import { packTar, SourceChangedError } from './tar.ts';

/** File in an installation that names every other one by its sha256 and path, a line each. */
export const sumsPath = 'sums';
/** Both architectures, each with and without a Node. */
const keptArchives = 4;
const archiveName = /^runner-[0-9a-f]{16}\.tar\.gz$/;
const noteSchema = z.object({ sizeBytes: z.number(), sha256: z.string() });

/**
 * The runner as one archive, which is made once and kept in a folder of this computer, so that an upload that is taken
 * up again sends the same bytes. Errors: `sourceChanged`. Throws when the folder cannot be written to.
 */
export async function packRunner(
  runner: RunnerFiles,
  cacheFolder: string,
): Promise<Result<UploadSource, ShellError>> {
  mkdirSync(cacheFolder, { recursive: true });
  const file = join(cacheFolder, `runner-${runner.hash}.tar.gz`);
  const kept = readNote(file);
  if (kept) {
    // The time says which archives are used, for whoever clears up.
    utimesSync(file, new Date(), new Date());
    return ok(fileSource(file, kept.sizeBytes, kept.sha256));
  }
  const fresh = `${file}.${randomUUID()}`;
  const hash = createHash('sha256');
  try {
    await pipeline(
      Readable.from(packTar([sumsOf(runner), ...runner.files])),
      createGzip({ level: 6 }),
      createWriteStream(fresh),
    );
    await pipeline(createReadStream(fresh), hash);
  } catch (error) {
    rmSync(fresh, { force: true });
    if (error instanceof SourceChangedError) return fail({ kind: 'sourceChanged', path: error.path });
    throw error;
  }
  const note = { sizeBytes: statSync(fresh).size, sha256: hash.digest('hex') };
  writeFileSync(`${file}.json`, JSON.stringify(note));
  renameSync(fresh, file);
  removeOthers(cacheFolder);
  return ok(fileSource(file, note.sizeBytes, note.sha256));
}

function sumsOf(runner: RunnerFiles) {
  const lines = runner.files.map(({ sha256, path }) => `${sha256} ${path}\n`);
  return { path: sumsPath, content: Buffer.from(lines.join('')), executable: false };
}

function readNote(file: string): z.output<typeof noteSchema> | null {
  try {
    const note = noteSchema.parse(JSON.parse(readFileSync(`${file}.json`, 'utf8')));
    return statSync(file).size === note.sizeBytes ? note : null;
  } catch {
    return null;
  }
}

function removeOthers(cacheFolder: string): void {
  const archives = readdirSync(cacheFolder)
    .filter((name) => archiveName.test(name))
    .map((name) => ({ file: join(cacheFolder, name), usedMs: statSync(join(cacheFolder, name)).mtimeMs }))
    .sort((a, b) => b.usedMs - a.usedMs);
  for (const { file } of archives.slice(keptArchives)) {
    for (const path of [file, `${file}.json`]) if (existsSync(path)) rmSync(path, { force: true });
  }
}

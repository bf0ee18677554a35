import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { graphLevels, type OptimizeCall, searchStrategies } from '../contract/api.ts';
import type { AppError, DataError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import { fileFailure } from '../store/failure.ts';

/** What a run was asked for, as the store keeps it: enough to go on in another process and another folder. */
export interface RunRequest {
  readonly call: OptimizeCall;
  /** Folder that the paths of `call` are seen from. */
  readonly cwd: string;
  /** `fingerprintData` of the data when the run began. */
  readonly dataFingerprint: string;
  /** The run from whose front this one only chooses. */
  readonly pickedFrom?: string;
}

const boardSchema = z.object({
  address: z.string(),
  acceptHostKey: z.string().exactOptional(),
  acceptBoard: z.string().exactOptional(),
  expectBoard: z.string().exactOptional(),
  identityFile: z.string().exactOptional(),
});

const requestSchema = z.object({
  call: z.object({
    modelPath: z.string(),
    dataPath: z.string(),
    board: boardSchema,
    boards: z.array(boardSchema).exactOptional(),
    out: z.string().exactOptional(),
    maxAccuracyDrop: z.number(),
    targetSpeedup: z.number().exactOptional(),
    budgetSeconds: z.number(),
    threads: z.number(),
    level: z.enum(graphLevels).exactOptional(),
    strategy: z.enum(searchStrategies).exactOptional(),
    groupSize: z.number(),
    seed: z.number(),
  }),
  cwd: z.string(),
  dataFingerprint: z.string(),
  pickedFrom: z.string().exactOptional(),
});

/** Reads a request back from the store. Throws for what `RunRequest` never was. */
export const readRunRequest = (stored: unknown): RunRequest => requestSchema.parse(stored);

/**
 * A text that changes when the data does: hash of the arrays and the description; of images, which may be many,
 * their names and sizes. Errors: dataMissing, dataUnreadable.
 */
export async function fingerprintData(path: string): Promise<Result<string, DataError>> {
  const hash = createHash('sha256');
  try {
    if (!existsSync(path))
      return fail({ kind: 'dataMissing', path, reason: 'there is no such file or folder' });
    const parts = statSync(path).isDirectory()
      ? ['dataset.json', 'fit.npz', 'verify.npz', 'fit', 'verify'].map((name) => join(path, name))
      : [path];
    for (const part of parts) {
      if (!existsSync(part)) continue;
      hash.update(`\0${part.slice(path.length)}\0`);
      if (statSync(part).isDirectory()) hash.update(listing(part));
      else await pipeline(createReadStream(part), hash, { end: false });
    }
    return ok(hash.digest('hex'));
  } catch (error) {
    if (!fileFailure(error, path)) throw error;
    return fail({
      kind: 'dataUnreadable',
      path,
      reason: error instanceof Error ? error.message : 'unreadable',
    });
  }
}

/**
 * The absolute path of a run's data, which is still what it was when the run began: other data would show and
 * measure other samples. Errors: those of `fingerprintData` and `inputChanged`, with the path as the user named it.
 */
export async function findUnchangedData(
  run: string,
  { call, cwd, dataFingerprint }: RunRequest,
): Promise<Result<string, AppError>> {
  const dataPath = resolve(cwd, call.dataPath);
  const fingerprint = await fingerprintData(dataPath);
  if (!fingerprint.ok) return fail({ ...fingerprint.error, path: call.dataPath });
  return fingerprint.value === dataFingerprint
    ? ok(dataPath)
    : fail({ kind: 'inputChanged', run, path: call.dataPath });
}

function listing(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => `${name}\0${statSync(join(folder, name)).size}`)
    .join('\0');
}

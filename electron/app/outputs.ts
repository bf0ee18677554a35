import { randomBytes } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { RequestError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import { fileFailure } from '../store/failure.ts';
import { isAlive } from '../store/process-identity.ts';

const unfinishedMark = '.unfinished-';

/**
 * Says before any work whether results can go to `out` (absolute): it must not exist or be an empty folder, and
 * this process must be able to write there. Errors: outputExists, notWritable.
 */
export function checkOutput(out: string): Result<void, RequestError> {
  try {
    if (existsSync(out)) {
      if (!statSync(out).isDirectory()) return fail({ kind: 'outputExists', path: out });
      if (readdirSync(out).some((name) => !isLeftOver(name)))
        return fail({ kind: 'outputExists', path: out });
    }
    let folder = out;
    while (!existsSync(folder)) folder = dirname(folder);
    if (!statSync(folder).isDirectory())
      return fail({ kind: 'notWritable', path: out, reason: `${folder} is no folder` });
    accessSync(folder, constants.W_OK | constants.X_OK);
    return ok(undefined);
  } catch (error) {
    return fail(outputFailure(error, out));
  }
}

/**
 * Makes `out` (absolute) with what `fill` writes into the folder it is given, all or nothing: a folder beside it
 * is filled and renamed; where `out` is an empty folder already, one inside it, whose files then move up in the
 * order in which `fill` names them. Returns their paths. Errors: outputExists, diskFull, notWritable.
 */
export function writeOutput(
  out: string,
  fill: (folder: string) => Result<readonly string[], RequestError>,
): Result<string[], RequestError> {
  const checked = checkOutput(out);
  if (!checked.ok) return checked;
  const mark = `${unfinishedMark}${process.pid}-${randomBytes(4).toString('hex')}`;
  // A folder that is there may be a mount point or the shell's own: it is filled, not replaced.
  const isThere = existsSync(out);
  const temporary = isThere ? join(out, mark) : join(dirname(out), `.${basename(out)}${mark}`);
  try {
    mkdirSync(dirname(temporary), { recursive: true });
    removeLeftOvers(dirname(temporary), isThere ? '' : `.${basename(out)}`);
    mkdirSync(temporary);
    const filled = fill(temporary);
    if (!filled.ok) return fail(asOutputFailure(filled.error, out));
    const names = filled.value.map((path) => basename(path));
    if (isThere) {
      for (const name of names) renameSync(join(temporary, name), join(out, name));
      rmdirSync(temporary);
    } else renameSync(temporary, out);
    return ok(names.map((name) => join(out, name)));
  } catch (error) {
    return fail(outputFailure(error, out));
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

function isLeftOver(name: string): boolean {
  const at = name.indexOf(unfinishedMark);
  if (at < 0) return false;
  const pid = Number(name.slice(at + unfinishedMark.length).split('-')[0]);
  return Number.isInteger(pid) && pid !== process.pid && !isAlive({ pid, started: null });
}

/** Removes what killed processes left while they wrote. */
function removeLeftOvers(folder: string, prefix: string): void {
  for (const name of readdirSync(folder)) {
    if (name.startsWith(`${prefix}${unfinishedMark}`) && isLeftOver(name))
      rmSync(join(folder, name), { recursive: true, force: true });
  }
}

function outputFailure(error: unknown, out: string): RequestError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOTEMPTY') return { kind: 'outputExists', path: out };
  const failure = fileFailure(error, out);
  if (!failure) throw error;
  return asOutputFailure(failure, out);
}

/** The user named the folder, not the temporary place of a file in it. */
function asOutputFailure(error: RequestError, out: string): RequestError {
  switch (error.kind) {
    case 'diskFull':
      return { kind: 'diskFull', path: out };
    case 'notWritable':
    case 'storeUnreadable':
      return { kind: 'notWritable', path: out, reason: error.reason };
    default:
      return error;
  }
}

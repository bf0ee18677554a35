import { posix } from 'node:path';
import type { DeployError } from '../../contract/errors.ts';
import { fail, ok, type Result } from '../../contract/result.ts';
import { quoteForShell, type ShellError } from '../shell.ts';

/** Where a model lies on a board, and where Fieldtune keeps what belongs to it; absolute paths. */
export interface DeploymentPlace {
  /** What the customer's service reads. */
  readonly path: string;
  readonly folder: string;
  readonly name: string;
  /** Beside the path, so on the same file system: everything of ours lies in there. */
  readonly home: string;
}

/** Why something on the board's side of a deployment was not done. */
export type DeployFailure = ShellError | DeployError;

/** Versions kept on the board; the active one and the one before it are always among them. */
export const keptReleases = 3;
/** Room for manifests, the journal and the lock beside a model. */
export const spareBytes = 1024 * 1024;

const longestPathBytes = 900;
const longestNameBytes = 200;

/** The place of a path. Fails with what a path has to be. */
export function placeOf(path: string): Result<DeploymentPlace, string> {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is refused
  if (/[\u0000-\u001f\u007f]/.test(path)) return fail('a path without line breaks and control characters');
  if (!path.startsWith('/')) return fail('an absolute path on the board, such as /opt/app/model.onnx');
  const clean = posix.normalize(path);
  const name = posix.basename(clean);
  if (clean.endsWith('/') || name === '') return fail('the path of a file, not of a folder');
  const folder = posix.dirname(clean);
  if (Buffer.byteLength(clean) > longestPathBytes || Buffer.byteLength(name) > longestNameBytes)
    return fail(`a path of at most ${longestPathBytes} bytes with a name of at most ${longestNameBytes}`);
  return ok({ path: clean, folder, name, home: posix.join(folder, `.${name}.fieldtune`) });
}

/** What the link at the path says: relative, so that the folder may be mounted elsewhere. */
export const linkTarget = ({ name }: DeploymentPlace, release: number): string =>
  `.${name}.fieldtune/releases/${release}/${name}`;

/**
 * Shell lines that all scripts of a place begin with: `$P` the path, `$D` its folder, `$N` its name, `$S` our folder.
 * `write` goes through `cat`, as the `printf` of some shells does not say that a disk is full.
 */
export function preludeOf(place: DeploymentPlace): string {
  return `LC_ALL=C; export LC_ALL
umask 022
P=${quoteForShell(place.path)}
D=${quoteForShell(place.folder)}
N=${quoteForShell(place.name)}
S=${quoteForShell(place.home)}
hash_of() { sha256sum <"$1" | cut -c 1-64; }
flush() { sync "$@" 2>/dev/null || sync; }
write() { printf '%s\\n' "$2" | cat >"$1"; }`;
}

import type { BoardError } from '../../contract/errors.ts';
import { ok, type Result } from '../../contract/result.ts';
import { type KnownHost, readKnownHosts } from './known-hosts.ts';

/** A line of a list of known hosts, with its file. */
export interface TrustedHost extends KnownHost {
  readonly file: string;
  /** The list is Fieldtune's own and may be written; OpenSSH's are only read. */
  readonly own: boolean;
}

/**
 * Reads Fieldtune's own list and those of OpenSSH: a key on any of them is known, one revoked on any is refused.
 * Errors: `knownHostsUnreadable` for any that is there and cannot be read, since it may revoke a key.
 */
export function readTrust(
  ownFile: string,
  openSshFiles: readonly string[],
): Result<readonly TrustedHost[], BoardError> {
  const all: TrustedHost[] = [];
  for (const [file, own] of [
    [ownFile, true] as const,
    ...openSshFiles.map((file) => [file, false] as const),
  ]) {
    const read = readKnownHosts(file);
    if (!read.ok) return read;
    all.push(...read.value.map((host) => ({ ...host, file, own })));
  }
  return ok(all);
}

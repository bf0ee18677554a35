import type { RequestError } from '../contract/errors.ts';

/** Code of a failure of SQLite or of the file system, such as `SQLITE_BUSY` or `ENOSPC`; undefined for other errors. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/**
 * What a failed read or write of `path` means to the user; undefined for an error that is no fault of the
 * file's place, so a bug.
 * Errors: storeBusy, diskFull, notWritable, storeUnreadable.
 */
export function fileFailure(error: unknown, path: string): RequestError | undefined {
  const code = codeOf(error);
  if (code === undefined) return undefined;
  const reason = error instanceof Error ? error.message : code;
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return { kind: 'storeBusy', path };
  // SQLite answers a disk too full for its shared index with an I/O error of its own.
  if (/^(ENOSPC|EDQUOT|SQLITE_FULL|SQLITE_IOERR_SHMSIZE)$/.test(code)) return { kind: 'diskFull', path };
  if (/^(EACCES|EPERM|EROFS|ENOTDIR|EEXIST|EISDIR|ELOOP|ENAMETOOLONG)$/.test(code))
    return { kind: 'notWritable', path, reason };
  if (/^SQLITE_(READONLY|CANTOPEN|PERM)/.test(code)) return { kind: 'notWritable', path, reason };
  if (/^(EIO|ENOENT|SQLITE_(CORRUPT|NOTADB|IOERR).*)$/.test(code))
    return { kind: 'storeUnreadable', path, reason };
  return undefined;
}

/** Whether SQLite says that the file's contents are no sound database. */
export const saysDamaged = (error: unknown): boolean => /^SQLITE_(CORRUPT|NOTADB)/.test(codeOf(error) ?? '');

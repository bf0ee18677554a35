import type { AppError } from '../../contract/errors.ts';
import { fail } from '../../contract/result.ts';

/** The failure with a file called as the person named it, where it speaks of that file. */
export function namedAs(
  error: AppError,
  absolutePath: string,
  path: string,
): { readonly ok: false; readonly error: AppError } {
  return fail('path' in error && error.path === absolutePath ? { ...error, path } : error);
}

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { RunSummary } from '../contract/api.ts';
import type { AppParts } from './parts.ts';

/** Lists the runs; see `Api.history`. */
export function history(
  { store, cwd }: AppParts,
  filter: { readonly board?: string; readonly model?: string },
): readonly RunSummary[] {
  const found = store.runs.list(filter);
  if (found.length > 0 || filter.model === undefined) return found;
  // The store knows absolute paths; a file may have been named from here.
  const path = resolve(cwd, filter.model);
  return existsSync(path) ? store.runs.list({ ...filter, model: path }) : found;
}

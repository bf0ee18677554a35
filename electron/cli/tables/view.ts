import { relative } from 'node:path';
import type { Paint } from './text-table.ts';
import { displayWidth } from './text-table.ts';

/** How results are shown: for which width, in which colours, and seen from which folder. */
export interface View {
  readonly width: number;
  readonly paint: Paint;
  readonly folder: string;
}

/** A path as short as it can be given from the view's folder. */
function shownPath(path: string, view: View): string {
  const near = relative(view.folder, path);
  return near !== '' && displayWidth(near) < displayWidth(path) && !near.startsWith('..') ? near : path;
}

/** The paths that were written, under a title; nothing when there are none. */
export function fileLines(files: readonly string[], view: View): string[] {
  if (files.length === 0) return [];
  return ['', view.paint('bold', 'Written'), ...files.map((file) => `  ${shownPath(file, view)}`)];
}

import { type Draft, type Linear, linears } from '../search/draft.ts';
import type { Edit } from '../search/edits.ts';

/** Steps to which shares are rounded: what worked at 0.24 of the channels is told of 0.25 as well. */
const shareStep = 1 / 8;

const roundShare = (part: number, whole: number): number =>
  Math.min(1, Math.max(shareStep, Math.round(part / whole / shareStep) * shareStep));

/**
 * What kind of edit it is, whatever the operator is called and however wide it is: `narrow 0.5`, `lowRank 0.25`,
 * `depthwise 3`, `skip`.
 */
function formOf(edit: Edit, linear: Linear | undefined): string {
  if ('keep' in edit)
    return linear ? `${edit.kind} ${roundShare(edit.keep, linear.shape[linear.outAxis]!)}` : edit.kind;
  if (edit.kind !== 'replace') return edit.kind;
  const { name, ...settings } = edit.form;
  const smaller = linear ? Math.min(linear.shape[linear.outAxis]!, linear.shape[linear.inAxis]!) : null;
  const told = Object.entries(settings).flatMap(([key, value]) =>
    key === 'rank' && smaller ? [String(roundShare(Number(value), smaller))] : [String(value)],
  );
  return [name, ...told].join(' ');
}

/** The kinds of some edits of a draft, each once, in order of the alphabet. */
export function formsOf(draft: Draft, edits: readonly Edit[]): string[] {
  const all = linears(draft.program);
  const forms = edits.map((edit) =>
    formOf(
      edit,
      all.find((l) => l.weight === edit.weight),
    ),
  );
  return [...new Set(forms)].sort();
}

import type { GraphDiff } from '../../../electron/contract/views.ts';

type DiffOperator = GraphDiff['operators'][number];

/** One line of two columns: the same operator in both, or one that is gone beside one that came. */
export interface DiffRow {
  readonly a: DiffOperator | null;
  readonly b: DiffOperator | null;
  readonly change: 'same' | 'changed';
}

/**
 * The operators of A and B side by side in their order. A new operator stands after the last operator it takes
 * values from, so that it comes beside what it replaces.
 */
export function alignDiff({ operators }: GraphDiff): readonly DiffRow[] {
  const ofA = operators.filter(({ change }) => change !== 'added');
  const added = operators.filter(({ change }) => change === 'added');
  const same = ofA.filter(({ change }) => change === 'same');
  /** Gap n lies after the n-th operator that both have; gap 0 before the first. */
  const gapAfterValue = new Map<string, number>();
  same.forEach((operator, i) => {
    for (const output of operator.outputs) gapAfterValue.set(output, i + 1);
  });
  const addedIn = new Map<number, DiffOperator[]>();
  for (const operator of added) {
    const gap = Math.max(0, ...operator.inputs.map((input) => gapAfterValue.get(input) ?? 0));
    for (const output of operator.outputs) gapAfterValue.set(output, gap);
    addedIn.set(gap, [...(addedIn.get(gap) ?? []), operator]);
  }
  const removedIn = new Map<number, DiffOperator[]>();
  let passed = 0;
  for (const operator of ofA) {
    if (operator.change === 'same') passed++;
    else removedIn.set(passed, [...(removedIn.get(passed) ?? []), operator]);
  }
  const gapRows = (gap: number): DiffRow[] => {
    const [gone, came] = [removedIn.get(gap) ?? [], addedIn.get(gap) ?? []];
    return Array.from({ length: Math.max(gone.length, came.length) }, (_, i) => ({
      a: gone[i] ?? null,
      b: came[i] ?? null,
      change: 'changed',
    }));
  };
  return [
    ...gapRows(0),
    ...same.flatMap((operator, i): DiffRow[] => [
      { a: operator, b: operator, change: 'same' },
      ...gapRows(i + 1),
    ]),
  ];
}

/** A line to show: a row, or that so many rows of the same are left out. */
export type ShownRow =
  | { readonly kind: 'row'; readonly row: DiffRow }
  | { readonly kind: 'left out'; readonly count: number };

/** The rows, those that are the same gathered into counts where only changes are wanted. */
export function shownRows(rows: readonly DiffRow[], changesOnly: boolean): readonly ShownRow[] {
  if (!changesOnly) return rows.map((row) => ({ kind: 'row', row }));
  const shown: ShownRow[] = [];
  for (const row of rows) {
    const last = shown.at(-1);
    if (row.change === 'changed') shown.push({ kind: 'row', row });
    else if (last?.kind === 'left out') shown[shown.length - 1] = { kind: 'left out', count: last.count + 1 };
    else shown.push({ kind: 'left out', count: 1 });
  }
  return shown;
}

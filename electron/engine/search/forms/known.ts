import type { Linear } from '../draft.ts';
import type { Form } from '../replace.ts';
import { roundWidth } from '../room.ts';

/** The known good forms for one linear instruction. */
export function formsFor(linear: Linear): Form[] {
  const outputs = linear.shape[linear.outAxis]!;
  const inputs = linear.shape[linear.inAxis]!;
  const smaller = Math.min(outputs, inputs);
  const ranks = [1 / 2, 1 / 4, 1 / 8]
    .map((f) => roundWidth(smaller * f))
    .filter((r, i, all) => r >= 2 && all.indexOf(r) === i);
  const lowRank = ranks.map((rank): Form => ({ name: 'lowRank', rank }));
  if (linear.kind === 'matmul' || linear.shape.slice(2).every((k) => k === 1)) return lowRank;
  const kernel = Math.max(...linear.shape.slice(2));
  return [
    { name: 'depthwise', kernel },
    ...(kernel > 3 ? [{ name: 'depthwise', kernel: 3 } as const] : []),
    { name: 'pointwise' },
    { name: 'average' },
    { name: 'grouped', groups: 2 },
    { name: 'grouped', groups: 4 },
    ...lowRank,
    ...ranks.map((rank): Form => ({ name: 'separable', rank })),
    { name: 'pooled' },
  ];
}

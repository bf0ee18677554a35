import type { Linear } from '../draft.ts';
import { roundWidth } from '../room.ts';
import { tapsOf } from './decompose.ts';
import type { Form } from './form.ts';

/** The known good forms for one linear instruction, those that most often pay first. */
export function formsFor(linear: Linear): Form[] {
  const outputs = linear.shape[linear.outAxis]!;
  const inputs = linear.shape[linear.inAxis]!;
  const ranks = [1 / 2, 1 / 4, 1 / 8]
    .map((f) => roundWidth(Math.min(outputs, inputs) * f))
    .filter((r, i, all) => r >= 2 && r < Math.min(outputs, inputs) && all.indexOf(r) === i);
  const lowRank = ranks.map((rank): Form => ({ name: 'lowRank', rank }));
  const inGroups = (counts: readonly number[]) =>
    counts.map((groups) => ({ name: 'grouped', groups }) as const);
  if (linear.kind === 'matmul')
    return [...lowRank, ...inGroups([4, 8]).filter((f) => Math.min(inputs, outputs) / f.groups >= 24)];
  const kernel = Math.max(...linear.shape.slice(2));
  const taps = tapsOf(linear.shape);
  const smaller = [3, 1].filter((k) => k < kernel).map((k) => ({ name: 'cropped', kernel: k }) as const);
  // One input for each kernel: depthwise already.
  if (inputs === 1 && outputs > 1) return [...smaller, { name: 'pooled' }];
  const shuffled: Form = { name: 'shuffled', groups: 4 };
  if (kernel === 1) return [...lowRank, ...inGroups([2, 4]), shuffled];
  return [
    { name: 'depthwise', kernel },
    ...(kernel > 3 ? [{ name: 'depthwise', kernel: 3 } as const] : []),
    { name: 'pointwise' },
    { name: 'average' },
    ...(inputs >= taps ? [{ name: 'shift' } as const] : []),
    ...smaller.filter((f) => f.kernel > 1),
    ...inGroups([2, 4]),
    shuffled,
    ...lowRank,
    ...ranks.map((rank): Form => ({ name: 'separable', rank })),
    { name: 'pooled' },
  ];
}

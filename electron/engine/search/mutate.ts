import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { sameShape } from '../instructions/shapes.ts';
import type { Draft } from './draft.ts';
import type { Edit } from './edits.ts';
import { formsFor } from './forms/known.ts';
import { draw, pick } from './random.ts';
import { headsTo, type Room, roomOf, widthTo } from './room.ts';

const shares = [7 / 8, 3 / 4, 5 / 8, 1 / 2, 3 / 8, 1 / 4] as const;

/** One random change: mostly of a number, sometimes an edit more or less. */
export function mutate(draft: Draft, edits: readonly Edit[], rng: RandomGenerator): Edit[] {
  const room = roomOf(draft.program);
  const roll = draw(rng, 100);
  if (edits.length > 0 && roll < 60) {
    const at = draw(rng, edits.length);
    return edits.flatMap((edit, i) => (i === at ? turn(edit, room, rng) : [edit]));
  }
  if (edits.length > 1 && roll < 72) {
    const at = draw(rng, edits.length);
    return edits.filter((_, i) => i !== at);
  }
  const extra = another(room, rng);
  const replaced = (e: Edit) => extra.some((x) => x.kind === e.kind && x.weight === e.weight);
  return [...edits.filter((e) => !replaced(e)), ...extra];
}

/** One more change of any kind that the program has room for. */
function another(room: Room, rng: RandomGenerator): Edit[] {
  const ways: (() => readonly Edit[])[] = [];
  const { linears, widths, heads, branches, blocks, attentions, activations, strides, coarsenings } = room;
  const formed = linears.filter((l) => formsFor(l).length > 0);
  if (formed.length > 0) {
    const replace = (): Edit[] => {
      const linear = pick(rng, formed);
      return [{ kind: 'replace', weight: linear.weight, form: pick(rng, formsFor(linear)) }];
    };
    ways.push(replace, replace);
  }
  if (widths.length > 0) {
    const narrow = () => orNone(widthTo(pick(rng, widths), pick(rng, shares)));
    ways.push(narrow, narrow);
  }
  if (heads.length > 0) ways.push(() => orNone(headsTo(pick(rng, heads), pick(rng, shares))));
  if (branches.length > 0) ways.push(() => [{ kind: 'dropBranch', weight: pick(rng, branches).weight }]);
  if (attentions.length > 0) ways.push(() => [{ kind: 'mixTokens', weight: pick(rng, attentions) }]);
  if (strides.length > 0) ways.push(() => [{ kind: 'strideEarly', weight: pick(rng, strides), steps: 1 }]);
  if (coarsenings.length > 0) ways.push(() => [{ kind: 'coarsen', ...pick(rng, coarsenings) }]);
  if (activations.length > 0)
    ways.push(() => {
      const as = draw(rng, 2) === 0 ? 'relu' : 'hardSwish';
      return [{ kind: 'activation', weight: pick(rng, activations), as }];
    });
  if (blocks.length > 0) ways.push(() => pick(rng, blocks).map((weight): Edit => ({ kind: 'skip', weight })));
  if (linears.length > 0) ways.push(() => [{ kind: 'skip', weight: pick(rng, linears).weight }]);
  return ways.length === 0 ? [] : [...pick(rng, ways)()];
}

const orNone = (edit: Edit | null): Edit[] => (edit ? [edit] : []);

/** Another number in the same edit, or another form in its place. */
function turn(edit: Edit, room: Room, rng: RandomGenerator): Edit[] {
  const linear = room.linears.find((l) => l.weight === edit.weight);
  if (!linear) return [edit];
  const sign = draw(rng, 2) === 0 ? -1 : 1;
  switch (edit.kind) {
    case 'narrow':
    case 'narrowStream': {
      const extent = linear.shape[linear.outAxis]!;
      const unit = room.widths.find((w) => w.members.includes(edit.weight))?.unit ?? 1;
      const step = unit > 1 ? unit : extent >= 24 ? 8 * (1 + draw(rng, 2)) : 2 * (1 + draw(rng, 2));
      const least = unit > 1 ? unit : 2;
      return [{ ...edit, keep: Math.max(least, Math.min(extent - step, edit.keep + sign * step)) }];
    }
    case 'narrowHeads': {
      const width = room.heads.find((h) => h.members.includes(edit.weight))?.width ?? 2;
      const step = width >= 16 ? 4 : 1;
      return [{ ...edit, keep: Math.max(1, Math.min(width - 1, edit.keep + sign * step)) }];
    }
    case 'replace': {
      const { form } = edit;
      if ('rank' in form && draw(rng, 4) > 0)
        return [{ ...edit, form: { ...form, rank: Math.max(2, form.rank + 8 * sign) } }];
      const forms = formsFor(linear);
      return forms.length === 0 ? [edit] : [{ ...edit, form: pick(rng, forms) }];
    }
    case 'activation':
      return [{ ...edit, as: edit.as === 'relu' ? 'hardSwish' : 'relu' }];
    case 'strideEarly':
      return edit.steps + sign < 1 ? [] : [{ ...edit, steps: edit.steps + sign }];
    case 'coarsen': {
      const at = room.coarsenings.findIndex(
        (c) => c.weight === edit.weight && sameShape(c.factors, edit.factors),
      );
      const near = room.coarsenings[at + sign];
      return near ? [{ kind: 'coarsen', ...near }] : [];
    }
    case 'mixTokens':
      return [];
    default: {
      const forms = formsFor(linear);
      return forms.length === 0 ? [] : [{ kind: 'replace', weight: edit.weight, form: pick(rng, forms) }];
    }
  }
}

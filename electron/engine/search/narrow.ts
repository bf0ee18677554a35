import { spreadCut } from './axes.ts';
import { applyCut } from './cut.ts';
import { type Draft, type Linear, linears } from './draft.ts';
import type { ChooseChannels } from './edits.ts';
import { firstOf, headsOf, sourcesOf, widthsOf, withinHeads } from './streams.ts';

/**
 * Fewer channels: keeps `indices` of the outputs of the linear instruction with this weight, and follows them to
 * the linear instructions that read them, whose inputs shrink likewise. Null where the channels meet something
 * that needs them all, or channels that other linear instructions make (a residual sum).
 */
export function narrow(draft: Draft, weight: string, indices: readonly number[]): Draft | null {
  const all = linears(draft.program);
  const source = all.find((l) => l.weight === weight);
  return source ? cutOutputs(draft, source, all, indices, (members) => members.length === 1) : null;
}

/**
 * Fewer channels of everything that is added to the outputs of this weight, across the program: all linear
 * instructions that write into the same sums make `keep` outputs, all that read them read as many. Where the
 * channels are read as attention heads whole heads go, and `keep` is a multiple of a head's width. Means and
 * sums over the channels are taken over those kept. Null where the channels meet something that needs them all.
 */
export function narrowStream(
  draft: Draft,
  weight: string,
  keep: number,
  choose: ChooseChannels,
): Draft | null {
  const all = linears(draft.program);
  const source = all.find((l) => l.weight === weight);
  const stream = widthsOf(draft.program).find((s) => s.members.includes(weight));
  if (!source || !stream || keep < 1 || keep >= stream.extent || keep % stream.unit !== 0) return null;
  const { extent, unit } = stream;
  // A head is worth what its channels are worth: those that hold most of the chosen ones stay.
  const chosen = choose(weight, keep, extent);
  const heads = mostOf(
    chosen.map((i) => Math.floor(i / unit)),
    extent / unit,
    keep / unit,
  );
  const indices = unit === 1 ? chosen : heads.flatMap((h) => firstOf(unit).map((i) => h * unit + i));
  return cutOutputs(draft, source, all, indices, () => true);
}

/**
 * Narrower attention heads: keeps `keep` channels of each head, the same of every one, in all linear instructions
 * that share them (query and key; or value, with what reads it). Null where there are no heads.
 */
export function narrowHeads(
  draft: Draft,
  weight: string,
  keep: number,
  choose: ChooseChannels,
): Draft | null {
  const all = linears(draft.program);
  const source = all.find((l) => l.weight === weight);
  const found = headsOf(draft.program).find((h) => h.members.includes(weight));
  if (!source || !found || keep < 1 || keep >= found.width) return null;
  const { heads, width } = found;
  const chosen = choose(weight, keep * heads, heads * width);
  const places = mostOf(
    chosen.map((i) => i % width),
    width,
    keep,
  );
  return cutOutputs(draft, source, all, withinHeads(heads, width, places), () => true);
}

/** The `count` most frequent of 0 … `of` − 1, ascending; the lower one where two are alike. */
function mostOf(votes: readonly number[], of: number, count: number): number[] {
  const frequency = new Array<number>(of).fill(0);
  for (const v of votes) frequency[v]! += 1;
  return firstOf(of)
    .sort((a, b) => frequency[b]! - frequency[a]! || a - b)
    .slice(0, count)
    .sort((a, b) => a - b);
}

function cutOutputs(
  draft: Draft,
  source: Linear,
  all: readonly Linear[],
  indices: readonly number[],
  admits: (members: readonly string[]) => boolean,
): Draft | null {
  const cut = spreadCut(draft.program, { id: source.leaf, axis: source.outAxis, indices });
  if (!cut.ok || !admits(sourcesOf(draft.program, all, cut.value))) return null;
  return applyCut(draft, cut.value);
}

import { spreadCut } from './axes.ts';
import { applyCut } from './cut.ts';
import { type Draft, linears } from './draft.ts';
import type { ChooseChannels } from './edits.ts';
import { firstOf, wholeBlocks, withinBlocks } from './indices.ts';
import { headsOf, sourcesOf, widthsOf } from './streams.ts';

/**
 * Fewer channels: keeps `indices` of the outputs of the linear instruction with this weight, and follows them to
 * the linear instructions that read them, whose inputs shrink likewise. Null where the channels meet something
 * that needs them all, or channels that other linear instructions make (a residual sum).
 */
export function narrow(draft: Draft, weight: string, indices: readonly number[]): Draft | null {
  return cutOutputs(draft, weight, indices, (members) => members.length === 1);
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
  const stream = widthsOf(draft.program).find((s) => s.members.includes(weight));
  if (!stream || keep < 1 || keep >= stream.extent || keep % stream.unit !== 0) return null;
  const { extent, unit } = stream;
  // A head is worth what its channels are worth: those that hold most of the chosen ones stay.
  const chosen = choose(weight, keep, extent);
  const heads = mostOf(
    chosen.map((i) => Math.floor(i / unit)),
    extent / unit,
    keep / unit,
  );
  const indices = unit === 1 ? chosen : wholeBlocks(heads, unit);
  return cutOutputs(draft, weight, indices, () => true);
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
  const found = headsOf(draft.program).find((h) => h.members.includes(weight));
  if (!found || keep < 1 || keep >= found.width) return null;
  const { heads, width } = found;
  const chosen = choose(weight, keep * heads, heads * width);
  const places = mostOf(
    chosen.map((i) => i % width),
    width,
    keep,
  );
  return cutOutputs(draft, weight, withinBlocks(heads, width, places), () => true);
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

/** Cuts the outputs of a weight, and what must go with them, if it may be cut together with the others of the sums. */
function cutOutputs(
  draft: Draft,
  weight: string,
  indices: readonly number[],
  admits: (members: readonly string[]) => boolean,
): Draft | null {
  const all = linears(draft.program);
  const source = all.find((l) => l.weight === weight);
  if (!source) return null;
  const cut = spreadCut(draft.program, { id: source.leaf, axis: source.outAxis, indices });
  if (!cut.ok || !admits(sourcesOf(draft.program, all, cut.value))) return null;
  return applyCut(draft, cut.value);
}

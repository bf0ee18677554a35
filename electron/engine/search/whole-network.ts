import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import type { Branch } from './branches.ts';
import { type Draft, isDense, type Linear } from './draft.ts';
import type { Edit } from './edits.ts';
import { mutate } from './mutate.ts';
import { depthwise, distinct } from './proposals.ts';
import { draw, pick } from './random.ts';
import { headsTo, type Room, roomOf, widthsTo, widthTo } from './room.ts';
import type { Stream } from './streams.ts';
import { strideEarly } from './stride.ts';

/** At 7/8 nothing became measurably faster. */
const shares = [3 / 4, 5 / 8, 1 / 2, 3 / 8, 1 / 4] as const;

/**
 * Whole-network specifications worth starting from: the inner widths, the residual streams, both, each at several
 * shares, for all stages and for one; branches and blocks left out, the last of each stage first; spatial
 * convolutions as depthwise ones; a lower resolution from some convolution on; attention heads fewer and narrower; and
 * the best of these together. Different ones only, families in turns, so that any even choice among them has something
 * of each.
 */
export function wholeSeeds(draft: Draft): Edit[][] {
  const room = roomOf(draft.program);
  const inner = room.widths.filter((w) => w.members.length === 1);
  const streams = room.widths.filter((w) => w.members.length > 1 && w.unit === 1);
  const dropped = dropsOf(draft, room);
  const thin = depthwiseOf(draft, room);
  const attention = (share: number): Edit[] => [
    ...widthsTo(
      room.widths.filter((w) => w.unit > 1),
      share,
    ),
    ...room.heads.flatMap((h) => headsTo(h, share) ?? []),
  ];
  const coarser = room.coarsenings.map((c): Edit[] => [{ kind: 'coarsen', ...c }]);
  const singles: Edit[][] = [
    ...[1, 2, 3].map((steps) => stridesBy(draft, room, steps)),
    room.attentions.map((weight): Edit => ({ kind: 'mixTokens', weight })),
    room.activations.map((weight): Edit => ({ kind: 'activation', weight, as: 'relu' })),
  ].filter((edits) => edits.length > 0);
  const stages = stagesOf(draft, room);
  const families: Edit[][][] = [
    shares.map((share) => [...widthsTo(inner, share), ...widthsTo(streams, share)]),
    streams.length > 0 ? shares.map((share) => widthsTo(inner, share)) : [],
    dropped,
    dropped.flatMap((drop) => [3 / 4, 1 / 2].map((share) => [...drop, ...widthsTo(inner, share)])),
    shares.map((share) => widthsTo(streams, share)),
    singles.length > 0
      ? [...singles, singles.flat(), ...singles.filter((s) => s.length > 1).map((s) => s.slice(-1))]
      : [],
    singles.flatMap((edits) => [3 / 4, 1 / 2].map((share) => [...edits, ...widthsTo(room.widths, share)])),
    [thin, ...dropped.slice(0, 3).map((drop) => [...drop, ...thin])],
    coarser,
    coarser.flatMap((edits) => [3 / 4, 1 / 2].map((share) => [...edits, ...widthsTo(room.widths, share)])),
    dropped.map((drop) => [...drop, ...widthsTo(room.widths, 3 / 4)]),
    stages.length > 1 ? [3 / 4, 1 / 2].flatMap((share) => stages.map((stage) => widthsTo(stage, share))) : [],
    [3 / 4, 1 / 2].map((share) => attention(share)),
    [3 / 4, 1 / 2].map((share) => [
      ...attention(share),
      ...widthsTo(
        room.widths.filter((w) => w.unit === 1),
        share,
      ),
    ]),
  ];
  return distinct(inTurns(families).map((edits) => consistent(edits, room)));
}

/** One random change of a whole network: of all widths by a common step, else as `mutate`. */
export function mutateWhole(draft: Draft, edits: readonly Edit[], rng: RandomGenerator): Edit[] {
  const room = roomOf(draft.program);
  const widths = edits.filter((e) => 'keep' in e);
  if (widths.length < 2 || draw(rng, 100) >= 20) return consistent(mutate(draft, edits, rng), room);
  const factor = pick(rng, [0.75, 0.85, 1.15, 1.3]);
  const shifted = edits.flatMap((edit): Edit[] => {
    if (!('keep' in edit)) return [edit];
    const stream = room.widths.find((w) => w.members.includes(edit.weight));
    if (edit.kind === 'narrowHeads' || !stream) return [edit];
    const other = widthTo(stream, (edit.keep / stream.extent) * factor);
    return other ? [other] : [];
  });
  return consistent(shifted, room);
}

/** What leaves a weight out, or is done while all are still there. */
const early: ReadonlySet<Edit['kind']> = new Set([
  'dropBranch',
  'skip',
  'mixTokens',
  'narrowStream',
  'narrowHeads',
]);

/** Each change once, and nothing named by what is left out. */
function consistent(edits: readonly Edit[], room: Room): Edit[] {
  const gone = new Set(
    edits.flatMap((e) => {
      if (e.kind === 'skip' || e.kind === 'mixTokens') return [e.weight];
      return e.kind === 'dropBranch' ? (room.branches.find((b) => b.weight === e.weight)?.weights ?? []) : [];
    }),
  );
  const isLeft = (e: Edit) => early.has(e.kind) || !gone.has(e.weight);
  const named = new Set<string>();
  return edits.filter((e) => {
    const key = `${e.kind} ${e.weight}`;
    if (!isLeft(e) || named.has(key)) return false;
    named.add(key);
    return true;
  });
}

/** Branches, or else blocks of a chain, left out: the last of every stage, then more of them, then all but the first. */
function dropsOf(draft: Draft, room: Room): Edit[][] {
  const heaviest = mainBranches(room);
  const units =
    heaviest.length > 0
      ? heaviest.map((b) => ({ stage: shapeAt(draft, b.sum), edits: [dropOf(b)] }))
      : room.blocks.map((weights) => ({
          stage: shapeAt(draft, room.linears.find((l) => l.weight === weights.at(-1))!.id),
          edits: weights.map((weight): Edit => ({ kind: 'skip', weight })),
        }));
  const stages = [...new Set(units.map((u) => u.stage))].map((s) => units.filter((u) => u.stage === s));
  const longest = Math.max(0, ...stages.map((s) => s.length));
  const steps = Array.from({ length: longest }, (_, i) =>
    stages.flatMap((s) => s.slice(Math.max(s.length - 1 - i, 0)).flatMap((u) => u.edits)),
  );
  const one = stages.map((s) => s.at(-1)!.edits);
  const two = stages.slice(1).map((_, i) => [...one[i]!, ...one[i + 1]!]);
  const sparing = stages.length > 1 ? stages.flatMap((s) => s.slice(1).flatMap((u) => u.edits)) : [];
  return distinct([...steps, ...one.reverse(), sparing, ...two]);
}

/** The strides that can be taken so many convolutions earlier. */
const stridesBy = (draft: Draft, room: Room, steps: number): Edit[] =>
  room.strides.flatMap((weight): Edit[] =>
    strideEarly(draft, weight, steps) ? [{ kind: 'strideEarly', weight, steps }] : [],
  );

/** The heavier side of each sum. */
function mainBranches(room: Room): Branch[] {
  const sizeOf = (b: Branch) =>
    b.weights.reduce(
      (sum, w) => sum + room.linears.find((l) => l.weight === w)!.shape.reduce((a, d) => a * d, 1),
      0,
    );
  return room.branches.filter((b) =>
    room.branches.every((o) => o === b || o.sum !== b.sum || sizeOf(o) <= sizeOf(b)),
  );
}

const dropOf = ({ weight }: Branch): Edit => ({ kind: 'dropBranch', weight });
const shapeAt = (draft: Draft, id: number): string => draft.program.instructions[id]!.shape.join();

/** The widths by the resolution at which they are made. */
function stagesOf(draft: Draft, room: Room): Stream[][] {
  const resolution = (s: Stream): string => {
    const { id } = room.linears.find((l) => l.weight === s.weight)!;
    return draft.program.instructions[id]!.shape.slice(2).join();
  };
  const names = [...new Set(room.widths.map(resolution))];
  return names.map((name) => room.widths.filter((w) => resolution(w) === name));
}

/** All dense spatial convolutions as depthwise ones, but for those that read so few channels that it gains nothing. */
function depthwiseOf(draft: Draft, room: Room): Edit[] {
  const isSpatial = (l: Linear) =>
    l.kind === 'conv' && isDense(draft.program, l) && l.shape[1]! >= 8 && l.shape.slice(2).some((k) => k > 1);
  return room.linears.filter(isSpatial).map(depthwise);
}

function inTurns<T>(families: readonly (readonly T[])[]): T[] {
  const longest = Math.max(0, ...families.map((f) => f.length));
  return Array.from({ length: longest }, (_, i) =>
    families.flatMap((f) => (i < f.length ? [f[i]!] : [])),
  ).flat();
}

/** Puts the pieces of a stream in order as they arrive. */
export interface Reassembly {
  /** Keeps a piece and gives what has become complete, in order; what is there already or too far ahead is dropped. */
  take(offset: number, bytes: Buffer): readonly Buffer[];
  /** Offset of the first byte that is missing. */
  arrived(): number;
  /** Stretches that arrived beyond it, the one that grew last first. */
  recentRanges(): readonly { readonly start: number; readonly end: number }[];
}

interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly pieces: readonly { readonly start: number; readonly bytes: Buffer }[];
}

/** Makes an empty one that holds no more than `limitBytes` ahead of what is complete. */
export function createReassembly(limitBytes: number): Reassembly {
  let complete = 0;
  let stretches: readonly Stretch[] = [];
  return {
    take(offset, bytes) {
      const end = offset + bytes.length;
      if (end <= complete || end > complete + limitBytes) return [];
      const known = stretches.find((one) => one.start <= offset && end <= one.end);
      if (known) {
        stretches = [known, ...stretches.filter((one) => one !== known)];
        return [];
      }
      const touching = stretches.filter((one) => one.start <= end && offset <= one.end);
      const merged: Stretch = {
        start: Math.min(offset, ...touching.map((one) => one.start)),
        end: Math.max(end, ...touching.map((one) => one.end)),
        pieces: [{ start: offset, bytes }, ...touching.flatMap((one) => one.pieces)],
      };
      stretches = [merged, ...stretches.filter((one) => !touching.includes(one))];
      if (merged.start > complete) return [];
      stretches = stretches.slice(1);
      const ordered = [...merged.pieces].sort((a, b) => a.start - b.start);
      const taken: Buffer[] = [];
      for (const piece of ordered) {
        // Pieces may overlap: one that was cut anew when it was resent.
        const fresh = piece.bytes.subarray(Math.max(0, complete - piece.start));
        if (fresh.length === 0) continue;
        taken.push(fresh);
        complete += fresh.length;
      }
      return taken;
    },
    arrived: () => complete,
    recentRanges: () => stretches,
  };
}

import type { ProfileEvent, ProfileReply } from '../../runner/protocol.ts';

/**
 * The calls of each pass between two looks whether a ranking is certain. They grow: each round warms up anew, and the
 * more often one looks the more certain each look must be.
 */
export const profileRounds = [10, 10, 20, 40, 80, 80] as const;

/** Profiles of one model on one board, taken one after the other, as one. */
export function mergeProfiles(replies: readonly ProfileReply[]): ProfileReply {
  const events = new Map<string, ProfileEvent>();
  for (const reply of replies) {
    const seen = new Map<string, number>();
    for (const event of reply.events) {
      const name = `${event.name} ${event.type}`;
      // What the runtime puts in itself may bear one name several times over.
      const nth = seen.get(name) ?? 0;
      seen.set(name, nth + 1);
      const key = `${name} ${nth}`;
      const callsUs = [...(events.get(key)?.callsUs ?? []), ...event.callsUs];
      events.set(key, { ...event, callsUs });
    }
  }
  return {
    cleanUs: replies.flatMap((reply) => reply.cleanUs),
    instrumentedUs: replies.flatMap((reply) => reply.instrumentedUs),
    events: [...events.values()],
  };
}

import type { ProfileEvent, ProfileReply } from '../../runner/protocol.ts';

/** How often one may look whether a ranking is certain, and the calls of each pass between two looks. */
export const profileRounds = { iterations: 10, most: 24 } as const;

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

import { expect, test } from 'vitest';
import { mergeProfiles } from '../../../electron/engine/complexity/rounds.ts';
import type { ProfileReply } from '../../../electron/runner/protocol.ts';

const reply = (...callsUs: readonly (readonly number[])[]): ProfileReply => ({
  cleanUs: callsUs[0] ?? [],
  instrumentedUs: callsUs[1] ?? [],
  events: ['conv', 'ReorderInput', 'ReorderInput'].map((name, i) => ({
    name,
    type: name,
    callsUs: callsUs[i] ?? [],
    outputBytes: i,
    parameterBytes: 0,
  })),
});

test('Rounds of a profile are one profile of all their calls, node by node, those of one name too.', () => {
  const merged = mergeProfiles([reply([1, 2], [3, 4], [5, 6]), reply([7], [8], [9])]);
  expect(merged).toEqual(reply([1, 2, 7], [3, 4, 8], [5, 6, 9]));
  expect(mergeProfiles([merged])).toEqual(merged);
});

import { expect, test } from 'vitest';
import { tellInstallation } from '../../electron/app/install-progress.ts';
import type { RunEvent } from '../../electron/contract/api.ts';

function tellAll(seconds: number | null, steps: readonly (readonly [nowMs: number, sentBytes: number])[]) {
  const events: RunEvent[] = [];
  let nowMs = 0;
  const told = tellInstallation(
    (event) => events.push(event),
    () => nowMs,
  );
  told.onInstallStarting({ sizeBytes: 1000, seconds });
  for (const [atMs, sentBytes] of steps) {
    nowMs = atMs;
    told.onInstall(sentBytes, 1000);
  }
  return events;
}
const lefts = (events: readonly RunEvent[]) =>
  events.flatMap((event) =>
    event.kind === 'progress' && event.note.kind === 'runnerBytes'
      ? [[event.done, event.note.secondsLeft]]
      : [],
  );

test('size and time are told before the first byte', () => {
  const events = tellAll(20, []);
  expect(events[0]).toEqual({ kind: 'installStarting', sizeBytes: 1000, seconds: 20 });
  expect(lefts(events)).toEqual([[0, 20]]);
});

test('the time that is left follows the measured rate at first, then what was sent since', () => {
  // Taken up at 200: these bytes were not sent now.
  expect(
    lefts(
      tellAll(20, [
        [0, 200],
        [1000, 500],
        [4000, 600],
      ]),
    ),
  ).toEqual([
    [0, 20],
    [200, 16],
    [500, 10],
    [600, 4],
  ]);
});

test('nothing is said of the time where the rate is not known yet', () => {
  expect(lefts(tellAll(null, [[0, 100]]))).toEqual([
    [0, undefined],
    [100, undefined],
  ]);
});

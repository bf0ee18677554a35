import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RunEvent } from '../../../electron/contract/api.ts';
import type { FrontPoint, TriedProgram } from '../../../electron/contract/search-progress.ts';
import { makeLive } from '../../../electron/engine/stages/live.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const program = (to: string): TriedProgram => ({ operators: ['conv'], from: 'y = x', to, origin: 'seed' });
const point = (id: string, changes: Partial<FrontPoint> = {}): FrontPoint => ({
  id,
  speedup: 2,
  accuracy: null,
  originalAccuracy: null,
  state: 'screened',
  replacements: 1,
  speedupInterval95: null,
  accuracyInterval95: null,
  ...changes,
});

function listening() {
  const events: RunEvent[] = [];
  const live = makeLive({ event: (event) => void events.push(event) });
  const tried = () => events.flatMap((event) => (event.kind === 'trying' ? [event.program.to] : []));
  return { events, live, tried };
}

describe('programs that are tried', () => {
  test('are shown one after the other, at most five a second', () => {
    const { live, tried } = listening();
    live.trying(['a', 'b', 'c'].map(program));
    expect(tried()).toEqual(['a']);
    vi.advanceTimersByTime(199);
    expect(tried()).toEqual(['a']);
    vi.advanceTimersByTime(1);
    expect(tried()).toEqual(['a', 'b']);
    vi.advanceTimersByTime(10_000);
    expect(tried()).toEqual(['a', 'b', 'c']);
  });

  test('give way to the next batch, however fast the batches come', () => {
    const { live, tried } = listening();
    for (let batch = 0; batch < 100; batch++) {
      live.trying([program(`first of ${batch}`), program(`second of ${batch}`)]);
      vi.advanceTimersByTime(10);
    }
    // A second has gone by: the first one, and one after each 200 ms.
    expect(tried().length).toBeLessThanOrEqual(6);
    vi.advanceTimersByTime(1_000);
    expect(tried().slice(-2)).toEqual(['first of 99', 'second of 99']);
  });

  test('are shown no more once nothing is tried', () => {
    const { live, tried } = listening();
    live.trying(['a', 'b'].map(program));
    live.stopTrying();
    vi.advanceTimersByTime(10_000);
    expect(tried()).toEqual(['a']);
  });
});

test('points are told as they come and kept as last known, in the order they were found', () => {
  const { events, live } = listening();
  live.point(point('1'));
  live.point(point('2'));
  live.point(point('1', { state: 'tuned', accuracy: 90 }));
  expect(events).toHaveLength(3);
  expect(live.points).toEqual([point('1', { state: 'tuned', accuracy: 90 }), point('2')]);
});

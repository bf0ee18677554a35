import { describe, expect, test } from 'vitest';
import { exitCodeOf, messageOf } from '../../electron/cli/messages.ts';
import { everyError } from './every-error.ts';

const errors = Object.values(everyError);

describe('messageOf', () => {
  test.each(errors)('says $kind in one line without a stack or control characters', (error) => {
    const message = messageOf(error);
    expect(message).not.toMatch(/\p{Cc}/u);
    expect(message).not.toMatch(/ at \S+ ?\(.*:\d+/);
    expect(message).not.toMatch(/undefined|\[object|\(\)/);
    expect(message.length).toBeGreaterThan(30);
    expect(message.length).toBeLessThan(420);
  });

  test('says something different for every kind', () => {
    expect(new Set(errors.map((error) => messageOf(error))).size).toBe(errors.length);
  });

  test.each(errors.filter((error) => error.kind !== 'cancelled'))(
    'tells for $kind what to do now',
    (error) => {
      expect(messageOf(error)).toMatch(
        /: .*\b(check|give|export|fetch|convert|fix|correct|remove|add|repair|compare|try|use|free|choose|see|wait|restore|update|report|write|save)\b/,
      );
    },
  );

  test('shows the option that accepts an unknown key, ready to be copied', () => {
    expect(messageOf(everyError.hostKeyUnknown)).toMatch(/--accept-host-key SHA256:abc$/);
  });

  test('names the run that goes on after a lost connection, and none where there is none', () => {
    expect(messageOf(everyError.boardLost, 'r7')).toContain('fieldtune resume r7');
    expect(messageOf(everyError.boardLost)).not.toContain('resume');
  });

  test('cuts what is endless', () => {
    expect(messageOf({ kind: 'engineDied', reason: 'x'.repeat(100_000) }).length).toBeLessThan(420);
  });
});

describe('exitCodeOf', () => {
  test('is 2 for what the person asked wrongly, 130 for stopped, 1 for the rest', () => {
    const byCode = Map.groupBy(errors, exitCodeOf);
    expect(byCode.get(2)?.map((error) => error.kind)).toEqual([
      'boardAddress',
      'boardTwice',
      'deployUnmanaged',
      'deployOtherBoard',
      'deployTrialRejected',
      'deployNoGain',
      'usage',
      'outputExists',
      'trialUnknown',
      'runUnknown',
      'runHasNoFront',
    ]);
    expect(byCode.get(130)?.map((error) => error.kind)).toEqual(['cancelled']);
    expect(byCode.get(1)).toHaveLength(errors.length - 12);
  });
});

import { describe, expect, test } from 'vitest';
import { createPlainProgress, progressText } from '../../electron/cli/progress.ts';
import { board } from './sample-results.ts';

describe('plain progress', () => {
  test('shows start, end, and at most one line in five seconds between', async () => {
    let nowMs = 0;
    let text = '';
    const progress = createPlainProgress(
      (part) => {
        text += part;
      },
      () => nowMs,
    );
    progress.show({ kind: 'stageStarted', stage: 'search' });
    for (let done = 1; done <= 60; done++) {
      nowMs += 200;
      const note = { kind: 'calls', calls: done, again: false } as const;
      progress.show({ kind: 'progress', stage: 'search', done, total: 60, note });
    }
    const summary = { kind: 'searched', proposed: 80, timed: 60 } as const;
    progress.show({ kind: 'stageFinished', stage: 'search', seconds: 12, summary });
    expect(text.split('\n')).toEqual([
      'Search …',
      'Search: 41 % (25 of 60), 25 calls',
      'Search: 83 % (50 of 60), 50 calls',
      'Search: 80 proposed, 60 timed (12 s)',
      '',
    ]);
    await progress.close(true);
    progress.show({ kind: 'warning', warning: { kind: 'otherBoard', board: 'late' } });
    expect(text).not.toContain('late');
  });

  test('tells the board, the run and warnings in one line each', () => {
    let text = '';
    const progress = createPlainProgress(
      (part) => {
        text += part;
      },
      () => 0,
    );
    progress.show({ kind: 'installStarting', sizeBytes: 18e6, seconds: 12.4 });
    progress.show({ kind: 'installStarting', sizeBytes: 18e6, seconds: null, board: 'ssh://a\n@b' });
    progress.show({
      kind: 'boardConnected',
      identity: { ...board, name: 'pi\n\u001b[2J' },
      installedBytes: 62e6,
    });
    progress.show({ kind: 'runCreated', run: 'r7', out: 'out/x' });
    progress.show({ kind: 'warning', warning: { kind: 'otherBoard', board: 'pi\n2' } });
    expect(text).toBe(
      'Copying the runner to the board: 18.0 MB, about 12 s\nCopying the runner to ssh://a @b: 18.0 MB\nBoard pi: Cortex-A72, arm64, 4 cores; runner installed (62.0 MB)\nRun r7, results in out/x\nWarning: This is another board (pi 2) than the run began on, so everything is measured again\n',
    );
  });

  test('never claims more than all of it', () => {
    expect([progressText(7, 5), progressText(3, 0)]).toEqual(['100 % (7 of 5)', '3']);
  });
});

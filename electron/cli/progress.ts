import type { RunEvent, StageName } from '../contract/api.ts';
import { oneLine } from './one-line.ts';
import { formatBytes, formatCounted, formatSeconds } from './quantities.ts';
import { noteText, summaryText, warningText } from './run-notes.ts';

/** Shows a person how long work goes on. */
export interface Progress {
  show(event: RunEvent): void;
  /** Shows a line that stays. */
  say(line: string): void;
  /** Clears the screen's moving part while `ask` talks to the person. */
  pauseFor<T>(ask: () => Promise<T>): Promise<T>;
  /** Ends; nothing is shown after it. */
  close(succeeded: boolean): Promise<void>;
}

/** Names of the stages for people. */
export const stageTitles: Readonly<Record<StageName, string>> = {
  connect: 'Connect',
  profile: 'Profile',
  rewrite: 'Rewrite exactly',
  search: 'Search',
  fit: 'Fit',
  tune: 'Fine-tune',
  verify: 'Verify',
  compare: 'Compare A and B',
  report: 'Report',
  upload: 'Send the model',
  smoke: 'Try it on the board',
  switch: 'Switch',
  trial: 'Trial',
};

const lineEveryMs = 5000;

/** `40 % (20 of 50)`, or what was counted when the end is not known. */
export function progressText(done: number, total: number): string {
  if (total <= 0) return `${done}`;
  return `${Math.floor((Math.min(done, total) / total) * 100)} % (${done} of ${total})`;
}

/** How far a stage is and what it counts: `40 % (20 of 50), candidates timed on the board`. */
export function advanceText({ done, total, note }: Extract<RunEvent, { kind: 'progress' }>): string {
  return `${progressText(done, total)}, ${oneLine(noteText(note))}`;
}

/** The line for an event that is not about a stage's advance; null for the others. */
export function eventLine(event: RunEvent): string | null {
  switch (event.kind) {
    case 'runCreated':
      return `Run ${oneLine(event.run)}, results in ${oneLine(event.out)}`;
    case 'installStarting': {
      const { board, sizeBytes, seconds } = event;
      const time = seconds === null ? '' : `, about ${formatSeconds(Math.max(1, seconds))}`;
      return `Copying the runner to ${board === undefined ? 'the board' : oneLine(board)}: ${formatBytes(sizeBytes)}${time}`;
    }
    case 'boardConnected': {
      const { identity, installedBytes } = event;
      const runner = installedBytes === 0 ? '' : `; runner installed (${formatBytes(installedBytes)})`;
      return `Board ${oneLine(identity.name)}: ${oneLine(identity.cpu)}, ${oneLine(identity.arch)}, ${formatCounted(identity.cores, 'core')}${runner}`;
    }
    case 'warning':
      return `Warning: ${oneLine(warningText(event.warning))}`;
    default:
      return null;
  }
}

/** `Search: 65 candidates timed (62 s)`. */
export function finishedLine(event: Extract<RunEvent, { kind: 'stageFinished' }>): string {
  return `${stageTitles[event.stage]}: ${oneLine(summaryText(event.summary))} (${formatSeconds(event.seconds)})`;
}

/** Progress as lines that stay, for a file or a pipe: at most one every few seconds while a stage goes on. */
export function createPlainProgress(write: (text: string) => void, nowMs: () => number): Progress {
  let lastLineMs = 0;
  let closed = false;
  const say = (line: string): void => {
    if (closed) return;
    lastLineMs = nowMs();
    write(`${line}\n`);
  };
  const show = (event: RunEvent): void => {
    switch (event.kind) {
      case 'stageStarted':
        say(`${stageTitles[event.stage]} …`);
        return;
      case 'progress': {
        if (nowMs() - lastLineMs < lineEveryMs) return;
        say(`${stageTitles[event.stage]}: ${advanceText(event)}`);
        return;
      }
      case 'stageFinished':
        say(finishedLine(event));
        return;
      default: {
        const line = eventLine(event);
        if (line !== null) say(line);
      }
    }
  };
  return {
    show,
    say,
    pauseFor: (ask) => ask(),
    close: async () => {
      closed = true;
    },
  };
}

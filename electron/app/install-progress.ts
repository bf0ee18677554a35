import type { BoardContact } from '../board/contact.ts';
import type { Listener } from '../contract/api.ts';

/** Before this much time has gone by, the measured rate of the link tells more than what was sent. */
const tellingSeconds = 2;

/** Tells a listener what an installation will take before it begins, and how far it is with the time that is left. */
export function tellInstallation(
  onEvent: Listener['onEvent'],
  nowMs: () => number = () => performance.now(),
): Required<Pick<BoardContact, 'onInstallStarting' | 'onInstall'>> {
  let plannedSeconds: number | null = null;
  let first: { readonly atMs: number; readonly sentBytes: number } | null = null;
  const tell = (done: number, total: number, secondsLeft: number | null): void =>
    onEvent({
      kind: 'progress',
      stage: 'connect',
      done,
      total,
      note: { kind: 'runnerBytes', ...(secondsLeft !== null && { secondsLeft }) },
    });
  return {
    onInstallStarting({ sizeBytes, seconds }) {
      plannedSeconds = seconds;
      onEvent({ kind: 'installStarting', sizeBytes, seconds });
      tell(0, sizeBytes, seconds);
    },
    onInstall(sentBytes, totalBytes) {
      const atMs = nowMs();
      // What an earlier try left is no progress of this one.
      first ??= { atMs, sentBytes };
      const seconds = (atMs - first.atMs) / 1000;
      const leftBytes = totalBytes - sentBytes;
      const secondsLeft =
        seconds >= tellingSeconds && sentBytes > first.sentBytes
          ? (leftBytes * seconds) / (sentBytes - first.sentBytes)
          : plannedSeconds === null
            ? null
            : plannedSeconds * (leftBytes / totalBytes);
      tell(sentBytes, totalBytes, secondsLeft);
    },
  };
}

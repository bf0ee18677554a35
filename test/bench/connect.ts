import { join } from 'node:path';
import { connectBoard } from '../../electron/board/connect.ts';
import { sshdMissing, startPrivateSshd } from '../faults/private-sshd.ts';
import { scratchFolder } from './fieldtune.ts';

const defaultTimes = 9;

/** Prints how long a connect takes until the runner answers, when the runner lies on the board already. */
export async function connect([timesText]: readonly string[]): Promise<void> {
  if (sshdMissing) return console.log(sshdMissing);
  const times = Number(timesText) || defaultTimes;
  const folder = scratchFolder();
  const sshd = await startPrivateSshd();
  try {
    const once = async (): Promise<{ readonly seconds: number; readonly installedBytes: number }> => {
      const started = performance.now();
      const board = await connectBoard(
        { address: sshd.address, acceptHostKey: sshd.fingerprint, identityFile: sshd.identityFile },
        { signal: new AbortController().signal, confirmHostKey: async () => false },
        { stateFolder: folder, remoteRoot: join(folder, 'board') },
      );
      const seconds = (performance.now() - started) / 1000;
      if (!board.ok) throw new Error(JSON.stringify(board.error));
      await board.value.close();
      return { seconds, installedBytes: board.value.installedBytes };
    };
    const first = await once();
    const later: number[] = [];
    let copiedBytes = 0;
    for (let i = 0; i < times; i++) {
      const { seconds, installedBytes } = await once();
      later.push(seconds);
      copiedBytes += installedBytes;
    }
    const sorted = later.toSorted((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
    console.log(
      `First connect, with the installation: ${first.seconds.toFixed(2)} s, ${(first.installedBytes / 1e6).toFixed(1)} MB sent`,
    );
    console.log(
      `The next ${times}: median ${median.toFixed(2)} s, worst ${sorted.at(-1)?.toFixed(2)} s, ${copiedBytes} bytes sent`,
    );
  } finally {
    await sshd.stop();
  }
}

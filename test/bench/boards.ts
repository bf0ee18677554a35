import { join } from 'node:path';
import { createApp } from '../../electron/app/app.ts';
import type { Listener } from '../../electron/contract/api.ts';
import { choicesOf, connectTo, nameBoards, startBoardServers } from '../faults/board-servers.ts';
import { sshdMissing } from '../faults/private-sshd.ts';
import { root, scratchFolder } from './fieldtune.ts';
import { need } from './timed-together.ts';

const names = ['left', 'right'] as const;
const defaultSeconds = 120;

/**
 * The sample on two boards in one run: the real search, over two private SSH servers of this machine that pass for two
 * boards by a name each. Prints what came of each and the one choice. They share the processor, so the ratio on each
 * is rougher than on boards of their own.
 */
export async function boards([secondsText]: readonly string[]): Promise<void> {
  if (sshdMissing) return console.log(sshdMissing);
  const budgetSeconds = Number(secondsText) || defaultSeconds;
  const folder = scratchFolder();
  const servers = await startBoardServers(names.length);
  nameBoards(servers, names);
  const app = need(
    await createApp({
      stateFolder: join(folder, 'state'),
      cwd: folder,
      connectBoard: connectTo(servers),
    }),
  );
  const listener: Listener = {
    signal: new AbortController().signal,
    confirmHostKey: async () => false,
    ask: null,
    onEvent: (event) => {
      if (event.kind === 'stageStarted') console.error(`${event.stage} …`);
    },
  };
  const choices = choicesOf(servers);
  try {
    const started = performance.now();
    const { result } = need(
      await app.optimize(
        {
          modelPath: join(root, 'resources/sample/model.onnx'),
          dataPath: join(root, 'resources/sample/data'),
          board: choices[0]!,
          boards: choices,
          maxAccuracyDrop: 1,
          budgetSeconds,
          threads: 1,
          groupSize: 4,
          seed: 1,
        },
        listener,
      ),
    );
    const seconds = (performance.now() - started) / 1000;
    const textOf = ({
      speedup,
      speedupInterval95,
      verdict,
    }: Pick<typeof result.comparison, 'speedup' | 'speedupInterval95' | 'verdict'>): string =>
      `${speedup.toFixed(2)} [${speedupInterval95.map((v) => v.toFixed(2)).join(', ')}] ${verdict}`;
    console.log(`two boards, a budget of ${budgetSeconds} s, ${seconds.toFixed(0)} s in all`);
    for (const [i, board] of (result.boards ?? []).entries())
      console.log(
        `${names[i]}: ${board.comparison ? textOf(board.comparison) : `left out: ${board.leftOut}`}`,
      );
    console.log(
      `the choice: ${textOf(result.comparison)}, ${result.comparison.accuracyChange.toFixed(2)} points`,
    );
  } finally {
    await app.close();
    await Promise.all(servers.map((server) => server.stop()));
  }
}

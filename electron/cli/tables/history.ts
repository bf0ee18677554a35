import { basename } from 'node:path';
import type { RunSummary } from '../../contract/api.ts';
import { oneLine } from '../one-line.ts';
import { formatSigned } from '../quantities.ts';
import { tableLines } from './text-table.ts';
import type { View } from './view.ts';

/** Lines that list runs in the order given; times in UTC. */
export function historyLines(runs: readonly RunSummary[], view: View): string[] {
  if (runs.length === 0) return ['No runs yet: start one with fieldtune optimize.'];
  const rows = runs.map((run) => [
    oneLine(run.run),
    run.startedAt.slice(0, 16).replace('T', ' '),
    oneLine(run.boardName === '' ? run.board : run.boardName),
    oneLine(basename(run.model)),
    run.state,
    run.speedup === null ? '' : `${run.speedup.toFixed(2)}×`,
    run.accuracyChange === null ? '' : `${formatSigned(run.accuracyChange)} points`,
  ]);
  const lines = tableLines(
    [
      { title: 'Run' },
      { title: 'Started (UTC)' },
      { title: 'Board', shrinkTo: 6 },
      { title: 'Model', shrinkTo: 8 },
      { title: 'State' },
      { title: 'Speed-up', align: 'right' },
      { title: 'Accuracy', align: 'right' },
    ],
    rows,
    view.width,
    view.paint,
  );
  const interrupted = runs.find((run) => run.state === 'interrupted');
  return interrupted === undefined
    ? lines
    : [...lines, '', `Continue an interrupted run: fieldtune resume ${oneLine(interrupted.run)}`];
}

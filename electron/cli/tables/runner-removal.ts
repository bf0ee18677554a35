import type { RunnerRemoval } from '../../contract/api.ts';
import { oneLine } from '../one-line.ts';
import { formatBytes, formatCounted } from '../quantities.ts';

/** What was deleted on a board, or would be. */
export function runnerRemovalLines(removal: RunnerRemoval): readonly string[] {
  const { board, folders, runners, models, temporary, running, sizeBytes, deleted } = removal;
  if (folders.length === 0) return [`Nothing of Fieldtune is on ${oneLine(board)}.`];
  const size = sizeBytes === null ? '' : ` (${formatBytes(sizeBytes)})`;
  const parts = [
    formatCounted(runners, 'runner'),
    `${formatCounted(models, 'model')} for measurements`,
    formatCounted(temporary, 'temporary file'),
    ...(running > 0
      ? [`${formatCounted(running, 'runner')} at work, ${deleted ? 'ended' : 'to be ended'} first`]
      : []),
  ];
  return [
    `${deleted ? 'Deleted on' : 'Would be deleted on'} ${oneLine(board)}${size}: ${parts.join(', ')}`,
    ...folders.map((folder) => `  in ${oneLine(folder)}`),
    'What was deployed stays.',
    ...(deleted ? [] : ['Nothing was deleted yet: the same command with --yes does it.']),
  ];
}

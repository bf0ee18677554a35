import { basename } from 'node:path';
import type { OperatorRow, ProfileResult } from '../../contract/api.ts';
import { oneLine } from '../one-line.ts';
import {
  formatBytes,
  formatCount,
  formatCounted,
  formatLatency,
  formatPercent,
  sessionText,
} from '../quantities.ts';
import { bar, type Column, tableLines, wrapText } from './text-table.ts';
import { fileLines, type View } from './view.ts';

const rowsShown = 12;
const barWidth = 14;

const columns: readonly Column[] = [
  { title: 'Operator', shrinkTo: 16 },
  { title: 'Type', shrinkTo: 10 },
  { title: 'Latency', align: 'right' },
  { title: 'Share', align: 'right' },
  { title: '' },
];

function cells(row: OperatorRow, largestShare: number): string[] {
  return [
    oneLine(row.name),
    oneLine(row.type),
    formatLatency(row.latencyUs),
    formatPercent(row.share * 100),
    bar(largestShare > 0 ? row.share / largestShare : 0, barWidth),
  ];
}

/** One group of rows, each followed by what it absorbed. */
function groupLines(rows: readonly OperatorRow[], largestShare: number, view: View): string[] {
  const [titles = '', ...lines] = tableLines(
    columns,
    rows.map((row) => cells(row, largestShare)),
    view.width,
    view.paint,
  );
  return [
    titles,
    ...lines.flatMap((line, index) => {
      const absorbed = rows[index]?.absorbed ?? [];
      if (absorbed.length === 0) return [line];
      const names = wrapText(`with ${absorbed.map(oneLine).join(', ')}`, view.width, '  ');
      return [line, ...names.map((name) => view.paint('dim', name))];
    }),
  ];
}

function sumLine(rows: readonly OperatorRow[]): string {
  const latencyUs = rows.reduce((sum, row) => sum + row.latencyUs, 0);
  const share = rows.reduce((sum, row) => sum + row.share, 0);
  return `${formatCounted(rows.length, 'more operator')}: ${formatLatency(latencyUs)}, ${formatPercent(share * 100)} together`;
}

/** Lines that show a profile: the clean latency, the slowest operators, and what no operator explains. */
export function profileLines(profile: ProfileResult, view: View): string[] {
  const { board, latencyUs } = profile;
  const bySlowest = [...profile.operators].sort((first, second) => second.latencyUs - first.latencyUs);
  const users = bySlowest.filter((row) => row.users);
  const layout = bySlowest.filter((row) => !row.users);
  const largestShare = bySlowest[0]?.share ?? 0;
  const rest = users.slice(rowsShown);
  const lines = [
    view.paint('bold', `${oneLine(basename(profile.modelPath))} on ${oneLine(board.name)}`),
    ...wrapText(
      `${oneLine(board.cpu)}, ${board.arch}, ${formatCounted(board.cores, 'core')}; onnxruntime ${board.runtimeVersion}, ${sessionText(profile)}`,
      view.width,
    ),
    ...wrapText(
      `Latency p50 ${formatLatency(latencyUs.p50)}, p90 ${formatLatency(latencyUs.p90)}, p99 ${formatLatency(latencyUs.p99)} (${formatCounted(profile.calls, 'call')}); ${formatCounted(profile.parameters, 'parameter')}, ${formatBytes(profile.sizeBytes)}`,
      view.width,
    ),
    '',
    ...groupLines(users.slice(0, rowsShown), largestShare, view),
  ];
  if (rest.length > 0) lines.push(view.paint('dim', sumLine(rest)));
  if (layout.length > 0) {
    lines.push('', 'Put in by the runtime, not in your model', ...groupLines(layout, largestShare, view));
  }
  const unexplained = latencyUs.p50 > 0 ? (profile.unexplainedUs / latencyUs.p50) * 100 : 0;
  const overhead = (profile.profilingOverhead - 1) * 100;
  lines.push(
    '',
    `Not explained by any operator: ${formatLatency(profile.unexplainedUs)} (${formatPercent(unexplained)})`,
    `Overhead of profiling: ${formatPercent(overhead)}; the latency above was measured without it`,
  );
  if (!profile.rankingCertain) {
    lines.push(
      ...wrapText(
        'The order is not certain yet: intervals of the slowest operators overlap the rest.',
        view.width,
      ),
    );
  }
  if (profile.unmapped.length > 0) {
    const names = profile.unmapped.slice(0, 5).map(oneLine).join(', ');
    const more = profile.unmapped.length > 5 ? ` and ${formatCount(profile.unmapped.length - 5)} more` : '';
    lines.push(...wrapText(`Not found in your model: ${names}${more}`, view.width));
  }
  return [...lines, ...fileLines(profile.files, view)];
}

import type { SearchEffort } from '../contract/run-notes.ts';
import type { BoardOfRun, MeasuredModel, RunResult } from '../contract/run-result.ts';
import { nameOfBoard } from './board-names.ts';
import type { ReportExtras } from './extras.ts';

type Cell = string | number | null;
type Row = readonly [kind: string, subject: string, statistic: string, value: Cell, unit: string];

/**
 * The figures of a run as CSV (RFC 4180, UTF-8), one a line: kind, subject, statistic, value, unit. Text that
 * a spreadsheet would take for a formula gets an apostrophe in front; a missing value is an empty cell.
 */
export function measurementsCsv(result: RunResult, extras: ReportExtras = {}): string {
  const rows: Row[] = [
    ...aboutRows(result),
    ...modelRows('A', result.original),
    ...modelRows('B', result.optimized),
    ...comparisonRows(result, extras),
    ...(result.boards ?? []).flatMap((one) => boardRows(result, one)),
    ...conditionRows(result),
    ...energyRows(result.comparison.energy),
    ...operatorRows('operator before', result.operators),
    ...operatorRows('operator after', extras.optimizedOperators ?? []),
    ...replacementRows(result),
    ...searchRows(result.search),
    ...result.stages.map(({ name, seconds }): Row => ['stage', name, 'duration', seconds, 's']),
    ...blockRows(extras),
  ];
  const header: readonly string[] = ['kind', 'subject', 'statistic', 'value', 'unit'];
  return [header, ...rows].map(csvLine).join('');
}

/** One line of CSV (RFC 4180) with its end; text that a spreadsheet would take for a formula is disarmed. */
export function csvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map(cellText).join(',')}\r\n`;
}

function cellText(cell: Cell): string {
  if (cell === null) return '';
  // Our own numbers may start with a minus: a formula they are not, and text they must not become.
  if (typeof cell === 'number') return Number.isFinite(cell) ? String(cell) : '';
  const harmless = /^[=+\-@\t\r\n＝＋－＠]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

function aboutRows({ run, createdAt, seed, schema, model, data, board }: RunResult): Row[] {
  return [
    ['run', run, 'createdAt', createdAt, ''],
    ['run', run, 'seed', seed, ''],
    ['run', run, 'schema', schema, ''],
    ['model', model.name, 'path', model.path, ''],
    ['data', data.name, 'metric', data.metric, ''],
    ['data', data.name, 'fit', data.fit, 'samples'],
    ['data', data.name, 'select', data.select, 'samples'],
    ['data', data.name, 'verify', data.verify, 'samples'],
    ['board', board.name, 'id', board.id, ''],
    ['board', board.name, 'arch', board.arch, ''],
    ['board', board.name, 'cpu', board.cpu, ''],
    ['board', board.name, 'os', board.os, ''],
    ['board', board.name, 'runtimeVersion', board.runtimeVersion, ''],
    ['board', board.name, 'threads', board.threads, 'threads'],
    ...(board.level === undefined ? [] : [['board', board.name, 'level', board.level, ''] as const]),
    ...(board.provider === undefined ? [] : [['board', board.name, 'provider', board.provider, ''] as const]),
  ];
}

function conditionRows({ conditions }: RunResult): Row[] {
  if (!conditions) return [];
  const { governor, clockMHz, temperatureC, throttled, load1, concerns } = conditions;
  return [
    ['condition', 'board', 'governor', governor, ''],
    ...(clockMHz ?? []).map((clock, core): Row => ['condition', `core ${core}`, 'clock', clock, 'MHz']),
    ['condition', 'board', 'temperature', temperatureC, 'degrees Celsius'],
    ['condition', 'board', 'throttled', throttled === null ? null : String(throttled), ''],
    ['condition', 'board', 'load', load1, 'runnable processes'],
    ...concerns.map(({ kind, value }): Row => ['condition', 'warned of', kind, value, '']),
  ];
}

function energyRows(energy: RunResult['comparison']['energy']): Row[] {
  if (energy === undefined) return [];
  if (energy === null) return [['energy', 'A and B', 'total', null, 'mJ']];
  const { sensor, covers, idleWatts, rounds, ratio, ratioInterval95 } = energy;
  return [
    ['energy', sensor, 'covers', covers, ''],
    ['energy', sensor, 'idle power', idleWatts, 'W'],
    ['energy', sensor, 'rounds', rounds, 'rounds'],
    ...(['a', 'b'] as const).flatMap((which) => {
      const { calls, ...amounts } = energy[which];
      const subject = which.toUpperCase();
      return [
        ...Object.entries({ total: amounts.total, 'above idle': amounts.aboveIdle }).flatMap(
          ([name, { millijoules, interval95 }]): Row[] => [
            ['energy', subject, name, millijoules, 'mJ'],
            ['energy', subject, `${name} interval95 low`, interval95[0], 'mJ'],
            ['energy', subject, `${name} interval95 high`, interval95[1], 'mJ'],
          ],
        ),
        ['energy', subject, 'calls', calls, 'inferences'] as const,
      ];
    }),
    ['energy', 'A over B', 'ratio', ratio, 'ratio'],
    ['energy', 'A over B', 'ratio interval95 low', ratioInterval95[0], 'ratio'],
    ['energy', 'A over B', 'ratio interval95 high', ratioInterval95[1], 'ratio'],
  ];
}

function searchRows(search: RunResult['search']): Row[] {
  return Object.entries(search).flatMap(([name, value]): Row[] => {
    if (typeof value === 'string') return [['search', 'run', name, value, '']];
    if (typeof value === 'object') return effortRows(value);
    if (typeof value !== 'number') return [];
    return [['search', 'run', name, value, name === 'seconds' ? 's' : 'candidates']];
  });
}

function effortRows({ predictor, ...counts }: SearchEffort): Row[] {
  const unitOf = (name: string): string => (/inferences/i.test(name) ? 'inferences' : 'structures');
  return [
    ...Object.entries(counts).map(([name, value]): Row => ['search', 'effort', name, value, unitOf(name)]),
    ['search', 'predictor', 'structures', predictor?.structures ?? null, 'structures'],
    ['search', 'predictor', 'median error', predictor?.medianError ?? null, 'log ratio'],
    ['search', 'predictor', '90th percentile of the error', predictor?.p90Error ?? null, 'log ratio'],
  ];
}

function modelRows(subject: string, model: MeasuredModel): Row[] {
  const { accuracy, latencyUs } = model;
  return [
    ['file', subject, 'sha256', model.sha256, ''],
    ['latency', subject, 'p50', latencyUs.p50, 'us'],
    ['latency', subject, 'p90', latencyUs.p90, 'us'],
    ['latency', subject, 'p99', latencyUs.p99, 'us'],
    ['size', subject, 'file', model.sizeBytes, 'bytes'],
    ['size', subject, 'parameters', model.parameters, 'parameters'],
    ['memory', subject, 'peak', model.peakMemoryBytes, 'bytes'],
    ['accuracy', subject, accuracy.metric, accuracy.value, 'percent'],
    ['accuracy', subject, 'interval95 low', accuracy.interval95[0], 'percent'],
    ['accuracy', subject, 'interval95 high', accuracy.interval95[1], 'percent'],
    ['accuracy', subject, 'samples', accuracy.samples, 'samples'],
  ];
}

function comparisonRows({ comparison }: RunResult, extras: ReportExtras): Row[] {
  const subject = 'B against A';
  const rows: Row[] = [
    ['comparison', subject, 'verdict', comparison.verdict, ''],
    ['comparison', subject, 'speedup', comparison.speedup, 'ratio'],
    ['comparison', subject, 'speedup interval95 low', comparison.speedupInterval95[0], 'ratio'],
    ['comparison', subject, 'speedup interval95 high', comparison.speedupInterval95[1], 'ratio'],
    ['comparison', subject, 'accuracy change', comparison.accuracyChange, 'points'],
    [
      'comparison',
      subject,
      'accuracy change interval95 low',
      comparison.accuracyChangeInterval95[0],
      'points',
    ],
    [
      'comparison',
      subject,
      'accuracy change interval95 high',
      comparison.accuracyChangeInterval95[1],
      'points',
    ],
    ['accuracy', 'A tuned', 'value', comparison.tunedOriginalAccuracy, 'percent'],
  ];
  if (extras.comparison) {
    rows.push(
      ['comparison', subject, 'pairs', extras.comparison.pairs, 'pairs'],
      ['comparison', subject, 'dropped blocks', extras.comparison.droppedBlocks, 'blocks'],
      ['comparison', subject, 'noise floor', extras.comparison.noiseFloor ?? null, 'ratio'],
      ['comparison', subject, 'clock', extras.comparison.clock, ''],
    );
  }
  return rows;
}

function boardRows(result: RunResult, one: BoardOfRun): Row[] {
  const subject = nameOfBoard(result, one);
  const { address, board, leftOut, originalPeakMemoryBytes, optimizedPeakMemoryBytes, comparison } = one;
  const rows: Row[] = [
    ['board of run', subject, 'address', address, ''],
    ['board of run', subject, 'id', board?.id ?? null, ''],
    ['board of run', subject, 'left out', leftOut, ''],
    ['board of run', subject, 'peak memory A', originalPeakMemoryBytes, 'bytes'],
    ['board of run', subject, 'peak memory B', optimizedPeakMemoryBytes, 'bytes'],
  ];
  if (!comparison) return rows;
  const latencies = (['p50', 'p90', 'p99'] as const).flatMap((percentile): Row[] => [
    ['board of run', subject, `latency A ${percentile}`, comparison.originalUs[percentile], 'us'],
    ['board of run', subject, `latency B ${percentile}`, comparison.optimizedUs[percentile], 'us'],
  ]);
  return [
    ...rows,
    ...latencies,
    ['board of run', subject, 'verdict', comparison.verdict, ''],
    ['board of run', subject, 'speedup', comparison.speedup, 'ratio'],
    ['board of run', subject, 'speedup interval95 low', comparison.speedupInterval95[0], 'ratio'],
    ['board of run', subject, 'speedup interval95 high', comparison.speedupInterval95[1], 'ratio'],
    ['board of run', subject, 'noise floor', comparison.noiseFloor, 'ratio'],
    ['board of run', subject, 'pairs', comparison.pairs, 'pairs'],
    ['board of run', subject, 'dropped blocks', comparison.droppedBlocks, 'blocks'],
    ['board of run', subject, 'governor', comparison.governor, ''],
    ['board of run', subject, 'temperature', comparison.temperatureC, 'degC'],
    ['board of run', subject, 'load', comparison.load1, ''],
  ];
}

function operatorRows(kind: string, operators: RunResult['operators']): Row[] {
  return operators.flatMap(({ name, type, share, latencyUs, parameters }): Row[] => [
    [kind, name, 'type', type, ''],
    [kind, name, 'share', share, 'fraction'],
    [kind, name, 'latency', latencyUs, 'us'],
    [kind, name, 'parameters', parameters, 'parameters'],
  ]);
}

function replacementRows({ replacements }: RunResult): Row[] {
  return replacements.flatMap(({ operators, from, to, savedUs, damage }): Row[] => {
    const subject = operators.join(' + ');
    return [
      ['replacement', subject, 'from', from, ''],
      ['replacement', subject, 'to', to, ''],
      ['replacement', subject, 'saved', savedUs, 'us'],
      ['replacement', subject, 'damage', damage, 'nats'],
    ];
  });
}

function blockRows({ comparison }: ReportExtras): Row[] {
  const clocks = ['wall', 'cpu'] as const;
  return (comparison?.blocks ?? []).flatMap((block, i) =>
    ['A', 'B'].flatMap((model, which) =>
      clocks.map((clock): Row => {
        const times = clock === 'wall' ? block.wallUs : block.cpuUs;
        return ['block', `${model} block ${i + 1}`, clock, times[which] ?? null, 'us'];
      }),
    ),
  );
}

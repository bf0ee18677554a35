import { join } from 'node:path';
import type { ProfileResult } from '../contract/api.ts';
import type { RequestError } from '../contract/errors.ts';
import { ok, type Result } from '../contract/result.ts';
import type { MappedOperator } from '../engine/complexity/map-operators.ts';
import { csvLine } from '../report/csv.ts';
import type { ProfileEvent } from '../runner/protocol.ts';
import { writeFilesAtomically } from '../store/atomic-file.ts';

/** Writes `profile.csv`, `trace.json` and `profile.json` into a folder; returns their paths. Errors: diskFull, notWritable. */
export function writeProfileFiles(
  folder: string,
  profile: Omit<ProfileResult, 'files'>,
  events: readonly ProfileEvent[],
  operators: readonly MappedOperator[],
): Result<readonly string[], RequestError> {
  const files = new Map([
    [join(folder, 'profile.csv'), profileCsv(profile)],
    [join(folder, 'trace.json'), `${JSON.stringify(chromeTrace(profile, events, operators))}\n`],
    [join(folder, 'profile.json'), `${JSON.stringify({ schema: 1, ...profile }, null, 2)}\n`],
  ]);
  const written = writeFilesAtomically(files);
  return written.ok ? ok([...files.keys()]) : written;
}

/** The ranking as CSV, an operator a line. */
export function profileCsv({ operators }: Pick<ProfileResult, 'operators'>): string {
  const header = [
    'name',
    'type',
    'latency_us',
    'latency_low95_us',
    'latency_high95_us',
    'share',
    'parameters',
    'multiply_adds',
    'output_bytes',
    'absorbed',
    'in_model',
  ];
  const lines = operators.map((row) => [
    row.name,
    row.type,
    row.latencyUs,
    ...row.latencyInterval95Us,
    row.share,
    row.parameters,
    row.multiplyAdds,
    row.outputBytes,
    row.absorbed.join(' '),
    row.users ? 'yes' : 'no',
  ]);
  return [header, ...lines].map(csvLine).join('');
}

/**
 * One inference in the format of Chrome's tracing and Perfetto: what the runtime executed, in its order, each as
 * long as its median; the gaps between operators are not known and not shown.
 */
export function chromeTrace(
  profile: Pick<ProfileResult, 'modelPath' | 'latencyUs'>,
  events: readonly ProfileEvent[],
  operators: readonly MappedOperator[],
): object {
  const ofEvent = new Map(operators.flatMap((mapped) => mapped.executed.map((index) => [index, mapped])));
  let at = 0;
  const nodes = events.map(({ name, type, callsUs, outputBytes }, index) => {
    const operator = ofEvent.get(index);
    const sorted = callsUs.toSorted((a, b) => a - b);
    const durationUs = sorted[sorted.length >> 1] ?? 0;
    const event = {
      name: operator?.name ?? name,
      cat: type,
      ph: 'X',
      ts: at,
      dur: durationUs,
      pid: 1,
      tid: 1,
      args: {
        type,
        runtimeName: name,
        absorbed: operator?.absorbed.map((node) => node.name) ?? [],
        outputBytes,
        calls: callsUs.length,
      },
    };
    at += durationUs;
    return event;
  });
  return {
    traceEvents: [
      { name: 'process_name', ph: 'M', pid: 1, args: { name: profile.modelPath } },
      { name: 'thread_name', ph: 'M', pid: 1, tid: 1, args: { name: 'operators, median of the calls' } },
      ...nodes,
    ],
    displayTimeUnit: 'ns',
    otherData: { medianLatencyUs: profile.latencyUs.p50 },
  };
}

import type { ProfileResult } from '../contract/api.ts';

/** A cell that a spreadsheet takes for text, never for a formula. */
function cell(value: string | number): string {
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** One line an operator. */
export function profileCsv(result: ProfileResult): string {
  const head = [
    'operator',
    'type',
    'latency_us',
    'low_us',
    'high_us',
    'share',
    'parameters',
    'multiply_adds',
    'output_bytes',
    'absorbed',
  ];
  const rows = result.operators.map((o) => [
    o.name,
    o.type,
    o.latencyUs,
    ...o.latencyInterval95Us,
    o.share,
    o.parameters,
    o.multiplyAdds ?? '',
    o.outputBytes,
    o.absorbed.join(' '),
  ]);
  return `${[head, ...rows].map((row) => row.map(cell).join(',')).join('\n')}\n`;
}

/** The operators end to end, by their medians, as Chrome's trace viewer and Perfetto read it. */
export function profileTrace(result: ProfileResult): string {
  let at = 0;
  const traceEvents = result.operators.map((o) => {
    const event = {
      name: o.name,
      cat: o.type,
      ph: 'X',
      ts: at,
      dur: o.latencyUs,
      pid: 1,
      tid: 1,
      args: { share: o.share, absorbed: o.absorbed },
    };
    at += o.latencyUs;
    return event;
  });
  return `${JSON.stringify({ traceEvents, displayTimeUnit: 'ms' })}\n`;
}

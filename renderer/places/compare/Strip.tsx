import { type ReactNode, useId } from 'react';
import type { Interval } from '../../parts/judge.ts';

const width = 168;
const height = 26;
const inset = 4;

interface Props {
  readonly estimate: number;
  readonly interval: Interval;
  /** What counts as no practical difference, or as an accepted loss. */
  readonly band: Interval;
  /** The same in words. */
  readonly label: string;
}

/** An interval as a strip: solid over the 95 %, fading beyond, with a line at zero and the band of the margin. */
export function Strip({ estimate, interval, band, label }: Props): ReactNode {
  const id = useId();
  const { x } = stripScale(interval, band);
  const fade = (interval[1] - interval[0]) / 2;
  const [from, to] = [x(interval[0] - fade), x(interval[1] + fade)];
  // A short interval would vanish on a wide scale.
  const solidFrom = Math.min(x(interval[0]), x(estimate) - 1.5);
  const solidTo = Math.max(x(interval[1]), x(estimate) + 1.5);
  return (
    <svg width={width} height={height} role="img" aria-label={label} style={{ display: 'block' }}>
      <defs>
        <linearGradient id={`${id}-low`}>
          <stop offset="0" stopColor="var(--ft-b)" stopOpacity="0" />
          <stop offset="1" stopColor="var(--ft-b)" stopOpacity="0.75" />
        </linearGradient>
        <linearGradient id={`${id}-high`}>
          <stop offset="0" stopColor="var(--ft-b)" stopOpacity="0.75" />
          <stop offset="1" stopColor="var(--ft-b)" stopOpacity="0" />
        </linearGradient>
      </defs>
      <rect
        x={x(band[0])}
        y={1}
        width={Math.max(1, x(band[1]) - x(band[0]))}
        height={height - 2}
        fill="var(--ft-grid)"
        stroke="var(--ft-quiet)"
        strokeWidth="0.75"
        strokeDasharray="2 2"
      />
      <line x1={x(0)} x2={x(0)} y1={0} y2={height} stroke="var(--ft-text)" strokeWidth="1" />
      <rect x={from} y={8} width={Math.max(0, solidFrom - from)} height={10} fill={`url(#${id}-low)`} />
      <rect x={solidFrom} y={8} width={solidTo - solidFrom} height={10} fill="var(--ft-b)" />
      <rect x={solidTo} y={8} width={Math.max(0, to - solidTo)} height={10} fill={`url(#${id}-high)`} />
      <line x1={x(estimate)} x2={x(estimate)} y1={5} y2={21} stroke="var(--ft-text)" strokeWidth="2" />
    </svg>
  );
}

/** Where a value lies on the strip: zero, the band and the whole interval are always on it. */
export function stripScale(interval: Interval, band: Interval): { x(value: number): number } {
  const fade = (interval[1] - interval[0]) / 2;
  const low = Math.min(0, band[0], interval[0] - fade);
  const high = Math.max(0, band[1], interval[1] + fade);
  const span = high - low || 1;
  return { x: (value) => inset + ((value - low) / span) * (width - 2 * inset) };
}

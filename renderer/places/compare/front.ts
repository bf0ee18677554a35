import type { EChartsOption } from 'echarts';
import type { FrontPoint } from '../../../electron/contract/search-progress.ts';
import { accuracyChangeOf } from '../../parts/accuracy-change.ts';
import type { ChartTokens } from '../../parts/chart-tokens.ts';

/** A point with what it means on this board. */
export interface PlacedPoint {
  readonly point: FrontPoint;
  /** A's median over the point's speedup, microseconds. */
  readonly latencyUs: number;
  /** Accuracy against A on the same samples, percentage points. */
  readonly change: number | null;
  /** No other measured point is both faster and at least as accurate. */
  readonly onFront: boolean;
}

/** The points of a run by latency, the fastest first. */
export function placePoints(points: readonly FrontPoint[], originalUs: number): readonly PlacedPoint[] {
  const sorted = [...points].sort(
    (x, y) => y.speedup - x.speedup || (accuracyChangeOf(y) ?? 0) - (accuracyChangeOf(x) ?? 0),
  );
  let best = Number.NEGATIVE_INFINITY;
  return sorted.map((point) => {
    const change = accuracyChangeOf(point);
    const onFront = point.state !== 'refused' && change !== null && change > best;
    if (onFront) best = change;
    return { point, latencyUs: originalUs / point.speedup, change, onFront };
  });
}

/**
 * Accuracy limit, percentage points, that lets a run accept a point that lost so much, in steps of half a point. Where
 * only the samples for choosing were looked at it is twice the loss, since the search aims at half of what is allowed.
 */
export function limitToConfirm(lossPoints: number, verified: boolean): number {
  const needed = verified ? lossPoints : 2 * lossPoints;
  return Math.max(0.5, Math.ceil(2 * needed - 1e-9) / 2);
}

/** Why a point is not confirmed, which says what it would take. */
export type Standing = 'confirmed' | 'unmeasured' | 'unconfirmed' | 'lostTooMuch' | 'notFaster';

/** Where a point stands: a refused one with an interval of its speedup was refused by its speed. */
export function standingOf({ state, accuracy, speedupInterval95 }: FrontPoint): Standing {
  if (state === 'confirmed') return 'confirmed';
  if (state === 'refused') return speedupInterval95 === null ? 'lostTooMuch' : 'notFaster';
  return accuracy === null ? 'unmeasured' : 'unconfirmed';
}

/** Signs of the states: they differ in shape and filling. */
const symbols = {
  screened: 'circle',
  tuned: 'triangle',
  confirmed: 'circle',
  refused: 'path://M0,1 L1,0 L5,4 L9,0 L10,1 L6,5 L10,9 L9,10 L5,6 L1,10 L0,9 L4,5 Z',
} as const satisfies { readonly [S in FrontPoint['state']]: string };

/** Words that the chart of the front needs. */
export interface FrontWords {
  readonly latency: string;
  readonly accuracy: string;
  readonly original: string;
  readonly front: string;
  readonly forbidden: string;
  readonly states: { readonly [S in FrontPoint['state']]: string };
}

/** Latency (ms) against the change of accuracy (percentage points), A at 0, with the front as steps and what the limit forbids as an area. */
export function frontOption(
  placed: readonly PlacedPoint[],
  originalUs: number,
  limit: number,
  chosen: string | null,
  words: FrontWords,
  tokens: ChartTokens,
): EChartsOption {
  const measured = placed.filter(({ change }) => change !== null);
  const changes = [...measured.map(({ change }) => change!), 0];
  const lowest = Math.min(...changes, -limit);
  const highest = Math.max(...changes);
  const pad = Math.max(0.25, (highest - lowest) * 0.12);
  const colours = { screened: tokens.quiet, tuned: tokens.b, confirmed: tokens.good, refused: tokens.a };
  const axis = {
    scale: true,
    nameTextStyle: { color: tokens.quiet },
    axisLabel: { color: tokens.quiet },
    axisLine: { lineStyle: { color: tokens.line } },
    splitLine: { lineStyle: { color: tokens.grid } },
  };
  const states = (['screened', 'tuned', 'confirmed', 'refused'] as const).filter((state) =>
    measured.some(({ point }) => point.state === state),
  );
  const isOpen = { screened: true, tuned: true, confirmed: false, refused: false };
  return {
    grid: { left: 56, right: 24, top: 56, bottom: 44 },
    legend: { top: 0, textStyle: { color: tokens.text }, itemWidth: 14, itemGap: 14 },
    tooltip: { trigger: 'item', renderMode: 'richText' },
    xAxis: { type: 'value', name: words.latency, nameLocation: 'middle', nameGap: 26, ...axis },
    yAxis: {
      type: 'value',
      name: words.accuracy,
      nameLocation: 'middle',
      nameGap: 38,
      ...axis,
      min: Math.floor(lowest - pad),
      max: Math.ceil(highest + pad),
    },
    series: [
      {
        name: words.original,
        type: 'scatter',
        symbol: 'diamond',
        symbolSize: 14,
        color: tokens.text,
        data: [[originalUs / 1e3, 0]],
        markArea: {
          silent: true,
          itemStyle: { color: tokens.bad, opacity: 0.08 },
          label: { show: true, position: 'insideBottomRight', color: tokens.text, fontSize: 11 },
          data: [[{ name: words.forbidden, yAxis: -limit }, { yAxis: Math.floor(lowest - pad) }]],
        },
      },
      {
        name: words.front,
        type: 'line',
        step: 'end',
        symbol: 'none',
        silent: true,
        color: tokens.b,
        lineStyle: { width: 1.5 },
        data: placed
          .filter(({ onFront }) => onFront)
          .map(({ change, latencyUs }) => [latencyUs / 1e3, change!]),
      },
      ...states.map((state) => ({
        name: words.states[state],
        type: 'scatter' as const,
        symbol: symbols[state],
        color: isOpen[state] ? tokens.surface : colours[state],
        itemStyle: { borderColor: colours[state], borderWidth: isOpen[state] ? 2 : 0 },
        data: measured
          .filter(({ point }) => point.state === state)
          .map(({ point, change, latencyUs }) => ({
            id: point.id,
            value: [latencyUs / 1e3, change!],
            symbolSize: point.id === chosen ? 18 : 11,
          })),
      })),
    ],
  };
}

import type { EChartsOption } from 'echarts';
import type { SustainedPoint } from '../../../electron/contract/sustained.ts';
import type { ChartTokens } from '../../parts/chart-tokens.ts';

/** How long a comparison may be made, minutes; `quick` is in rounds fixed beforehand. */
export const lengths = ['quick', '2', '10', '30', '60'] as const;
export type Length = (typeof lengths)[number];

/** Minutes of a length; null for the quick one. */
export const minutesOf = (length: Length): number | null => (length === 'quick' ? null : Number(length));

/** Names of the lines and axes. */
export interface CourseWords {
  readonly a: string;
  readonly b: string;
  readonly temperature: string;
  readonly minute: string;
  readonly latency: string;
}

/** Latencies of A (solid) and B (dashed) over the minutes, with the temperature on an axis of its own. */
export function courseOption(
  points: readonly SustainedPoint[],
  words: CourseWords,
  tokens: ChartTokens,
): EChartsOption {
  const hasHeat = points.some(({ temperatureC }) => temperatureC !== null);
  const axis = { axisLabel: { color: tokens.quiet }, axisLine: { lineStyle: { color: tokens.line } } };
  const named = (name: string) => ({ name, nameTextStyle: { color: tokens.quiet, align: 'left' as const } });
  return {
    animation: false,
    grid: { left: 56, right: hasHeat ? 56 : 20, top: 52, bottom: 44 },
    legend: { top: 0, textStyle: { color: tokens.text }, itemWidth: 34 },
    tooltip: { trigger: 'axis', renderMode: 'richText' },
    xAxis: {
      type: 'value',
      name: words.minute,
      nameLocation: 'middle',
      nameGap: 26,
      nameTextStyle: { color: tokens.quiet },
      splitLine: { show: false },
      ...axis,
    },
    yAxis: [
      {
        type: 'value',
        ...named(words.latency),
        scale: true,
        splitLine: { lineStyle: { color: tokens.grid } },
        ...axis,
      },
      { type: 'value', show: hasHeat, ...named('°C'), scale: true, splitLine: { show: false }, ...axis },
    ],
    series: [
      {
        name: words.a,
        type: 'line',
        symbol: 'none',
        color: tokens.a,
        lineStyle: { type: 'solid', width: 2 },
        data: points.map(({ minute, aUs }) => [minute, aUs / 1e3]),
      },
      {
        name: words.b,
        type: 'line',
        symbol: 'none',
        color: tokens.b,
        lineStyle: { type: 'dashed', width: 2 },
        data: points.map(({ minute, bUs }) => [minute, bUs / 1e3]),
      },
      ...(hasHeat
        ? [
            {
              name: words.temperature,
              type: 'line' as const,
              symbol: 'none',
              yAxisIndex: 1,
              color: tokens.open,
              lineStyle: { type: 'dotted' as const, width: 2 },
              data: points.map(({ minute, temperatureC }) => [minute, temperatureC]),
            },
          ]
        : []),
    ],
  };
}

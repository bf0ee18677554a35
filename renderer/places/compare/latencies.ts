import type { EChartsOption } from 'echarts';
import type { ChartTokens } from '../../parts/chart-tokens.ts';

/** One set of latencies as a line of the chart. */
export interface LatencyLine {
  readonly name: string;
  readonly callsUs: readonly number[];
}

const mostPoints = 300;

/** The quantile `share` (0 to 1) of sorted values, interpolated between neighbours. */
export function quantileOf(sorted: readonly number[], share: number): number {
  const position = share * (sorted.length - 1);
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}

/** Corners of the empirical distribution: [latency in ms, percent of the calls that took no longer]. */
export function distributionOf(callsUs: readonly number[]): (readonly [number, number])[] {
  const sorted = [...callsUs].sort((a, b) => a - b);
  const count = Math.min(sorted.length, mostPoints);
  return Array.from({ length: count }, (_, i) => {
    const rank = count === 1 ? 0 : Math.round((i * (sorted.length - 1)) / (count - 1));
    return [sorted[rank]! / 1e3, (100 * (rank + 1)) / sorted.length] as const;
  });
}

/** Latency in ms at which the axis ends: calls beyond it are few and would squeeze the rest. */
export function axisEndMs(lines: readonly LatencyLine[]): number {
  const ends = lines.map(({ callsUs }) => {
    const sorted = [...callsUs].sort((a, b) => a - b);
    return Math.min(sorted.at(-1) ?? 0, 1.15 * quantileOf(sorted, 0.99));
  });
  return Math.max(0, ...ends) / 1e3;
}

const dashes = ['solid', 'dashed'] as const;

/** Latency (ms) against the share of calls (%): the first line solid, the second dashed, p50 and p90 marked. */
export function distributionOption(
  lines: readonly LatencyLine[],
  words: { readonly latency: string; readonly share: string },
  tokens: ChartTokens,
): EChartsOption {
  const colours = [tokens.a, tokens.b];
  const axis = {
    nameTextStyle: { color: tokens.quiet },
    axisLabel: { color: tokens.quiet },
    axisLine: { lineStyle: { color: tokens.line } },
    splitLine: { lineStyle: { color: tokens.grid } },
  };
  const endMs = axisEndMs(lines);
  return {
    grid: { left: 52, right: 20, top: 34, bottom: 44 },
    legend: {
      top: 0,
      textStyle: { color: tokens.text },
      data: lines.map(({ name }) => name),
      itemWidth: 34,
    },
    tooltip: { trigger: 'item', renderMode: 'richText' },
    xAxis: {
      type: 'value',
      name: words.latency,
      nameLocation: 'middle',
      nameGap: 26,
      min: ({ min }: { min: number }) => Math.floor(min * 20) / 20,
      max: endMs > 0 ? Number(endMs.toPrecision(3)) : 1,
      ...axis,
    },
    yAxis: {
      type: 'value',
      name: words.share,
      nameTextStyle: { color: tokens.quiet, align: 'left' },
      min: 0,
      max: 100,
      interval: 25,
      axisLabel: { color: tokens.quiet },
      splitLine: { lineStyle: { color: tokens.grid } },
    },
    series: [
      ...lines.map(({ name, callsUs }, i) => ({
        name,
        type: 'line' as const,
        step: 'end' as const,
        symbol: 'none',
        clip: true,
        lineStyle: { type: dashes[i % 2]!, width: 2 },
        color: colours[i % 2]!,
        data: distributionOf(callsUs).map((point) => [...point]),
      })),
      ...lines.map(({ name, callsUs }, i) => {
        const sorted = [...callsUs].sort((a, b) => a - b);
        return {
          name: `${name} p50, p90`,
          type: 'scatter' as const,
          symbol: 'rect',
          symbolSize: [2.5, 14],
          color: colours[i % 2]!,
          silent: true,
          label: {
            show: true,
            position: 'right' as const,
            distance: 5,
            color: tokens.text,
            fontSize: 11,
            formatter: ({ dataIndex }: { dataIndex: number }) => (dataIndex === 0 ? 'p50' : 'p90'),
          },
          data:
            callsUs.length === 0
              ? []
              : [50, 90].map((share) => [quantileOf(sorted, share / 100) / 1e3, share]),
        };
      }),
    ],
  };
}

/** Block by block A's time over B's, in the order the blocks were taken; a drift shows as a slope. */
export function runOrderOption(
  ratios: readonly number[],
  speedup: number,
  words: { readonly block: string; readonly ratio: string; readonly middle: string },
  tokens: ChartTokens,
): EChartsOption {
  const axis = { axisLabel: { color: tokens.quiet }, axisLine: { lineStyle: { color: tokens.line } } };
  return {
    grid: { left: 52, right: 20, top: 30, bottom: 44 },
    tooltip: { trigger: 'item', renderMode: 'richText' },
    xAxis: {
      type: 'value',
      name: words.block,
      nameLocation: 'middle',
      nameGap: 26,
      nameTextStyle: { color: tokens.quiet },
      min: 1,
      max: Math.max(2, ratios.length),
      minInterval: 1,
      splitLine: { show: false },
      ...axis,
    },
    yAxis: {
      type: 'value',
      name: words.ratio,
      nameTextStyle: { color: tokens.quiet, align: 'left' },
      scale: true,
      splitLine: { lineStyle: { color: tokens.grid } },
      ...axis,
    },
    series: [
      {
        name: words.ratio,
        type: 'scatter',
        symbolSize: 7,
        color: tokens.b,
        data: ratios.map((ratio, i) => [i + 1, ratio]),
        markLine: {
          symbol: 'none',
          silent: true,
          label: { color: tokens.text, formatter: words.middle, position: 'insideEndTop' },
          lineStyle: { color: tokens.text, type: 'dashed' },
          data: [{ yAxis: speedup }],
        },
      },
    ],
  };
}

import { Card, Text } from '@mantine/core';
import type { EChartsOption } from 'echarts';
import type { ReactNode } from 'react';
import type { TrendPoint } from '../../../electron/contract/views.ts';
import { useCall } from '../../client/calls.ts';
import { useTexts } from '../../language/language.ts';
import { useQuantities } from '../../language/quantities.ts';
import { Chart } from '../../parts/Chart.tsx';
import type { ChartTokens } from '../../parts/chart-tokens.ts';
import { ErrorPanel } from '../../parts/States.tsx';
import { historyTexts } from './words.ts';

/** Median latencies of a model's runs over time; `model` null: none is chosen yet. */
export function Trend({
  model,
  board,
}: {
  readonly model: string | null;
  readonly board: string;
}): ReactNode {
  const say = useTexts(historyTexts);
  const query = useCall('runs.trend', model === null ? null : { model, ...(board !== '' && { board }) });
  const points = query.data ?? [];
  return (
    <Card withBorder>
      {model === null && <Text c="dimmed">{say('trendPick')}</Text>}
      {query.error && <ErrorPanel error={query.error.error} onRetry={() => void query.refetch()} />}
      {model !== null && query.data && points.length < 2 && <Text c="dimmed">{say('trendTooFew')}</Text>}
      {model !== null && points.length >= 2 && <TrendChart points={points} />}
    </Card>
  );
}

function TrendChart({ points }: { readonly points: readonly TrendPoint[] }) {
  const say = useTexts(historyTexts);
  const quantities = useQuantities();
  const names = { a: say('original'), b: say('optimized'), axis: say('trendLatency') };
  return (
    <>
      <Chart
        title={say('trend')}
        description={say('trendDescription')}
        option={(tokens) => trendOption(points, names, tokens)}
        table={{
          columns: [
            say('date'),
            say('run'),
            `${names.a} (ms)`,
            `${names.b} (ms)`,
            say('speedup'),
            say('conditions'),
          ],
          rows: points.map((p) => [
            quantities.date(p.startedAt),
            p.run,
            p.originalUs / 1e3,
            p.optimizedUs / 1e3,
            p.speedup,
            p.conditions,
          ]),
        }}
      />
      {new Set(points.map(({ conditions }) => conditions)).size > 1 && (
        <Text fz="xs" c="dimmed">
          {say('breaks')}
        </Text>
      )}
    </>
  );
}

/** One line for A and one for B; a gap wherever the conditions are other than at the point before. */
export function trendOption(
  points: readonly TrendPoint[],
  names: { readonly a: string; readonly b: string; readonly axis: string },
  tokens: ChartTokens,
): EChartsOption {
  const line = (of: (p: TrendPoint) => number): (readonly [string, number | null])[] =>
    points.flatMap((p, i) => {
      const point = [p.startedAt, of(p) / 1e3] as const;
      const before = points[i - 1];
      return before && before.conditions !== p.conditions ? [[p.startedAt, null] as const, point] : [point];
    });
  const axis = { axisLabel: { color: tokens.quiet }, axisLine: { lineStyle: { color: tokens.line } } };
  return {
    grid: { left: 56, right: 16, top: 40, bottom: 32 },
    legend: { top: 0, textStyle: { color: tokens.text } },
    tooltip: { trigger: 'axis', renderMode: 'richText' },
    xAxis: { type: 'time', ...axis },
    yAxis: {
      type: 'value',
      name: names.axis,
      nameTextStyle: { color: tokens.quiet, align: 'left' },
      splitLine: { lineStyle: { color: tokens.grid } },
      ...axis,
    },
    series: [
      {
        name: names.a,
        type: 'line',
        symbol: 'diamond',
        symbolSize: 9,
        data: line((p) => p.originalUs).map((p) => [...p]),
        color: tokens.a,
      },
      {
        name: names.b,
        type: 'line',
        symbol: 'circle',
        symbolSize: 8,
        lineStyle: { type: 'dashed' },
        data: line((p) => p.optimizedUs).map((p) => [...p]),
        color: tokens.b,
      },
    ],
  };
}

import { Card } from '@mantine/core';
import type { EChartsOption } from 'echarts';
import type { ReactNode } from 'react';
import { useTexts } from '../../../language/language.ts';
import { Chart } from '../../../parts/Chart.tsx';
import type { ChartTokens } from '../../../parts/chart-tokens.ts';
import { dataTexts } from './words.ts';

/** How many samples each class has. */
export function ClassChart({
  classes,
  counts,
}: {
  readonly classes: readonly string[] | null;
  readonly counts: readonly number[];
}): ReactNode {
  const say = useTexts(dataTexts);
  const names = counts.map((_, i) => classes?.[i] ?? String(i));
  const words = { axis: say('count'), class: say('class') };
  return (
    <Card withBorder padding="md">
      <Chart
        title={say('perClass')}
        description={say('perClassDescription', {
          least: Math.min(...counts),
          most: Math.max(...counts),
          classes: counts.length,
        })}
        height={210}
        option={(tokens) => classOption(names, counts, words, tokens)}
        table={{ columns: [words.class, words.axis], rows: names.map((name, i) => [name, counts[i] ?? 0]) }}
      />
    </Card>
  );
}

/** One bar a class; names are turned when they would touch. */
export function classOption(
  names: readonly string[],
  counts: readonly number[],
  words: { readonly axis: string },
  tokens: ChartTokens,
): EChartsOption {
  const lines = { axisLine: { lineStyle: { color: tokens.line } } };
  return {
    grid: { left: 56, right: 12, top: 30, bottom: names.length > 8 ? 56 : 28 },
    tooltip: { trigger: 'axis', renderMode: 'richText', axisPointer: { type: 'shadow' } },
    xAxis: {
      type: 'category',
      data: [...names],
      axisLabel: {
        color: tokens.quiet,
        hideOverlap: true,
        rotate: names.length > 8 ? 30 : 0,
        width: 96,
        overflow: 'truncate',
      },
      ...lines,
    },
    yAxis: {
      type: 'value',
      name: words.axis,
      nameTextStyle: { color: tokens.quiet, align: 'left' },
      axisLabel: { color: tokens.quiet },
      splitLine: { lineStyle: { color: tokens.grid } },
      ...lines,
    },
    series: [
      {
        name: words.axis,
        type: 'bar',
        barMaxWidth: 36,
        data: [...counts],
        itemStyle: { color: tokens.b },
      },
    ],
  };
}

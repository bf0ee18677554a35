import type { EChartsOption } from 'echarts';
import type { ChartTokens } from '../../renderer/parts/chart-tokens.ts';

/** Tokens that are all of one colour, for options that are looked at, not drawn. */
export function tokensOf(colour: string): ChartTokens {
  return {
    text: colour,
    quiet: colour,
    line: colour,
    grid: colour,
    surface: colour,
    a: colour,
    b: colour,
    good: colour,
    bad: colour,
    open: colour,
    accent: colour,
    heatLow: colour,
    heatHigh: colour,
  };
}

/** The data of the series of that name. */
export function seriesOf(option: EChartsOption, name: string): readonly (readonly unknown[])[] {
  const all = Array.isArray(option.series) ? option.series : [option.series];
  const found = all.find((series) => series?.name === name);
  return (found && 'data' in found ? found.data : []) as readonly (readonly unknown[])[];
}

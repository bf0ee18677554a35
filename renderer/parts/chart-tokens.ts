/** Colours of charts as the theme of the window has them now. */
export interface ChartTokens {
  readonly text: string;
  readonly quiet: string;
  readonly line: string;
  readonly grid: string;
  readonly surface: string;
  readonly a: string;
  readonly b: string;
  readonly good: string;
  readonly bad: string;
  readonly open: string;
  readonly accent: string;
  readonly heatLow: string;
  readonly heatHigh: string;
}

/** Reads the tokens from the page. */
export function readChartTokens(): ChartTokens {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string): string => style.getPropertyValue(`--ft-${name}`).trim();
  return {
    text: token('text'),
    quiet: token('quiet'),
    line: token('line'),
    grid: token('grid'),
    surface: token('surface'),
    a: token('a'),
    b: token('b'),
    good: token('good'),
    bad: token('bad'),
    open: token('open'),
    accent: token('accent'),
    heatLow: token('heat-low'),
    heatHigh: token('heat-high'),
  };
}

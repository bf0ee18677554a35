import type { EChartsOption } from 'echarts';
import type { ChartTokens } from '../../parts/chart-tokens.ts';
import { boundsOf, type Plot, type PlotPoint, paretoFront } from './pareto.ts';
import { type Sign, signPaths, signTokens } from './signs.tsx';

/** Words in the chart, in the language of the window. */
export interface ParetoNames {
  readonly axisX: string;
  readonly axisY: string;
  /** Stands there while no accuracy is known. */
  readonly axisYLater: string;
  readonly front: string;
  readonly forbidden: string;
  readonly notMeasured: string;
  readonly signs: { readonly [S in Sign]: string };
  readonly tip: (point: PlotPoint | null) => string;
}

const font =
  'system-ui, -apple-system, "Segoe UI", "Noto Sans", "Noto Sans CJK JP", "Yu Gothic UI", sans-serif';
/** Height of the strip for candidates whose accuracy is not known yet, with its gap, pixels. */
const stripPx = 54;

/** The chart: accuracy over latency, and below it a strip of the candidates without an accuracy. */
export function paretoOption(plot: Plot, names: ParetoNames, tokens: ChartTokens): EChartsOption {
  const { original, points, maxAccuracyDrop } = plot;
  const bounds = boundsOf(plot);
  const unmeasured = points.filter(({ change }) => change === null);
  const hasStrip = unmeasured.length > 0 || original.change === null;
  const hasAccuracy = original.change !== null || unmeasured.length < points.length;
  const limit = original.change === null ? null : -maxAccuracyDrop;
  const axis = {
    axisLabel: { color: tokens.quiet, fontFamily: font },
    axisLine: { lineStyle: { color: tokens.line } },
    splitLine: { lineStyle: { color: tokens.grid } },
    nameTextStyle: { color: tokens.quiet, fontFamily: font },
  };
  const xAxis = { type: 'value' as const, min: bounds.x[0], max: bounds.x[1], ...axis };
  const insideLabels = { ...axis.axisLabel, showMinLabel: false, showMaxLabel: false, formatter: trimmed };
  const name = { name: names.axisX, nameLocation: 'middle' as const, nameGap: 26 };
  return {
    textStyle: { fontFamily: font },
    tooltip: {
      trigger: 'item',
      renderMode: 'richText',
      backgroundColor: tokens.surface,
      borderColor: tokens.line,
      textStyle: { color: tokens.text, fontSize: 12 },
      formatter: (params) => tipOf(params, points, names),
    },
    grid: [
      { left: 58, right: 18, top: 26, bottom: 44 + (hasStrip ? stripPx : 0) },
      ...(hasStrip ? [{ left: 58, right: 18, height: stripPx - 24, bottom: 44 }] : []),
    ],
    xAxis: [
      hasStrip
        ? { ...xAxis, gridIndex: 0, axisLabel: { show: false }, axisTick: { show: false } }
        : { ...xAxis, ...name, gridIndex: 0, axisLabel: insideLabels },
      ...(hasStrip ? [{ ...xAxis, ...name, gridIndex: 1, axisLabel: insideLabels }] : []),
    ],
    yAxis: [
      {
        type: 'value',
        gridIndex: 0,
        name: hasAccuracy ? names.axisY : names.axisYLater,
        min: bounds.y[0],
        max: bounds.y[1],
        ...axis,
        nameTextStyle: { ...axis.nameTextStyle, align: 'left', padding: [0, 0, 0, -50] },
        axisLabel: { ...insideLabels, show: hasAccuracy },
        axisTick: { show: hasAccuracy },
      },
      ...(hasStrip
        ? [
            {
              type: 'value' as const,
              gridIndex: 1,
              min: 0,
              max: 1,
              axisLabel: { show: false },
              axisTick: { show: false },
              splitLine: { show: false },
              axisLine: { show: true, lineStyle: { color: tokens.line } },
              name: names.notMeasured,
              nameLocation: 'end' as const,
              nameGap: 5,
              nameTextStyle: { color: tokens.quiet, fontFamily: font, fontSize: 11, align: 'left' as const },
            },
          ]
        : []),
    ],
    series: [
      frontSeries(plot, names, tokens, limit, bounds.y[0]),
      ...intervalSeries(points, tokens),
      ...(['refused', 'screened', 'tuned', 'confirmed'] as const).map((state) =>
        signSeries(
          state,
          names.signs[state],
          tokens,
          points
            .filter((p) => p.state === state && p.change !== null && p.change >= bounds.y[0])
            .map((p) => ({ id: p.id, value: [p.latencyMs, p.change] })),
        ),
      ),
      ...(original.change === null
        ? []
        : [
            signSeries('original', names.signs.original, tokens, [
              { id: 'A', value: [original.latencyMs, original.change] },
            ]),
          ]),
      ...(hasStrip ? stripSeries(plot, unmeasured, names, tokens) : []),
    ],
  };
}

const trimmed = (value: number): string => String(Number(value.toPrecision(4)));

type Series = Extract<NonNullable<EChartsOption['series']>, readonly unknown[]>[number];
interface Datum {
  readonly id: string;
  readonly value: readonly (number | null)[];
}

function signSeries(
  sign: Sign,
  name: string,
  tokens: ChartTokens,
  data: readonly Datum[],
  axisIndex = 0,
): Series {
  return {
    name,
    type: 'scatter',
    xAxisIndex: axisIndex,
    yAxisIndex: axisIndex,
    symbol: `path://${signPaths[sign]}`,
    symbolSize: sign === 'original' || sign === 'confirmed' ? 14 : 11,
    itemStyle: { color: tokens[signTokens[sign]], opacity: sign === 'refused' ? 0.7 : 1 },
    data: data.map(({ id, value }) => ({ id, value: [...value] as number[] })),
    z: sign === 'original' || sign === 'confirmed' ? 5 : 3,
  };
}

function stripSeries(
  { original }: Plot,
  unmeasured: readonly PlotPoint[],
  names: ParetoNames,
  tokens: ChartTokens,
): Series[] {
  return [
    ...(['refused', 'screened'] as const).map((state) =>
      signSeries(
        state,
        names.signs[state],
        tokens,
        unmeasured
          .filter((p) => (state === 'refused') === (p.state === 'refused'))
          .map((p) => ({ id: p.id, value: [p.latencyMs, 0.5] })),
        1,
      ),
    ),
    ...(original.change === null
      ? [
          signSeries(
            'original',
            names.signs.original,
            tokens,
            [{ id: 'A', value: [original.latencyMs, 0.5] }],
            1,
          ),
        ]
      : []),
  ];
}

/** The stepped front, with the area of too great a loss shaded behind it. */
function frontSeries(
  plot: Plot,
  names: ParetoNames,
  tokens: ChartTokens,
  limit: number | null,
  bottom: number,
): Series {
  return {
    name: names.front,
    type: 'line',
    // Between two points, the best that is to be had is the slower one's left neighbour.
    step: 'end',
    symbol: 'none',
    silent: true,
    lineStyle: { color: tokens.b, width: 1.5 },
    data: paretoFront(plot).map(([x, y]) => [x, y]),
    z: 2,
    ...(limit !== null &&
      limit > bottom && {
        markArea: {
          silent: true,
          itemStyle: { color: tokens.bad, opacity: 0.09 },
          label: {
            show: true,
            position: 'insideBottomRight',
            color: tokens.bad,
            fontFamily: font,
            fontSize: 11,
          },
          data: [[{ name: names.forbidden, yAxis: bottom }, { yAxis: limit }]],
        },
        markLine: {
          silent: true,
          symbol: 'none',
          label: { show: false },
          lineStyle: { color: tokens.bad, type: 'dashed', width: 1 },
          data: [{ yAxis: limit }],
        },
      }),
  };
}

/** 95 % intervals of confirmed points, as lines across them. */
function intervalSeries(points: readonly PlotPoint[], tokens: ChartTokens): Series[] {
  const line = (from: readonly [number, number], to: readonly [number, number]): Series => ({
    type: 'line',
    symbol: 'none',
    silent: true,
    lineStyle: { color: tokens.good, width: 2 },
    data: [[...from], [...to]],
    z: 4,
  });
  return points
    .filter((p) => p.state === 'confirmed')
    .flatMap(({ latencyMs: x, change: y, latencyIntervalMs: dx, changeInterval: dy }) =>
      y === null
        ? []
        : [...(dx ? [line([dx[0], y], [dx[1], y])] : []), ...(dy ? [line([x, dy[0]], [x, dy[1]])] : [])],
    );
}

function tipOf(params: unknown, points: readonly PlotPoint[], names: ParetoNames): string {
  const datum = Array.isArray(params) ? params[0] : params;
  const data: unknown =
    typeof datum === 'object' && datum !== null && 'data' in datum ? datum.data : undefined;
  if (typeof data !== 'object' || data === null || !('id' in data)) return '';
  return names.tip(points.find(({ id }) => id === data.id) ?? null);
}

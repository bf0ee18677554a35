import type { EChartsOption } from 'echarts';
import type { RunResult } from '../../../electron/contract/run-result.ts';
import type { ChartTokens } from '../../parts/chart-tokens.ts';

/** One operator in A and in B; null where a model has none of that name and type. */
export interface OperatorChange {
  readonly name: string;
  readonly type: string;
  readonly aUs: number | null;
  readonly bUs: number | null;
  /** Time in B minus time in A, microseconds. */
  readonly changeUs: number;
  readonly state: 'both' | 'gone' | 'new';
}

/** The operators of A and of B by name and type, the largest change first. */
export function operatorChanges(
  a: RunResult['operators'],
  b: RunResult['operators'],
): readonly OperatorChange[] {
  const keyOf = ({ name, type }: RunResult['operators'][number]): string => `${type} ${name}`;
  const byKey = new Map<string, { name: string; type: string; aUs: number | null; bUs: number | null }>();
  for (const operator of a)
    byKey.set(keyOf(operator), {
      name: operator.name,
      type: operator.type,
      aUs: operator.latencyUs,
      bUs: null,
    });
  for (const operator of b) {
    const known = byKey.get(keyOf(operator));
    byKey.set(keyOf(operator), {
      name: operator.name,
      type: operator.type,
      aUs: known?.aUs ?? null,
      bUs: operator.latencyUs,
    });
  }
  return [...byKey.values()]
    .map(
      (row): OperatorChange => ({
        ...row,
        changeUs: (row.bUs ?? 0) - (row.aUs ?? 0),
        state: row.aUs === null ? 'new' : row.bUs === null ? 'gone' : 'both',
      }),
    )
    .sort((x, y) => Math.abs(y.changeUs) - Math.abs(x.changeUs));
}

const mostBars = 14;
const leastShare = 0.005;

/** The changes worth a bar: the largest ones, without those that would be too short to see. */
export function chartedChanges(changes: readonly OperatorChange[]): readonly OperatorChange[] {
  const largest = Math.abs(changes[0]?.changeUs ?? 0);
  return changes.filter(({ changeUs }) => Math.abs(changeUs) >= leastShare * largest).slice(0, mostBars);
}

/** Bars of the change of each operator in ms: to the left less time, to the right more. */
export function operatorOption(
  changes: readonly OperatorChange[],
  words: { readonly axis: string },
  tokens: ChartTokens,
): EChartsOption {
  const labelOf = ({ name, state }: OperatorChange): string => {
    const short = name.length > 30 ? `…${name.slice(-29)}` : name;
    return state === 'both' ? short : `${state === 'gone' ? '−' : '+'} ${short}`;
  };
  return {
    grid: {
      left: 8,
      right: 56,
      top: 8,
      bottom: 26,
      outerBoundsMode: 'same',
      outerBoundsContain: 'axisLabel',
    },
    tooltip: { trigger: 'item', renderMode: 'richText' },
    xAxis: {
      type: 'value',
      name: words.axis,
      nameLocation: 'middle',
      nameGap: 28,
      nameTextStyle: { color: tokens.quiet },
      axisLabel: { color: tokens.quiet, formatter: (ms: number) => String(ms).replace('-', '−') },
      splitLine: { lineStyle: { color: tokens.grid } },
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: changes.map(labelOf),
      axisLabel: { color: tokens.text, fontSize: 11 },
      axisLine: { show: false },
      axisTick: { show: false },
    },
    series: [
      {
        name: words.axis,
        type: 'bar',
        barMaxWidth: 14,
        data: changes.map(({ changeUs, state }) => ({
          value: changeUs / 1e3,
          itemStyle: {
            color: state === 'gone' ? tokens.surface : changeUs > 0 ? tokens.bad : tokens.b,
            borderColor: state === 'gone' ? tokens.b : changeUs > 0 ? tokens.bad : tokens.b,
            borderWidth: 1.5,
            borderType: state === 'gone' ? ('dashed' as const) : ('solid' as const),
          },
        })),
        label: {
          show: true,
          position: 'right',
          color: tokens.text,
          fontSize: 11,
          formatter: ({ value }) =>
            `${Number(value) > 0 ? '+' : ''}${Number(value).toFixed(3).replace('-', '−')}`,
        },
      },
    ],
  };
}

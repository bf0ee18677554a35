import { Button, Group, Table, Text } from '@mantine/core';
import type { EChartsOption } from 'echarts';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { texts, useTexts } from '../language/language.ts';
import { type ChartTokens, readChartTokens } from './chart-tokens.ts';
import { saveText, toCsv } from './csv.ts';

const words = texts(
  'chart',
  { asTable: 'Show as table', asChart: 'Show as chart', csv: 'Save CSV' },
  { asTable: '表で見る', asChart: 'グラフで見る', csv: 'CSV を保存' },
);

interface Props {
  readonly title: string;
  /** What the chart shows, in a sentence, for those who cannot see it. */
  readonly description: string;
  readonly height?: number;
  readonly option: (tokens: ChartTokens) => EChartsOption;
  /** The same numbers as a table, with units in the column names. */
  readonly table: {
    readonly columns: readonly string[];
    readonly rows: readonly (readonly (string | number | null)[])[];
  };
  readonly onPick?: (dataId: string) => void;
}

/** A chart with its numbers as a table and as CSV; follows the theme and the size of the page. */
export function Chart({ title, description, height = 280, option, table, onPick }: Props): ReactNode {
  const say = useTexts(words);
  const [asTable, setAsTable] = useState(false);
  return (
    <figure style={{ margin: 0 }}>
      <Group justify="space-between" mb={4} wrap="nowrap" align="flex-start">
        <Text component="figcaption" fw={650} fz="sm">
          {title}
        </Text>
        <Group gap={4} wrap="nowrap">
          <Button
            size="compact-xs"
            variant="subtle"
            aria-pressed={asTable}
            onClick={() => setAsTable(!asTable)}
          >
            {asTable ? say('asChart') : say('asTable')}
          </Button>
          <Button
            size="compact-xs"
            variant="subtle"
            onClick={() => saveText(`${title}.csv`, 'text/csv', toCsv([table.columns, ...table.rows]))}
          >
            {say('csv')}
          </Button>
        </Group>
      </Group>
      {asTable ? (
        <ChartTable title={title} table={table} height={height} />
      ) : (
        <Drawing description={`${title}. ${description}`} height={height} option={option} onPick={onPick} />
      )}
    </figure>
  );
}

function ChartTable({ title, table, height }: Pick<Props, 'title' | 'table'> & { readonly height: number }) {
  return (
    // A region that scrolls must be reachable by keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls
    <section aria-label={title} tabIndex={0} style={{ maxHeight: height, overflow: 'auto' }}>
      <Table verticalSpacing={4} stickyHeader>
        <Table.Thead>
          <Table.Tr>
            {table.columns.map((column) => (
              <Table.Th key={column}>{column}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {table.rows.map((row, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows have no name of their own
            <Table.Tr key={i}>
              {row.map((value, j) => (
                <Table.Td key={table.columns[j]} className={typeof value === 'number' ? 'ft-number' : ''}>
                  {typeof value === 'number' ? Number(value.toPrecision(6)) : (value ?? '–')}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}

interface DrawingProps {
  readonly description: string;
  readonly height: number;
  readonly option: (tokens: ChartTokens) => EChartsOption;
  readonly onPick: ((dataId: string) => void) | undefined;
}

function Drawing({ description, height, option, onPick }: DrawingProps) {
  const place = useRef<HTMLDivElement>(null);
  const latest = useRef(option);
  latest.current = option;
  const redraw = useRef<() => void>(() => undefined);
  const picked = useRef(onPick);
  picked.current = onPick;
  useEffect(() => {
    let stop = (): void => undefined;
    let gone = false;
    void import('./draw-chart.ts').then(({ drawChart }) => {
      if (gone || !place.current) return;
      const drawn = drawChart(place.current, (id) => picked.current?.(id));
      redraw.current = () => drawn.draw(latest.current(readChartTokens()));
      redraw.current();
      const themes = new MutationObserver(() => redraw.current());
      themes.observe(document.documentElement, { attributes: true });
      stop = () => {
        themes.disconnect();
        drawn.dispose();
      };
    });
    return () => {
      gone = true;
      stop();
    };
  }, []);
  // Every render may bring new numbers.
  useEffect(() => redraw.current());
  return <div ref={place} role="img" aria-label={description} style={{ height, width: '100%' }} />;
}

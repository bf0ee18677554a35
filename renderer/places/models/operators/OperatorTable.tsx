import './operators.css';
import { Group, Text, TextInput, UnstyledButton } from '@mantine/core';
import { IconFilter } from '@tabler/icons-react';
import { useVirtualizer } from '@tanstack/react-virtual';
import {
  type CSSProperties,
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from 'react';
import { type Say, useTexts } from '../../../language/language.ts';
import { type Quantities, useQuantities } from '../../../language/quantities.ts';
import { modelTexts } from '../words.ts';
import { filterOperators, heatOf, type KnownOperator } from './operator-rows.ts';

const rowHeight = 32;
const pageRows = 10;

type Word = keyof typeof modelTexts.en;

interface Column {
  readonly key: 'name' | 'type' | 'latency' | 'share' | 'parameters' | 'multiplyAdds';
  readonly title: Word;
  readonly numeric: boolean;
  /** Null: not known; stands last in either order. */
  readonly value: (known: KnownOperator) => number | string | null;
}

const columns: readonly Column[] = [
  { key: 'name', title: 'operator', numeric: false, value: ({ name }) => name },
  { key: 'type', title: 'type', numeric: false, value: ({ type }) => type },
  { key: 'latency', title: 'median', numeric: true, value: ({ timed }) => timed?.latencyUs ?? null },
  { key: 'share', title: 'share', numeric: true, value: ({ timed }) => timed?.share ?? null },
  {
    key: 'parameters',
    title: 'parametersShort',
    numeric: true,
    value: ({ operator, timed }) => operator?.parameters ?? timed?.parameters ?? null,
  },
  {
    key: 'multiplyAdds',
    title: 'macs',
    numeric: true,
    value: ({ operator, timed }) => operator?.multiplyAdds ?? timed?.multiplyAdds ?? null,
  },
];

interface Order {
  readonly key: Column['key'];
  readonly descending: boolean;
}

interface Props {
  readonly operators: readonly KnownOperator[];
  readonly highestUs: number | null;
  readonly selected: string | null;
  readonly onSelect: (key: string) => void;
}

/** The operators as a table that follows the graph, and leads it by keyboard. */
export function OperatorTable({ operators, highestUs, selected, onSelect }: Props): ReactNode {
  const say = useTexts(modelTexts);
  const quantities = useQuantities();
  const [filter, setFilter] = useState('');
  const [order, setOrder] = useState<Order | null>(null);
  // The slowest first where times are known; else as the model has them.
  const shownOrder = useMemo<Order | null>(
    () => order ?? (highestUs === null ? null : { key: 'latency', descending: true }),
    [order, highestUs],
  );
  const rows = useMemo(
    () => sorted(filterOperators(operators, filter), shownOrder),
    [operators, filter, shownOrder],
  );
  const place = useRef<HTMLDivElement>(null);
  const id = useId();
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => place.current,
    estimateSize: () => rowHeight,
    overscan: 8,
    // The header stands above the rows, and covers what scrolls under it.
    scrollMargin: rowHeight,
    scrollPaddingStart: rowHeight,
  });
  const at = rows.findIndex(({ key }) => key === selected);
  // What is said of the selected operator above the table takes height from it.
  const height = virtual.scrollRect?.height;
  useEffect(() => {
    if (at >= 0 && height !== 0) virtual.scrollToIndex(at, { align: 'auto' });
  }, [at, virtual, height]);
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = nextRow(event.key, at, rows.length);
    if (next === null || event.target !== event.currentTarget) return;
    event.preventDefault();
    onSelect(rows[next]!.key);
  };
  const items = virtual.getVirtualItems();
  const isSelectedOnPage = items.some(({ index }) => index === at);
  return (
    <>
      <Group justify="space-between" mb="xs" wrap="nowrap">
        <TextInput
          size="xs"
          flex={1}
          maw={300}
          value={filter}
          onChange={({ currentTarget }) => setFilter(currentTarget.value)}
          aria-label={say('filter')}
          placeholder={say('filter')}
          leftSection={<IconFilter size={14} aria-hidden="true" />}
        />
        <Text fz="xs" c="dimmed" role="status">
          {say('shown', { shown: quantities.count(rows.length), count: quantities.count(operators.length) })}
        </Text>
      </Group>
      <div ref={place} className="ft-operators">
        <table
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: it has the focus and names its active row
          role="grid"
          tabIndex={0}
          aria-label={say('operators')}
          aria-description={say('tableHint')}
          aria-rowcount={rows.length + 1}
          aria-activedescendant={isSelectedOnPage ? `${id}-${selected}` : undefined}
          onKeyDown={onKeyDown}
        >
          <thead>
            <tr aria-rowindex={1}>
              {columns.map((column) => (
                <Header key={column.key} column={column} order={shownOrder} say={say} onOrder={setOrder} />
              ))}
            </tr>
          </thead>
          <tbody>
            <Spacer height={(items[0]?.start ?? rowHeight) - rowHeight} />
            {items.map(({ index }) => {
              const known = rows[index]!;
              return (
                <tr
                  key={known.key}
                  id={`${id}-${known.key}`}
                  aria-rowindex={index + 2}
                  aria-selected={known.key === selected}
                  onClick={() => onSelect(known.key)}
                >
                  <Cells known={known} highestUs={highestUs} say={say} quantities={quantities} />
                </tr>
              );
            })}
            <Spacer height={virtual.getTotalSize() + rowHeight - (items.at(-1)?.end ?? rowHeight)} />
          </tbody>
        </table>
      </div>
    </>
  );
}

/** Stands for the rows that are not on the page. */
const Spacer = ({ height }: { readonly height: number }): ReactNode =>
  height > 0 && (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing here can have the focus
    <tr aria-hidden="true">
      <td colSpan={columns.length} style={{ height, padding: 0, border: 0 }} />
    </tr>
  );

function Header({
  column,
  order,
  say,
  onOrder,
}: {
  readonly column: Column;
  readonly order: Order | null;
  readonly say: Say<Word>;
  readonly onOrder: (order: Order) => void;
}) {
  const isSorted = order?.key === column.key;
  const direction = isSorted ? (order.descending ? 'descending' : 'ascending') : undefined;
  return (
    <th scope="col" aria-sort={direction} className={column.numeric ? 'ft-number' : ''}>
      <UnstyledButton
        fz="xs"
        fw={650}
        onClick={() =>
          onOrder({ key: column.key, descending: isSorted ? !order.descending : column.numeric })
        }
      >
        {say(column.title)}
        <span aria-hidden="true">
          {direction === 'descending' ? ' ↓' : direction === 'ascending' ? ' ↑' : ''}
        </span>
      </UnstyledButton>
    </th>
  );
}

function Cells({
  known,
  highestUs,
  say,
  quantities,
}: {
  readonly known: KnownOperator;
  readonly highestUs: number | null;
  readonly say: Say<Word>;
  readonly quantities: Quantities;
}) {
  const { name, type, timed, absorbedBy, operator } = known;
  const heat = { '--heat': heatOf(timed?.latencyUs, highestUs) ?? 0 } as CSSProperties;
  const parameters = operator?.parameters ?? timed?.parameters ?? null;
  const multiplyAdds = operator?.multiplyAdds ?? timed?.multiplyAdds ?? null;
  return (
    <>
      <td title={name}>{name}</td>
      <td title={operator ? type : say('runtimes')}>{type}</td>
      {absorbedBy === null ? (
        <>
          <td className="ft-number ft-heat-cell" style={heat}>
            {timed ? milliseconds(timed.latencyUs) : '–'}
          </td>
          <td className="ft-number ft-heat-cell" style={heat}>
            {timed ? (100 * timed.share).toFixed(1) : '–'}
          </td>
        </>
      ) : (
        <td colSpan={2} title={absorbedBy}>
          {say('absorbedBy', { name: absorbedBy })}
        </td>
      )}
      <td className="ft-number">
        {parameters === null ? '–' : parameters === 0 ? '0' : quantities.large(parameters)}
      </td>
      <td className="ft-number">{multiplyAdds === null ? '–' : quantities.large(multiplyAdds)}</td>
    </>
  );
}

const milliseconds = (us: number): string => (us / 1e3).toFixed(3);

function sorted(operators: readonly KnownOperator[], order: Order | null): readonly KnownOperator[] {
  const column = columns.find(({ key }) => key === order?.key);
  if (!column || !order) return operators;
  const sign = order.descending ? -1 : 1;
  return [...operators].sort((a, b) => {
    const [left, right] = [column.value(a), column.value(b)];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    if (typeof left === 'string' || typeof right === 'string')
      return sign * String(left).localeCompare(String(right), undefined, { numeric: true });
    return sign * (left - right);
  });
}

/** The row that a key leads to; null where the key is none of the table's. */
function nextRow(key: string, at: number, count: number): number | null {
  if (count === 0) return null;
  const to = (row: number): number => Math.min(count - 1, Math.max(0, row));
  switch (key) {
    case 'ArrowDown':
      return to(at + 1);
    case 'ArrowUp':
      return to(at < 0 ? count - 1 : at - 1);
    case 'PageDown':
      return to(at + pageRows);
    case 'PageUp':
      return to(at - pageRows);
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}

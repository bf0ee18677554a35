import { Table, UnstyledButton } from '@mantine/core';
import {
  type ColumnDef,
  createSortedRowModel,
  rowSortingFeature,
  type SortingState,
  sortFns,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { type ReactNode, useMemo, useState } from 'react';

/** A column: what it sorts by, and what it shows. */
export interface Column<T> {
  readonly key: string;
  readonly title: string;
  /** The title is for screen readers alone. */
  readonly hidesTitle?: boolean;
  readonly numeric?: boolean;
  /** What it sorts by; without it the column cannot be sorted. */
  readonly value?: (row: T) => number | string | null;
  readonly render: (row: T) => ReactNode;
}

interface Props<T> {
  /** Says what the table holds, for screen readers. */
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly rowKey: (row: T) => string;
  /** Without it the table sorts by itself; with it the rows come sorted. */
  readonly sorting?: {
    readonly key: string;
    readonly descending: boolean;
    onSort(key: string, descending: boolean): void;
  };
  readonly selected?: string | null;
  /** Called for a click anywhere on a row; the first cell is its button. */
  readonly onSelect?: (row: T) => void;
}

const features = tableFeatures({
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns,
});

/** A table whose headers are buttons that sort, whose numbers stand right-aligned. */
export function DataTable<T extends object>(props: Props<T>): ReactNode {
  const { label, columns, rows, rowKey, sorting: outer, selected, onSelect } = props;
  const [inner, setInner] = useState<SortingState>([]);
  const definitions = useMemo(
    () =>
      columns.map(
        (column): ColumnDef<typeof features, T> => ({
          id: column.key,
          accessorFn: (row: T) => column.value?.(row) ?? undefined,
          enableSorting: column.value !== undefined,
          sortUndefined: 'last',
        }),
      ),
    [columns],
  );
  const data = useMemo(() => [...rows], [rows]);
  const table = useTable({
    features,
    columns: definitions,
    data,
    getRowId: rowKey,
    manualSorting: outer !== undefined,
    state: { sorting: outer ? [{ id: outer.key, desc: outer.descending }] : inner },
    onSortingChange: (change) => setInner((old) => (typeof change === 'function' ? change(old) : change)),
  });
  const sorted = outer ? { id: outer.key, desc: outer.descending } : inner[0];
  const sortBy = (column: Column<T>): void => {
    const descending = sorted?.id === column.key ? !sorted.desc : column.numeric === true;
    if (outer) outer.onSort(column.key, descending);
    else setInner([{ id: column.key, desc: descending }]);
  };
  return (
    <Table.ScrollContainer minWidth={0}>
      <Table aria-label={label} highlightOnHover={onSelect !== undefined} verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => {
              const direction =
                sorted?.id === column.key ? (sorted.desc ? 'descending' : 'ascending') : undefined;
              return (
                <Table.Th
                  key={column.key}
                  aria-sort={direction}
                  className={column.numeric ? 'ft-number' : ''}
                >
                  {column.value ? (
                    <UnstyledButton fw={650} fz="sm" onClick={() => sortBy(column)}>
                      {column.title}
                      <span aria-hidden="true">
                        {direction === 'descending' ? ' ↓' : direction === 'ascending' ? ' ↑' : ''}
                      </span>
                    </UnstyledButton>
                  ) : (
                    <span className={column.hidesTitle ? 'ft-visually-hidden' : ''}>{column.title}</span>
                  )}
                </Table.Th>
              );
            })}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {table.getRowModel().rows.map(({ id, original }) => (
            <Table.Tr
              key={id}
              aria-selected={onSelect ? id === selected : undefined}
              bg={id === selected ? 'var(--mantine-color-petrol-light)' : ''}
              {...(onSelect && { onClick: () => onSelect(original) })}
              style={onSelect ? { cursor: 'pointer' } : {}}
            >
              {columns.map((column, i) => (
                <Table.Td key={column.key} className={column.numeric ? 'ft-number' : ''}>
                  {onSelect && i === 0 ? (
                    <UnstyledButton fz="sm" ta="start">
                      {column.render(original)}
                    </UnstyledButton>
                  ) : (
                    column.render(original)
                  )}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

import { Button, Group, Select, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import type { RunSummary } from '../../../electron/contract/api.ts';
import { useCall } from '../../client/calls.ts';
import { useTexts } from '../../language/language.ts';
import { type Filters, isUnfiltered, noFilters } from './filters.ts';
import { historyTexts } from './words.ts';

const states = [
  'improved',
  'no improvement',
  'interrupted',
  'running',
  'failed',
  'cancelled',
] as const satisfies readonly RunSummary['state'][];

/** Narrows the list of runs; every field filters at once. */
export function FilterBar({
  filters,
  onChange,
}: {
  readonly filters: Filters;
  readonly onChange: (filters: Filters) => void;
}): ReactNode {
  const say = useTexts(historyTexts);
  const boards = useCall('boards.list', {}).data ?? [];
  const models = useCall('models.list', {}).data ?? [];
  const set = (part: Partial<Filters>): void => onChange({ ...filters, ...part });
  return (
    <Group gap="xs" align="flex-end" component="search">
      <TextInput
        label={say('search')}
        type="search"
        w={220}
        size="xs"
        value={filters.search}
        onChange={({ currentTarget }) => set({ search: currentTarget.value })}
      />
      <AnyOr
        label={say('board')}
        w={140}
        data={boards.map(({ address, name }) => ({ value: address, label: name }))}
        value={filters.board}
        onChange={(board) => set({ board })}
      />
      <AnyOr
        label={say('model')}
        w={170}
        data={models.map(({ sha256, name }) => ({ value: sha256, label: `${name} (${sha256.slice(0, 6)})` }))}
        value={filters.model}
        onChange={(model) => set({ model })}
      />
      <AnyOr
        label={say('state')}
        w={150}
        data={states.map((state) => ({ value: state, label: say(`state.${state}`) }))}
        value={filters.state}
        onChange={(state) => set({ state: states.find((known) => known === state) ?? '' })}
      />
      <TextInput
        label={say('since')}
        type="date"
        size="xs"
        value={filters.since}
        onChange={({ currentTarget }) => set({ since: currentTarget.value })}
      />
      <TextInput
        label={say('until')}
        type="date"
        size="xs"
        value={filters.until}
        onChange={({ currentTarget }) => set({ until: currentTarget.value })}
      />
      {!isUnfiltered(filters) && (
        <Button size="xs" variant="subtle" onClick={() => onChange(noFilters)}>
          {say('clear')}
        </Button>
      )}
    </Group>
  );
}

/** One value to filter by, or any: the empty string. */
function AnyOr({
  value,
  onChange,
  ...shown
}: {
  readonly label: string;
  readonly w: number;
  readonly data: { readonly value: string; readonly label: string }[];
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  const say = useTexts(historyTexts);
  return (
    <Select
      {...shown}
      size="xs"
      clearable
      placeholder={say('any')}
      value={value === '' ? null : value}
      onChange={(next) => onChange(next ?? '')}
    />
  );
}

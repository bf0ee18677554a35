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
      <Select
        label={say('board')}
        size="xs"
        w={140}
        clearable
        placeholder={say('any')}
        data={boards.map(({ address, name }) => ({ value: address, label: name }))}
        value={filters.board === '' ? null : filters.board}
        onChange={(board) => set({ board: board ?? '' })}
      />
      <Select
        label={say('model')}
        size="xs"
        w={170}
        clearable
        placeholder={say('any')}
        data={models.map(({ sha256, name }) => ({ value: sha256, label: `${name} (${sha256.slice(0, 6)})` }))}
        value={filters.model === '' ? null : filters.model}
        onChange={(model) => set({ model: model ?? '' })}
      />
      <Select
        label={say('state')}
        size="xs"
        w={150}
        clearable
        placeholder={say('any')}
        data={states.map((state) => ({ value: state, label: say(`state.${state}`) }))}
        value={filters.state === '' ? null : filters.state}
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

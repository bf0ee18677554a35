import { Button, Card, Group, Select, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useMemo, useState } from 'react';
import { Link, useSearchParams } from 'wouter';
import type { BoardCard, DataCard, JobState, ModelCard, Settings } from '../../../electron/contract/views.ts';
import { boardChoice, cardAt } from '../../client/boards.ts';
import { useAction, useCall } from '../../client/calls.ts';
import { useJobStore, useJobs } from '../../client/jobs.ts';
import { useSelection } from '../../client/selection.ts';
import { linkTo } from '../../frame/places.ts';
import { useTexts } from '../../language/language.ts';
import { FurtherBoards } from '../../parts/boards/FurtherBoards.tsx';
import { ErrorPanel, Fetched } from '../../parts/States.tsx';
import { CompareJob } from './CompareJob.tsx';
import { type Length, lengths, minutesOf } from './sustained.ts';
import { anyTwoTexts } from './words-runs.ts';
import { sustainedTexts } from './words-trial.ts';

interface Choice {
  readonly a: string | null;
  readonly b: string | null;
  readonly board: string | null;
  /** To be measured on as well. */
  readonly further: readonly string[];
  readonly data: string | null;
  readonly length: Length;
}

interface Lists {
  readonly models: readonly ModelCard[];
  readonly boards: readonly BoardCard[];
  readonly data: readonly DataCard[];
  readonly settings: Settings;
}

/** Compares any two models on a board, and shows the newest such comparison. */
export function AnyTwo(): ReactNode {
  const models = useCall('models.list', {});
  const boards = useCall('boards.list', {});
  const data = useCall('data.list', {});
  const settings = useCall('settings.get', {});
  const newest = useJobs().find(({ kind }) => kind === 'compare') ?? null;
  return (
    <Stack gap="md">
      <Fetched query={models}>
        {(m) => (
          <Fetched query={boards}>
            {(b) => (
              <Fetched query={data}>
                {(d) => (
                  <Fetched query={settings}>
                    {(s) => <Form lists={{ models: m, boards: b, data: d, settings: s }} />}
                  </Fetched>
                )}
              </Fetched>
            )}
          </Fetched>
        )}
      </Fetched>
      {newest && <CompareJob job={newest} limit={settings.data?.maxAccuracyDrop ?? 1} />}
    </Stack>
  );
}

/** What is chosen at first: by the address of the page, then by what the person works with. */
function useFirstChoice({ models, boards, data }: Lists): Choice {
  const [search] = useSearchParams();
  const { selection } = useSelection();
  const modelOf = (key: string): string | null => {
    const wanted = search.get(key);
    return (
      models.find(({ sha256, path }) => wanted !== null && (sha256 === wanted || path === wanted))?.path ??
      null
    );
  };
  const board = search.get('board') ?? selection.board?.address ?? null;
  const dataPath = search.get('data') ?? selection.data?.path ?? null;
  const selected = models.find(({ path }) => path === selection.model?.path)?.path ?? null;
  return {
    a: modelOf('a') ?? selected,
    b: modelOf('b'),
    board: board === null ? (boards[0]?.address ?? null) : (cardAt(boards, board)?.address ?? null),
    further: [],
    data: data.some(({ path }) => path === dataPath) ? dataPath : null,
    length: 'quick',
  };
}

function Form({ lists }: { readonly lists: Lists }) {
  const say = useTexts(anyTwoTexts);
  const sayLong = useTexts(sustainedTexts);
  const first = useFirstChoice(lists);
  const [changed, setChanged] = useState<Partial<Choice>>({});
  const choice: Choice = { ...first, ...changed };
  const store = useJobStore();
  const start = useAction('runs.compare', (job: JobState) => store.put(job));
  const { a, b, board, data, length } = choice;
  const others = choice.further.filter((address) => address !== board);
  const minutes = minutesOf(length);
  const same = a !== null && a === b;
  const models = useMemo(
    () =>
      lists.models.map(({ path, name, sha256 }) => ({
        value: path,
        label: `${name} (${sha256.slice(0, 6)})`,
      })),
    [lists.models],
  );
  const set = (part: Partial<Choice>): void => setChanged({ ...changed, ...part });
  const go = (): void => {
    if (a === null || b === null || board === null || same) return;
    start.mutate({
      modelPathA: a,
      modelPathB: b,
      board: boardChoice(board),
      ...(others.length > 0 && { boards: [board, ...others].map(boardChoice) }),
      threads: lists.settings.threads,
      ...(data !== null && { dataPath: data }),
      ...(minutes !== null && { minutes }),
    });
  };
  return (
    <Card withBorder>
      <Title order={2} mb={4}>
        {say('title')}
      </Title>
      <Text c="dimmed" fz="sm" mb="sm">
        {say('hint')}
      </Text>
      <SimpleGrid cols={{ base: 2, lg: 5 }} spacing="sm">
        <Select
          label={say('a')}
          data={models}
          value={a}
          searchable
          placeholder={say('choose')}
          onChange={(path) => set({ a: path })}
        />
        <Select
          label={say('b')}
          data={models}
          value={b}
          searchable
          placeholder={say('choose')}
          error={same && say('same')}
          onChange={(path) => set({ b: path })}
        />
        <Select
          label={say('board')}
          data={lists.boards.map(({ address, name }) => ({
            value: address,
            label: address === name ? name : `${name} (${address})`,
          }))}
          value={board}
          placeholder={say('choose')}
          onChange={(address) => set({ board: address })}
        />
        <Select
          label={say('data')}
          data={lists.data.map(({ path, name }) => ({ value: path, label: name }))}
          value={data}
          clearable
          clearButtonProps={{ 'aria-label': say('clearData') }}
          placeholder={say('noData')}
          onChange={(path) => set({ data: path })}
        />
        <Select
          label={sayLong('howLong')}
          data={lengths.map((value) => ({ value, label: sayLong(`length.${value}`) }))}
          value={length}
          allowDeselect={false}
          onChange={(value) => set({ length: lengths.find((one) => one === value) ?? 'quick' })}
        />
      </SimpleGrid>
      <FurtherBoards
        further={lists.boards.filter(({ address }) => address !== board)}
        chosen={others}
        hint="othersTimed"
        onChange={(further) => set({ further })}
      />
      <Group mt="sm" justify="space-between">
        <Group gap="sm">
          <Button
            onClick={go}
            loading={start.isPending}
            disabled={a === null || b === null || board === null || same}
          >
            {say('start')}
          </Button>
          <Text fz="sm" c="dimmed">
            {minutes !== null ? sayLong('stopKeeps') : data === null ? say('withoutData') : say('withData')}
          </Text>
        </Group>
        <Text component={Link} href={linkTo('models')} fz="sm" c="var(--ft-accent)">
          {say('otherModel')}
        </Text>
      </Group>
      {start.error && <ErrorPanel error={start.error.error} onRetry={go} />}
    </Card>
  );
}

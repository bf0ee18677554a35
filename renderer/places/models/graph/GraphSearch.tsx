import { ActionIcon, Group, Text, TextInput } from '@mantine/core';
import { IconChevronDown, IconChevronUp, IconSearch } from '@tabler/icons-react';
import { type ReactNode, useMemo, useRef } from 'react';
import { useCommands } from '../../../frame/commands.ts';
import { useTexts } from '../../../language/language.ts';
import { modelTexts } from '../words.ts';

interface Props {
  readonly text: string;
  readonly onText: (text: string) => void;
  /** Boxes that were found, in the order of the model. */
  readonly hits: readonly number[];
  /** The box that is selected now. */
  readonly at: number | null;
  readonly onJump: (box: number) => void;
}

/** Finds operators in the graph: all hits are marked, Enter goes to the next, Shift+Enter to the one before. */
export function GraphSearch({ text, onText, hits, at, onJump }: Props): ReactNode {
  const say = useTexts(modelTexts);
  const field = useRef<HTMLInputElement>(null);
  useCommands(
    useMemo(
      () => [{ id: 'graph.search', title: say('search'), perform: () => field.current?.focus() }],
      [say],
    ),
  );
  const place = at === null ? -1 : hits.indexOf(at);
  const jump = (step: 1 | -1): void => {
    if (hits.length === 0) return;
    const next =
      place >= 0
        ? (place + step + hits.length) % hits.length
        : step === 1
          ? Math.max(
              0,
              hits.findIndex((hit) => hit > (at ?? -1)),
            )
          : hits.length - 1;
    onJump(hits[next]!);
  };
  return (
    <Group gap={6} wrap="nowrap" flex={1}>
      <TextInput
        ref={field}
        size="xs"
        flex={1}
        maw={320}
        value={text}
        onChange={({ currentTarget }) => onText(currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') jump(event.shiftKey ? -1 : 1);
          else if (event.key === 'Escape' && text !== '') onText('');
          else return;
          event.preventDefault();
        }}
        type="search"
        aria-label={say('search')}
        placeholder={say('search')}
        leftSection={<IconSearch size={14} aria-hidden="true" />}
      />
      {text.trim() !== '' && (
        <>
          <Text fz="xs" c="dimmed" role="status" style={{ whiteSpace: 'nowrap' }}>
            {hits.length === 0
              ? say('noHits')
              : say('hits', { at: place < 0 ? '–' : place + 1, count: hits.length })}
          </Text>
          <ActionIcon
            variant="default"
            aria-label={say('previousHit')}
            disabled={hits.length === 0}
            onClick={() => jump(-1)}
          >
            <IconChevronUp size={14} aria-hidden="true" />
          </ActionIcon>
          <ActionIcon
            variant="default"
            aria-label={say('nextHit')}
            disabled={hits.length === 0}
            onClick={() => jump(1)}
          >
            <IconChevronDown size={14} aria-hidden="true" />
          </ActionIcon>
        </>
      )}
    </Group>
  );
}

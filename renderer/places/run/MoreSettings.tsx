import { Anchor, SimpleGrid, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { BoardCard } from '../../../electron/contract/views.ts';
import { linkTo } from '../../frame/places.ts';
import { useTexts } from '../../language/language.ts';
import { FurtherBoards } from '../../parts/boards/FurtherBoards.tsx';
import { RunNumberInput } from './RunNumberInput.tsx';
import type { RunNumbers } from './run-choice.ts';
import { runTexts } from './words.ts';

interface Props {
  readonly numbers: RunNumbers;
  /** Of the chosen board; null when it has never been connected. */
  readonly cores: number | null;
  readonly onEdit: (part: Partial<RunNumbers>) => void;
  /** Boards that can be measured on beside the chosen one, and those that are. */
  readonly further: readonly Pick<BoardCard, 'address' | 'name'>[];
  readonly chosen: readonly string[];
  readonly onFurther: (addresses: readonly string[]) => void;
}

/** The values of a run that seldom need a change. */
export function MoreSettings({ numbers, cores, onEdit, further, chosen, onFurther }: Props): ReactNode {
  const say = useTexts(runTexts);
  return (
    <>
      <SimpleGrid cols={4} mt="md" spacing="md">
        <RunNumberInput
          name="threads"
          label={say('threads')}
          description={cores === null ? say('threadsHint') : say('threadsOf', { cores })}
          value={numbers.threads}
          onChange={(threads) => onEdit({ threads })}
        />
        <RunNumberInput
          name="groupSize"
          label={say('groupSize')}
          description={say('groupSizeHint')}
          value={numbers.groupSize}
          onChange={(groupSize) => onEdit({ groupSize })}
        />
        <RunNumberInput
          name="targetSpeedup"
          label={say('targetSpeedup')}
          description={say('targetSpeedupHint')}
          placeholder="–"
          decimals={2}
          step={0.1}
          value={numbers.targetSpeedup}
          onChange={(targetSpeedup) => onEdit({ targetSpeedup })}
        />
        <RunNumberInput
          name="seed"
          label={say('seed')}
          description={say('seedHint')}
          value={numbers.seed}
          onChange={(seed) => onEdit({ seed })}
        />
      </SimpleGrid>
      <FurtherBoards further={further} chosen={chosen} hint="othersHint" onChange={onFurther} />
      <Text fz="sm" mt="xs">
        <Anchor component={Link} href={linkTo('settings', 'defaults')} fz="sm" underline="always">
          {say('toSettings')}
        </Anchor>
      </Text>
    </>
  );
}

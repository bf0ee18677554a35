import { Badge } from '@mantine/core';
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconHelpCircle,
  IconKey,
  IconLoader,
  IconLockX,
  IconPlayerPlay,
  IconPlugConnectedX,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTexts } from '../../language/language.ts';
import type { RowState } from './board-rows.ts';
import { boardTexts } from './words.ts';

const looks = {
  connected: { Icon: IconCircleCheck, colour: 'green' },
  connecting: { Icon: IconLoader, colour: 'petrol' },
  asking: { Icon: IconHelpCircle, colour: 'orange' },
  stopping: { Icon: IconLoader, colour: 'gray' },
  profile: { Icon: IconPlayerPlay, colour: 'petrol' },
  optimize: { Icon: IconPlayerPlay, colour: 'petrol' },
  compare: { Icon: IconPlayerPlay, colour: 'petrol' },
  deploy: { Icon: IconPlayerPlay, colour: 'petrol' },
  rollback: { Icon: IconPlayerPlay, colour: 'petrol' },
  unmanage: { Icon: IconPlayerPlay, colour: 'petrol' },
  checkDeployments: { Icon: IconPlayerPlay, colour: 'petrol' },
  removeRunner: { Icon: IconPlayerPlay, colour: 'petrol' },
  trial: { Icon: IconPlayerPlay, colour: 'petrol' },
  unreachable: { Icon: IconPlugConnectedX, colour: 'red' },
  untrusted: { Icon: IconKey, colour: 'orange' },
  keyChanged: { Icon: IconKey, colour: 'red' },
  another: { Icon: IconHelpCircle, colour: 'orange' },
  refused: { Icon: IconLockX, colour: 'red' },
  failed: { Icon: IconAlertTriangle, colour: 'red' },
  notConnected: { Icon: IconCircleDashed, colour: 'gray' },
  never: { Icon: IconCircleDashed, colour: 'gray' },
} as const satisfies { readonly [S in RowState]: unknown };

/** The state of a board as a word with its sign; the colour only helps. */
export function StateBadge({ state }: { readonly state: RowState }): ReactNode {
  const say = useTexts(boardTexts);
  const { Icon, colour } = looks[state];
  return (
    <Badge
      variant="light"
      color={colour}
      tt="none"
      radius="sm"
      leftSection={<Icon size={13} aria-hidden="true" />}
      styles={{ label: { color: 'var(--ft-text)' } }}
    >
      {say(`state.${state}`)}
    </Badge>
  );
}

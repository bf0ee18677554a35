import {
  IconCpu,
  IconFileText,
  IconHistory,
  IconPlayerPlay,
  IconScale,
  IconSettings,
  IconTopologyStar3,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { PlaceName } from './places.ts';

const icons = {
  boards: IconCpu,
  models: IconTopologyStar3,
  run: IconPlayerPlay,
  compare: IconScale,
  history: IconHistory,
  report: IconFileText,
  settings: IconSettings,
} as const satisfies { readonly [P in PlaceName]: typeof IconCpu };

/** The sign of a place; its name always stands beside it. */
export function PlaceIcon({ place }: { readonly place: PlaceName }): ReactNode {
  const Icon = icons[place];
  return <Icon size={18} stroke={1.7} aria-hidden="true" />;
}

import { Box, Group, Text } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { BoardCard, BoardState, ConnectedBoard } from '../../../electron/contract/views.ts';
import { identityFileOf } from '../../client/boards.ts';
import { useCall } from '../../client/calls.ts';
import { foreignText } from '../../language/foreign-text.ts';
import { type Say, useTexts } from '../../language/language.ts';
import { type Quantities, useQuantities } from '../../language/quantities.ts';
import { inventoryFields, readingFields } from './inventory-fields.ts';
import { inventoryTexts } from './inventory-words.ts';
import { boardTexts } from './words.ts';

type Field = readonly [label: string, value: string | null, mono?: boolean];
type BoardSay = Say<keyof (typeof boardTexts)['en']>;

/** What is known of a board: who it is, how it was when it was last asked, and how it is reached. */
export function BoardDetails({
  card,
  connected,
}: {
  readonly card: BoardCard;
  readonly connected: ConnectedBoard | null;
}): ReactNode {
  const say = useTexts(boardTexts);
  const sayInventory = useTexts(inventoryTexts);
  const quantities = useQuantities();
  const reading = connected?.state.reading ?? null;
  const info = useCall('app.info', {}).data;
  const folder =
    card.link === 'ssh' ? '~/.fieldtune' : info ? joinPath(info.stateFolder, 'local-board') : null;
  const fields: readonly Field[] = [
    ...identityFields(card, say, quantities),
    ...(connected?.inventory ? inventoryFields(connected.inventory, reading, sayInventory, quantities) : []),
    ...stateFields(connected?.state ?? null, say, quantities),
    ...(reading ? readingFields(reading, sayInventory, quantities) : []),
    [say('runnerFolder'), folder, true],
    [say('lastSeen'), card.lastSeenAt === null ? null : quantities.date(card.lastSeenAt)],
    [say('connectedIn'), connected ? quantities.duration(Math.max(1, connected.seconds)) : null],
    ...(card.link === 'ssh' ? accessFields(card, say) : []),
    [say('otherWays'), otherWays(card, quantities), true],
  ];
  return (
    <>
      {connected && connected.state.concerns.length === 0 && (
        <Group gap={6} mb="sm">
          <IconCircleCheck size={18} color="var(--ft-good)" aria-hidden="true" />
          <Text fz="sm">{say('noConcerns')}</Text>
        </Group>
      )}
      <Box
        component="dl"
        m={0}
        style={{
          display: 'grid',
          gridTemplateColumns: 'repeat(auto-fill, minmax(220px, 1fr))',
          gap: '10px 24px',
        }}
      >
        {fields
          .filter(([, value]) => value !== null)
          .map(([label, value, mono]) => (
            <div key={label}>
              <Text component="dt" fz="xs" c="dimmed">
                {label}
              </Text>
              <Text
                component="dd"
                m={0}
                fz="sm"
                style={{ overflowWrap: 'anywhere' }}
                {...(mono && { ff: 'monospace', fz: 'xs' })}
              >
                {value}
              </Text>
            </div>
          ))}
      </Box>
    </>
  );
}

function identityFields({ identity }: BoardCard, say: BoardSay, { bytes }: Quantities): readonly Field[] {
  if (!identity) return [];
  return [
    [say('cpu'), foreignText(identity.cpu)],
    [say('coreCount'), String(identity.cores)],
    [say('memory'), bytes(identity.memoryBytes)],
    [say('arch'), foreignText(identity.arch)],
    [say('os'), foreignText(identity.os)],
    [say('node'), foreignText(identity.nodeVersion)],
    [say('runtime'), foreignText(identity.runtimeVersion)],
    [say('serial'), identity.serialNumber === null ? say('noSerial') : foreignText(identity.serialNumber)],
  ];
}

function stateFields(state: BoardState | null, say: BoardSay, { count }: Quantities): readonly Field[] {
  const read = (value: string | null): string => (state ? (value ?? say('unreadable')) : say('notRead'));
  const throttled = state?.throttled ?? null;
  return [
    [say('governor'), read(state?.governor ? foreignText(state.governor) : null)],
    [say('temperature'), read(temperature(state))],
    [say('clocks'), read(state?.clockMHz ? clocks(state.clockMHz, count) : null)],
    [say('throttled'), read(throttled === null ? null : say(throttled ? 'yes' : 'no'))],
    [say('load'), read(state ? state.load1.toFixed(2) : null)],
  ];
}

/** The other addresses at which the board was met, each with when that was. */
function otherWays({ address, ways }: BoardCard, { date }: Quantities): string | null {
  const others = ways
    .filter((way) => way.address !== address)
    .map(
      (way) => `${foreignText(way.address)}${way.lastSeenAt === null ? '' : ` (${date(way.lastSeenAt)})`}`,
    );
  return others.length === 0 ? null : others.join(', ');
}

const temperature = (state: BoardState | null): string | null =>
  state === null || state.temperatureC === null ? null : `${state.temperatureC.toFixed(1)} °C`;

/** `1,800 MHz × 4`, or the range when the cores differ. */
function clocks(mhz: readonly number[], count: Quantities['count']): string | null {
  if (mhz.length === 0) return null;
  const low = Math.round(Math.min(...mhz));
  const high = Math.round(Math.max(...mhz));
  return low === high
    ? `${count(low)} MHz × ${mhz.length}`
    : `${count(low)}–${count(high)} MHz × ${mhz.length}`;
}

function accessFields(card: BoardCard, say: BoardSay): readonly Field[] {
  const keyFile = identityFileOf(card.address);
  return [
    [say('address'), foreignText(card.address), true],
    [say('fingerprint'), card.fingerprint, true],
    [say('usedKeyFile'), keyFile === null ? null : foreignText(keyFile), true],
  ];
}

const joinPath = (folder: string, name: string): string =>
  `${folder}${folder.includes('\\') ? '\\' : '/'}${name}`;

import { Button, Group, Kbd, Stack, Text } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import type { AppInfo, StorageUse } from '../../../electron/contract/views.ts';
import { useAction, useCall } from '../../client/calls.ts';
import { useTexts } from '../../language/language.ts';
import { useQuantities } from '../../language/quantities.ts';
import { Facts } from '../../parts/Facts.tsx';
import { ErrorPanel, Fetched } from '../../parts/States.tsx';
import { Section, WideRow } from './Row.tsx';
import { settingsTexts } from './words.ts';

/** What lies on this computer, and the removal of what was deleted. */
export function Storage(): ReactNode {
  const say = useTexts(settingsTexts);
  const use = useCall('storage.use', {});
  const clean = useAction('storage.clean', () => {
    void use.refetch();
    notifications.show({ message: say('cleaned') });
  });
  return (
    <Section name="storage">
      <WideRow name="storageUse" title={say('storageUse')} hint={say('storageHint')}>
        <Fetched query={use}>
          {(value) => (
            <>
              <UseList use={value} />
              <Group mt="sm" gap="md">
                <Button
                  variant="default"
                  size="xs"
                  disabled={value.deletedRuns === 0}
                  loading={clean.isPending}
                  onClick={() => clean.mutate({})}
                >
                  {value.deletedRuns === 0 ? say('clean') : say('cleanCount', { count: value.deletedRuns })}
                </Button>
                <Text fz="sm" c="dimmed">
                  {say('cleanHint')}
                </Text>
              </Group>
            </>
          )}
        </Fetched>
        {clean.error && <ErrorPanel error={clean.error.error} />}
      </WideRow>
    </Section>
  );
}

function UseList({ use }: { readonly use: StorageUse }) {
  const say = useTexts(settingsTexts);
  const quantities = useQuantities();
  return (
    <Facts
      nameWidth={180}
      lineGap={4}
      facts={[
        [say('database'), quantities.bytes(use.databaseBytes)],
        [say('blobs'), quantities.bytes(use.blobBytes)],
        [say('runs'), quantities.count(use.runs)],
        [say('deletedRuns'), quantities.count(use.deletedRuns)],
        [say('folder'), use.folder],
      ]}
    />
  );
}

/** Whether secrets are kept here, and if not, why and what would change that. */
export function Secrets(): ReactNode {
  const say = useTexts(settingsTexts);
  const info = useCall('app.info', {});
  const textOf = ({ face, secrets: { kept, backend } }: AppInfo): string => {
    if (kept) return say('secretsKept', { backend });
    return face === 'browser' ? say('secretsBrowser') : say('secretsPlain', { backend });
  };
  return (
    <Section name="secrets">
      <Fetched query={info}>
        {(value) => (
          <WideRow name="secrets" title={say('secretsTitle')} hint={textOf(value)}>
            {null}
          </WideRow>
        )}
      </Fetched>
    </Section>
  );
}

const shortcuts = [
  { keys: ['Ctrl', '1…7'], text: 'shortcut.places' },
  { keys: ['Ctrl', 'K'], text: 'shortcut.palette' },
  { keys: ['Ctrl', 'Enter'], text: 'shortcut.start' },
  { keys: ['Ctrl', '.'], text: 'shortcut.pause' },
  { keys: ['Esc'], text: 'shortcut.dismiss' },
] as const;

/** The keys that do something, as this computer names them. */
export function Shortcuts(): ReactNode {
  const say = useTexts(settingsTexts);
  const isMac = useCall('app.info', {}).data?.platform.startsWith('darwin') ?? false;
  return (
    <Section name="shortcuts">
      <WideRow name="shortcuts" title={say('keyboard')} hint="">
        <Stack gap={6}>
          {shortcuts.map(({ keys, text }) => (
            <Group key={text} gap="md" wrap="nowrap">
              <Group gap={4} w={130} wrap="nowrap">
                {keys.map((key) => (
                  <Kbd key={key}>{isMac && key === 'Ctrl' ? '⌘' : key}</Kbd>
                ))}
              </Group>
              <Text fz="sm">{say(text)}</Text>
            </Group>
          ))}
        </Stack>
      </WideRow>
    </Section>
  );
}

/** What a report of a fault should name. */
export function Diagnostics(): ReactNode {
  const say = useTexts(settingsTexts);
  const info = useCall('app.info', {});
  const clipboard = useClipboard();
  return (
    <Section name="diagnostics">
      <WideRow name="diagnostics" title={say('about')} hint={say('aboutHint')}>
        <Fetched query={info}>
          {({ version, face, platform, stateFolder }) => {
            const pairs = [
              [say('version'), version],
              [say('face'), say(`face.${face}`)],
              [say('platform'), platform],
              [say('stateFolder'), stateFolder],
              [say('engine'), navigator.userAgent],
            ] as const;
            return (
              <>
                <Facts facts={pairs} nameWidth={180} lineGap={4} />
                <Group mt="sm" gap="sm">
                  <Button
                    variant="default"
                    size="xs"
                    onClick={() => clipboard.copy(pairs.map((pair) => pair.join(': ')).join('\n'))}
                  >
                    {say('copy')}
                  </Button>
                  <Text fz="sm" role="status">
                    {clipboard.copied ? say('copied') : ''}
                  </Text>
                </Group>
                {clipboard.error && (
                  <Text fz="sm" c="var(--ft-bad)">
                    {clipboard.error.message}
                  </Text>
                )}
              </>
            );
          }}
        </Fetched>
      </WideRow>
    </Section>
  );
}

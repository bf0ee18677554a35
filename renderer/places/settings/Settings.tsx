import { Button, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { IconCheck, IconSearch } from '@tabler/icons-react';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import type { Settings as SettingsValue } from '../../../electron/contract/views.ts';
import { useCall } from '../../client/calls.ts';
import { useTexts } from '../../language/language.ts';
import { Empty, ErrorPanel, Fetched } from '../../parts/States.tsx';
import { Choices } from './Choices.tsx';
import { Diagnostics, Secrets, Shortcuts, Storage } from './Computer.tsx';
import { HostKeys } from './HostKeys.tsx';
import { FoundRows } from './Row.tsx';
import { findRows } from './rows.ts';
import { useSettings } from './use-settings.ts';
import { settingsTexts } from './words.ts';

/** The place Settings; `id` names a section to begin with. */
export function Settings({ id }: { readonly id: string | null }): ReactNode {
  const settings = useCall('settings.get', {});
  return <Fetched query={settings}>{(stored) => <Stored stored={stored} section={id} />}</Fetched>;
}

const savedForMs = 2500;

function Stored({ stored, section }: { readonly stored: SettingsValue; readonly section: string | null }) {
  const say = useTexts(settingsTexts);
  const [search, setSearch] = useState('');
  const { settings, change, savedCount, failure } = useSettings(stored);
  const found = useMemo(() => findRows(search), [search]);
  const justSaved = useJustSaved(savedCount);
  useEffect(() => {
    if (section !== null) document.getElementById(`settings-${section}`)?.scrollIntoView({ block: 'start' });
  }, [section]);
  return (
    <Stack gap="md" maw={980}>
      <Group justify="space-between" mih={36}>
        <Group gap="md">
          <Title order={1}>{say('title')}</Title>
          <Text fz="sm" c="var(--ft-good)" role="status">
            {justSaved && (
              <>
                <IconCheck size={14} aria-hidden="true" style={{ verticalAlign: '-2px' }} /> {say('saved')}
              </>
            )}
          </Text>
        </Group>
        <TextInput
          type="search"
          w={300}
          aria-label={say('search')}
          placeholder={say('search')}
          leftSection={<IconSearch size={16} aria-hidden="true" />}
          value={search}
          onChange={({ currentTarget }) => setSearch(currentTarget.value)}
        />
      </Group>
      <span className="ft-visually-hidden" role="status">
        {search === '' ? '' : say('found', { count: found.size })}
      </span>
      {failure && <ErrorPanel error={failure.error} />}
      {found.size === 0 ? (
        <Empty title={say('nothing')} hint={say('nothingHint')}>
          <Button variant="default" onClick={() => setSearch('')}>
            {say('clear')}
          </Button>
        </Empty>
      ) : (
        <FoundRows value={found}>
          <Choices settings={settings} change={change} />
          <HostKeys />
          <Storage />
          <Secrets />
          <Shortcuts />
          <Diagnostics />
        </FoundRows>
      )}
    </Stack>
  );
}

/** True for a moment after each time that something was kept. */
function useJustSaved(savedCount: number): boolean {
  const [shownCount, setShownCount] = useState(0);
  useEffect(() => {
    if (savedCount === 0) return undefined;
    const timer = setTimeout(() => setShownCount(savedCount), savedForMs);
    return () => clearTimeout(timer);
  }, [savedCount]);
  return savedCount > shownCount;
}

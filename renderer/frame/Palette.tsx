import { Button, Combobox, Group, Kbd, Modal, ScrollArea, Text, useCombobox } from '@mantine/core';
import { useDisclosure, useHotkeys } from '@mantine/hooks';
import { type ReactNode, useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import { useTexts } from '../language/language.ts';
import { type Command, useAddedCommands } from './commands.ts';
import { frameTexts, linkTo, places } from './places.ts';

/** Every command by name: what the place on the page offers, then the places. */
export function Palette(): ReactNode {
  const say = useTexts(frameTexts);
  const [opened, { open, close }] = useDisclosure(false);
  useHotkeys([['mod+K', open]], []);
  return (
    <>
      <Button size="xs" variant="subtle" onClick={open}>
        {say('palette')}
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        withCloseButton={false}
        padding="xs"
        attributes={{ content: { 'aria-label': say('palette') } }}
      >
        <Commands onDone={close} />
      </Modal>
    </>
  );
}

function Commands({ onDone }: { readonly onDone: () => void }) {
  const say = useTexts(frameTexts);
  const [, navigate] = useLocation();
  const added = useAddedCommands();
  const [search, setSearch] = useState('');
  const combobox = useCombobox({ opened: true });
  const commands = useMemo(
    (): readonly Command[] => [
      ...added,
      ...places.map(({ name }, i) => ({
        id: `go.${name}`,
        title: say(name),
        shortcut: `Ctrl+${i + 1}`,
        perform: () => navigate(linkTo(name)),
      })),
    ],
    [added, navigate, say],
  );
  const found = commands.filter(({ title, id }) =>
    `${title} ${id}`.toLowerCase().includes(search.trim().toLowerCase()),
  );
  const perform = (id: string): void => {
    onDone();
    commands.find((command) => command.id === id)?.perform();
  };
  return (
    <Combobox store={combobox} onOptionSubmit={perform} withinPortal={false}>
      <Combobox.EventsTarget>
        <Combobox.Search
          data-autofocus
          value={search}
          aria-label={say('goTo')}
          placeholder={say('goTo')}
          onChange={({ currentTarget }) => {
            setSearch(currentTarget.value);
            combobox.selectFirstOption();
          }}
        />
      </Combobox.EventsTarget>
      <ScrollArea.Autosize mah={360}>
        <Combobox.Options aria-label={say('palette')}>
          {found.map(({ id, title, shortcut }) => (
            <Combobox.Option key={id} value={id}>
              <Group justify="space-between">
                <Text fz="sm">{title}</Text>
                {shortcut && <Kbd size="xs">{shortcut}</Kbd>}
              </Group>
            </Combobox.Option>
          ))}
          {found.length === 0 && <Combobox.Empty>{say('nothingFound')}</Combobox.Empty>}
        </Combobox.Options>
      </ScrollArea.Autosize>
    </Combobox>
  );
}

import { Alert, AppShell, Button, Group, NavLink, Text } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useConnection } from '../client/calls.ts';
import { useSelection } from '../client/selection.ts';
import { useTexts } from '../language/language.ts';
import { DeploymentDialog } from './DeploymentDialog.tsx';
import { FirstBoard } from './FirstBoard.tsx';
import { HostKeyDialog } from './HostKeyDialog.tsx';
import { PlaceIcon } from './icons.tsx';
import { JobChip } from './JobChip.tsx';
import { Palette } from './Palette.tsx';
import { frameTexts, isAt, linkTo, places } from './places.ts';
import { RemovalDialog } from './RemovalDialog.tsx';
import { SignInDialog } from './SignInDialog.tsx';

/** The rail of places on the left, the strip on top with board and running job, and a place in the middle. */
export function Frame({ children }: { readonly children: ReactNode }): ReactNode {
  const say = useTexts(frameTexts);
  const [location, navigate] = useLocation();
  const online = useOnline();
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const place = places[Number(event.key) - 1];
      if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || !place) return;
      event.preventDefault();
      navigate(linkTo(place.name));
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [navigate]);
  return (
    <AppShell header={{ height: 52 }} navbar={{ width: 208, breakpoint: 0 }} padding="lg">
      <a className="ft-skip" href="#content">
        {say('skip')}
      </a>
      <AppShell.Header px="md">
        <Group h="100%" justify="space-between" wrap="nowrap">
          <Group gap="xs" wrap="nowrap">
            <img src="/icon.svg" alt="" width={26} height={26} />
            <Text fw={700} fz="lg">
              Fieldtune
            </Text>
          </Group>
          <Group gap="md" wrap="nowrap">
            <JobChip />
            <BoardChip />
            <Palette />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label={say('places')}>
        {places.map(({ name }, i) => {
          const active = isAt(location, name);
          return (
            <NavLink
              key={name}
              component={Link}
              href={linkTo(name)}
              label={say(name)}
              leftSection={<PlaceIcon place={name} />}
              active={active}
              aria-current={active ? 'page' : undefined}
              aria-keyshortcuts={`Control+${i + 1}`}
              variant="light"
            />
          );
        })}
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        {!online && <Alert color="orange" variant="light" mb="md" role="status" title={say('offline')} />}
        {children}
      </AppShell.Main>
      <FirstBoard />
      <HostKeyDialog />
      <SignInDialog />
      <DeploymentDialog />
      <RemovalDialog />
    </AppShell>
  );
}

function BoardChip() {
  const say = useTexts(frameTexts);
  const { board } = useSelection().selection;
  return (
    <Button component={Link} href={linkTo('boards')} variant="default" size="xs" maw={280}>
      <Text span fz="xs" c="dimmed" mr={6}>
        {say('board')}
      </Text>
      <Text span fz="xs" fw={650} truncate>
        {board
          ? `${board.name}${board.address === 'local' ? '' : ` · ${board.address.replace('ssh://', '')}`}`
          : say('noBoard')}
      </Text>
    </Button>
  );
}

/** True until a line that once stood has been down for a moment. */
function useOnline(): boolean {
  const connection = useConnection();
  const [online, setOnline] = useState(true);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = connection.onOnline((now) => {
      clearTimeout(timer);
      if (now) setOnline(true);
      else timer = setTimeout(() => setOnline(false), 1500);
    });
    return () => {
      clearTimeout(timer);
      stop();
    };
  }, [connection]);
  return online;
}

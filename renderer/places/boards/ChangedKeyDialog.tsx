import { Alert, Button, Code, Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { AppError } from '../../../electron/contract/errors.ts';
import type { BoardCard, HostKey } from '../../../electron/contract/views.ts';
import { CallFailure, useAction, useCall } from '../../client/calls.ts';
import { foreignText } from '../../language/foreign-text.ts';
import { useTexts } from '../../language/language.ts';
import { useQuantities } from '../../language/quantities.ts';
import { CommandLine } from '../../parts/CommandLine.tsx';
import { Dialog } from '../../parts/Dialog.tsx';
import { ErrorPanel } from '../../parts/States.tsx';
import { boardTexts } from './words.ts';

type KeyChanged = Extract<AppError, { readonly kind: 'hostKeyChanged' }>;

interface Props {
  readonly card: BoardCard;
  readonly error: KeyChanged;
  readonly opened: boolean;
  readonly onClose: () => void;
  /** The old key is gone; the person agreed to the one that the board shows now. */
  readonly onReplaced: (fingerprint: string) => void;
}

/**
 * Shows the key that a board had and the one that it has now, and replaces it only when told so; one that OpenSSH
 * keeps is the person's own to remove.
 */
export function ChangedKeyDialog({ card, error, opened, onClose, onReplaced }: Props): ReactNode {
  const say = useTexts(boardTexts);
  const { date } = useQuantities();
  const keys = useCall('hostKeys.list', opened ? {} : null);
  const forget = useAction('hostKeys.forget');
  const [notFound, setNotFound] = useState(false);
  const title = say('changedTitle', { name: foreignText(card.name) });
  const replace = async (): Promise<void> => {
    const old = keysToReplace(keys.data ?? [], error.host, error.known);
    setNotFound(old.length === 0);
    if (old.length === 0) return;
    try {
      for (const { host, fingerprint } of old) await forget.mutateAsync({ host, fingerprint });
    } catch (failure) {
      if (failure instanceof CallFailure) return;
      throw failure;
    }
    onReplaced(error.fingerprint);
  };
  const failure = keys.error ?? forget.error;
  return (
    <Dialog title={title} size={640} opened={opened} onClose={onClose}>
      <Stack gap="md">
        <Text>{say('changedWhy')}</Text>
        <Fingerprint
          label={
            card.lastSeenAt === null ? say('knownKey') : say('knownKeySeen', { date: date(card.lastSeenAt) })
          }
          value={error.known}
        />
        <Fingerprint label={say('shownKey')} value={error.fingerprint} />
        {failure && <ErrorPanel error={failure.error} />}
        {notFound && (
          <Alert color="red" variant="light" role="alert">
            {say('keyNotFound', { file: foreignText(error.file) })}
          </Alert>
        )}
        {!error.own && (
          <div>
            <Text fz="sm">
              {say('keyOfOpenSsh', { file: foreignText(error.file), line: String(error.line) })}
            </Text>
            <CommandLine
              command={`ssh-keygen -R '${foreignText(error.host)}' -f '${foreignText(error.file)}'`}
            />
          </div>
        )}
        <Group gap="xs">
          <Button data-autofocus onClick={onClose}>
            {say('cancel')}
          </Button>
          {error.own && (
            <Button
              variant="outline"
              color="red"
              loading={forget.isPending}
              disabled={!keys.data}
              onClick={() => void replace()}
            >
              {say('replaceKey')}
            </Button>
          )}
        </Group>
      </Stack>
    </Dialog>
  );
}

/**
 * The lines to remove so that a board can show another key: the changed one, and those of other types under the
 * same name, for all of a board's keys change together. A hidden name can only be told by its key.
 */
export function keysToReplace(keys: readonly HostKey[], name: string, known: string): readonly HostKey[] {
  const isNamed = ({ host }: HostKey): boolean => host.toLowerCase().split(',').includes(name);
  const isHidden = ({ host, fingerprint }: HostKey): boolean =>
    host.startsWith('|1|') && fingerprint === known;
  return keys.filter((key) => isNamed(key) || isHidden(key));
}

function Fingerprint({ label, value }: { readonly label: string; readonly value: string }) {
  return (
    <div>
      <Text fz="sm" c="dimmed">
        {label}
      </Text>
      <Code fz="sm" style={{ overflowWrap: 'anywhere' }}>
        {value}
      </Code>
    </div>
  );
}

import { Button, Group } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { Link } from 'wouter';
import type { AppError } from '../../../electron/contract/errors.ts';
import type { BoardCard } from '../../../electron/contract/views.ts';
import { identityFileOf, keepIdentityFile } from '../../client/boards.ts';
import { useJob } from '../../client/jobs.ts';
import { placeOfJob } from '../../frame/job-place.ts';
import { useTexts } from '../../language/language.ts';
import { ErrorPanel } from '../../parts/States.tsx';
import { AnotherBoardDialog } from './AnotherBoardDialog.tsx';
import { ChangedKeyDialog } from './ChangedKeyDialog.tsx';
import { IdentityField } from './IdentityField.tsx';
import { boardTexts } from './words.ts';

interface Props {
  readonly card: BoardCard;
  readonly error: AppError;
  readonly pending: boolean;
  readonly onConnect: (acceptHostKey?: string) => void;
  /** The person takes another board at its address. */
  readonly onTake: (address: string, board: string) => void;
  readonly onDismiss: () => void;
}

/** Why a connect failed, with the one thing to press that mends it where there is one. */
export function ConnectFailure(props: Props): ReactNode {
  const say = useTexts(boardTexts);
  return (
    <ErrorPanel error={props.error}>
      {props.error.kind === 'authenticationFailed' && <OtherKey {...props} />}
      <Group gap="xs">
        <Fix {...props} />
        <Button size="xs" variant="subtle" color="gray" c="var(--ft-text)" onClick={props.onDismiss}>
          {say('dismiss')}
        </Button>
      </Group>
    </ErrorPanel>
  );
}

function Fix({ card, error, pending, onConnect, onTake }: Props) {
  const say = useTexts(boardTexts);
  const again = (label: string) => (
    <Button size="xs" loading={pending} onClick={() => onConnect()}>
      {label}
    </Button>
  );
  switch (error.kind) {
    case 'hostKeyUnknown':
    case 'hostKeyRefused':
      return again(say('compareAgain'));
    case 'hostKeyChanged':
      return <CompareKeys card={card} error={error} onReplaced={onConnect} />;
    case 'boardIsAnother':
      return <OtherBoard error={error} pending={pending} onTake={onTake} />;
    case 'boardBusy':
      return <OtherJob job={error.job} />;
    // The first has a form of its own, the others nothing that a press could mend.
    case 'authenticationFailed':
    case 'boardUnsupported':
    case 'boardAddress':
    case 'boardTwice':
      return null;
    default:
      return again(say('tryAgain'));
  }
}

function CompareKeys({
  card,
  error,
  onReplaced,
}: {
  readonly card: BoardCard;
  readonly error: Extract<AppError, { readonly kind: 'hostKeyChanged' }>;
  readonly onReplaced: (fingerprint: string) => void;
}) {
  const say = useTexts(boardTexts);
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button size="xs" onClick={() => setOpened(true)}>
        {say('compareKeys')}
      </Button>
      <ChangedKeyDialog
        card={card}
        error={error}
        opened={opened}
        onClose={() => setOpened(false)}
        onReplaced={(fingerprint) => {
          setOpened(false);
          onReplaced(fingerprint);
        }}
      />
    </>
  );
}

function OtherBoard({
  error,
  pending,
  onTake,
}: Pick<Props, 'pending' | 'onTake'> & {
  readonly error: Extract<AppError, { readonly kind: 'boardIsAnother' }>;
}) {
  const say = useTexts(boardTexts);
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button size="xs" loading={pending} onClick={() => setOpened(true)}>
        {say('compareBoards')}
      </Button>
      <AnotherBoardDialog
        error={error}
        opened={opened}
        onClose={() => setOpened(false)}
        onTake={() => {
          setOpened(false);
          onTake(error.address, error.foundId);
        }}
      />
    </>
  );
}

function OtherJob({ job: id }: { readonly job: string }) {
  const say = useTexts(boardTexts);
  const job = useJob(id);
  if (!job) return null;
  return (
    <Button component={Link} href={placeOfJob(job)} size="xs">
      {say('showOther')}
    </Button>
  );
}

/** The sign-in was refused: another key file is what mends it. */
function OtherKey({ card, pending, onConnect }: Props) {
  const say = useTexts(boardTexts);
  const [path, setPath] = useState(() => identityFileOf(card.address) ?? '');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        keepIdentityFile(card.address, path.trim() === '' ? null : path.trim());
        onConnect();
      }}
    >
      <IdentityField path={path} onChange={setPath} />
      <Button type="submit" size="xs" mt="xs" loading={pending}>
        {say('connect')}
      </Button>
    </form>
  );
}

import { Alert, Button, Center, Loader, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import type { AppError } from '../../electron/contract/errors.ts';
import type { CallFailure } from '../client/calls.ts';
import { useErrorText } from '../language/errors.ts';
import { texts, useTexts } from '../language/language.ts';

const words = texts(
  'states',
  { loading: 'Loading …', retry: 'Try again', crashed: 'This view stopped because of a fault in Fieldtune.' },
  {
    loading: '読み込み中 …',
    retry: 'もう一度',
    crashed: 'Fieldtune の不具合により、この画面は停止しました。',
  },
);

/** A failure in three parts: what happened, why, and what to do now. */
export function ErrorPanel({
  error,
  onRetry,
  children,
}: {
  readonly error: AppError;
  readonly onRetry?: () => void;
  readonly children?: ReactNode;
}): ReactNode {
  const say = useTexts(words);
  const { happened, why, todo } = useErrorText()(error);
  return (
    <Alert color="red" variant="light" title={happened} role="alert">
      <Stack gap="xs" align="flex-start">
        <Text fz="sm">{why}</Text>
        <Text fz="sm" fw={600}>
          {todo}
        </Text>
        {onRetry && (
          <Button size="xs" variant="default" onClick={onRetry}>
            {say('retry')}
          </Button>
        )}
        {children}
      </Stack>
    </Alert>
  );
}

/** Nothing is here yet: says what belongs here and how it comes. */
export function Empty({
  title,
  hint,
  children,
}: {
  readonly title: string;
  readonly hint: string;
  readonly children?: ReactNode;
}): ReactNode {
  return (
    <Center py={48}>
      <Stack gap="xs" align="center" maw={460}>
        <Title order={2}>{title}</Title>
        <Text c="dimmed" ta="center">
          {hint}
        </Text>
        {children}
      </Stack>
    </Center>
  );
}

/** Something is on its way. */
export function Loading(): ReactNode {
  const say = useTexts(words);
  return (
    <Center py={48} role="status" aria-label={say('loading')}>
      <Loader />
    </Center>
  );
}

/** The parts of a query that `Fetched` shows. */
interface Fetching<T> {
  readonly data: T | undefined;
  readonly error: CallFailure | null;
  refetch(): unknown;
}

/** Shows what a query gave, or that it is on its way, or why it failed. */
export function Fetched<T>({
  query,
  children,
}: {
  readonly query: Fetching<T>;
  readonly children: (value: T) => ReactNode;
}): ReactNode {
  if (query.data !== undefined) return children(query.data);
  if (query.error) return <ErrorPanel error={query.error.error} onRetry={() => void query.refetch()} />;
  return <Loading />;
}

/** A view that threw: said in place, the rest of the window lives on. */
export function Crashed({ onRetry }: { readonly onRetry: () => void }): ReactNode {
  const say = useTexts(words);
  return (
    <Alert color="red" variant="light" title={say('crashed')} role="alert">
      <Button size="xs" variant="default" onClick={onRetry}>
        {say('retry')}
      </Button>
    </Alert>
  );
}

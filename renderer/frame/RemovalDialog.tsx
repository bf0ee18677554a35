import { Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { RunnerRemoval } from '../../electron/contract/api.ts';
import { cardAt, fullAddress, shortAddress } from '../client/boards.ts';
import { useCall } from '../client/calls.ts';
import { useJobs } from '../client/jobs.ts';
import { foreignText } from '../language/foreign-text.ts';
import { texts, useTexts } from '../language/language.ts';
import { useQuantities } from '../language/quantities.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { Facts } from '../parts/Facts.tsx';
import { ErrorPanel } from '../parts/States.tsx';
import { useReply } from './use-reply.ts';

const removalTexts = texts(
  'removal',
  {
    title: 'Remove Fieldtune from {{board}}?',
    runners: 'Runners',
    models: 'Models sent for measurements',
    temporary: 'Temporary files',
    size: 'Size',
    sizeUnknown: 'the board cannot tell',
    folders: 'In',
    atWork: 'At work now',
    atWorkValue: '{{count}}, ended first',
    stays:
      'Deployed models and everything else on the board stay. The next connection installs the runner again.',
    yes: 'Delete on {{board}}',
    cancel: 'Cancel',
  },
  {
    title: '{{board}} から Fieldtune を削除しますか？',
    runners: 'ランナー',
    models: '測定用に送ったモデル',
    temporary: '一時ファイル',
    size: 'サイズ',
    sizeUnknown: 'ボードでは分かりません',
    folders: '場所',
    atWork: '実行中',
    atWorkValue: '{{count}}（先に終了します）',
    stays: '配置したモデルとその他のファイルは残ります。次の接続時にランナーを再びインストールします。',
    yes: '{{board}} から削除',
    cancel: 'キャンセル',
  },
);

/** Asks whether what measurements left on a board may be deleted, and shows all of it. */
export function RemovalDialog(): ReactNode {
  const jobs = useJobs();
  for (const { id, question } of jobs)
    if (question?.kind === 'removal')
      return <Question key={`${id} ${question.id}`} job={id} question={question.id} found={question.found} />;
  return null;
}

function Question({
  job,
  question,
  found,
}: {
  readonly job: string;
  readonly question: number;
  readonly found: RunnerRemoval;
}) {
  const say = useTexts(removalTexts);
  const { bytes, count } = useQuantities();
  const { answered, error, reply } = useReply(job, question);
  const boards = useCall('boards.list', {}).data ?? [];
  const { runners, models, temporary, running, sizeBytes, folders } = found;
  const known = cardAt(boards, fullAddress(found.board));
  const board = foreignText(known?.name ?? shortAddress(found.board));
  const facts: readonly (readonly [string, string])[] = [
    [say('runners'), count(runners)],
    [say('models'), count(models)],
    [say('temporary'), count(temporary)],
    [say('size'), sizeBytes === null ? say('sizeUnknown') : bytes(sizeBytes)],
    [say('folders'), folders.map(foreignText).join(', ')],
    ...(running > 0 ? [[say('atWork'), say('atWorkValue', { count: count(running) })] as const] : []),
  ];
  return (
    <Dialog title={say('title', { board })} size={640} opened={!answered} onClose={() => reply(false)}>
      <Stack gap="sm">
        <Facts facts={facts} nameWidth={220} />
        <Text fz="sm">{say('stays')}</Text>
        {error && <ErrorPanel error={error.error} />}
        <Group gap="xs">
          {/* The first press of Enter must not delete anything. */}
          <Button data-autofocus onClick={() => reply(false)}>
            {say('cancel')}
          </Button>
          <Button variant="outline" color="red" onClick={() => reply(true)}>
            {say('yes', { board })}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

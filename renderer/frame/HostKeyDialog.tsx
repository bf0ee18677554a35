import { Button, Collapse, Group, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactNode } from 'react';
import type { JobQuestion } from '../../electron/contract/views.ts';
import { cardAt, fullAddress, shortAddress } from '../client/boards.ts';
import { useCall } from '../client/calls.ts';
import { useJobs } from '../client/jobs.ts';
import { foreignText } from '../language/foreign-text.ts';
import { texts, useTexts } from '../language/language.ts';
import { CommandLine } from '../parts/CommandLine.tsx';
import { Dialog } from '../parts/Dialog.tsx';
import { ErrorPanel } from '../parts/States.tsx';
import { useReply } from './use-reply.ts';

const words = texts(
  'hostKey',
  {
    title: 'First connection to {{name}}',
    question: 'Does this match the board?',
    address: 'Answering at {{address}}',
    meaning: 'Nothing has been sent to it yet, no key and no model.',
    trust: 'Trust and connect',
    cancel: 'Cancel',
    howTo: 'How to check',
    howToBoard: 'On the board itself, at its own screen or over a serial console, run:',
    howToCompare:
      'One line must show the same text after SHA256:, character by character. If none does, cancel: something else answers at this address.',
  },
  {
    title: '{{name}} への初めての接続',
    question: 'この鍵はボードのものと一致しますか？',
    address: '応答しているアドレス：{{address}}',
    meaning: '鍵もモデルも、まだ何も送っていません。',
    trust: '信頼して接続',
    cancel: 'キャンセル',
    howTo: '確認方法',
    howToBoard: 'ボード自身の画面、またはシリアルコンソールで次を実行します。',
    howToCompare:
      'いずれかの行の SHA256: 以降が、1 文字ずつすべて一致する必要があります。一致しなければキャンセルしてください。このアドレスでは別のものが応答しています。',
  },
);

const listKeys = 'for f in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf "$f"; done';

/** Asks whether the key of a board is its own, whichever job met it and on whatever place. */
export function HostKeyDialog(): ReactNode {
  const asking = useJobs().find(({ question }) => question?.kind === 'hostKey');
  if (asking?.question?.kind !== 'hostKey') return null;
  const { id, question } = asking;
  return <Question key={`${id} ${question.id}`} job={id} question={question} />;
}

interface QuestionProps {
  readonly job: string;
  readonly question: Extract<JobQuestion, { readonly kind: 'hostKey' }>;
}

function Question({ job, question }: QuestionProps) {
  const say = useTexts(words);
  const boards = useCall('boards.list', {}).data ?? [];
  const { answered, error, reply } = useReply(job, question.id);
  const [shown, { toggle }] = useDisclosure(false);
  const known = cardAt(boards, fullAddress(question.board));
  const name = foreignText(known?.name ?? shortAddress(question.board));
  const title = say('title', { name });
  return (
    <Dialog title={title} size={700} opened={!answered} onClose={() => reply(false)}>
      <Stack gap="sm">
        <Text>{say('question')}</Text>
        <CommandLine command={question.fingerprint} />
        <Text fz="sm" c="dimmed">
          {say('address', { address: foreignText(shortAddress(question.board)) })}
          <br />
          {say('meaning')}
        </Text>
        {error && <ErrorPanel error={error.error} />}
        <Group gap="xs">
          <Button onClick={() => reply(true)}>{say('trust')}</Button>
          {/* The first press of Enter must not trust anybody. */}
          <Button variant="default" data-autofocus onClick={() => reply(false)}>
            {say('cancel')}
          </Button>
          <Button variant="subtle" aria-expanded={shown} onClick={toggle}>
            {say('howTo')}
          </Button>
        </Group>
        <Collapse expanded={shown}>
          <Stack gap="xs">
            <Text fz="sm">{say('howToBoard')}</Text>
            <CommandLine command={listKeys} />
            <Text fz="sm">{say('howToCompare')}</Text>
          </Stack>
        </Collapse>
      </Stack>
    </Dialog>
  );
}

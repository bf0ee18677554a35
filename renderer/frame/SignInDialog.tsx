import { Alert, Button, Checkbox, Group, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { AppError } from '../../electron/contract/errors.ts';
import type { SignInPrompt } from '../../electron/contract/questions.ts';
import type { JobQuestion } from '../../electron/contract/views.ts';
import { cardAt, shortAddress } from '../client/boards.ts';
import { useCall, useConnection } from '../client/calls.ts';
import { useJobs } from '../client/jobs.ts';
import { foreignText } from '../language/foreign-text.ts';
import { texts, useTexts } from '../language/language.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { ErrorPanel } from '../parts/States.tsx';

const words = texts(
  'signIn',
  {
    title: 'Sign in to {{name}}',
    address: 'Answering at {{address}}. Its key has been checked.',
    password: 'Password of {{user}}',
    passphrase: 'Passphrase of the key {{file}}',
    passphraseMeaning: 'It is used on this computer only. Leave it empty to go on without this key.',
    asked: 'The board asks {{user}}:',
    answer: 'Answer',
    wrong: 'That was not right. {{left}} tries are left.',
    wrongLast: 'That was not right. This is the last try.',
    remember: 'Remember on this computer, encrypted by {{backend}}',
    signIn: 'Sign in',
    cancel: 'Cancel',
  },
  {
    title: '{{name}} へのサインイン',
    address: '応答しているアドレス：{{address}}（鍵は確認済みです）',
    password: '{{user}} のパスワード',
    passphrase: '鍵 {{file}} のパスフレーズ',
    passphraseMeaning: 'このコンピューターの中だけで使います。空のままにすると、この鍵を使わずに進みます。',
    asked: 'ボードから {{user}} への質問：',
    answer: '回答',
    wrong: '正しくありません。あと {{left}} 回入力できます。',
    wrongLast: '正しくありません。これが最後の入力です。',
    remember: 'このコンピューターに保存する（{{backend}} で暗号化）',
    signIn: 'サインイン',
    cancel: 'キャンセル',
  },
);

type SignIn = Extract<JobQuestion, { readonly kind: 'password' | 'passphrase' | 'keyboardInteractive' }>;

const isSignIn = (question: JobQuestion): question is SignIn =>
  question.kind === 'password' || question.kind === 'passphrase' || question.kind === 'keyboardInteractive';

/** How often a person may try; the app counts, and this only says what is left. */
const mostTries = 3;

/** Asks for what lets a person into a board, whichever job needs it and on whatever place. */
export function SignInDialog(): ReactNode {
  const jobs = useJobs();
  for (const { id, question } of jobs) {
    // A new question, be it the same one after a wrong answer, begins with empty fields.
    if (question !== null && isSignIn(question))
      return <Question key={`${id} ${question.id}`} job={id} question={question} />;
  }
  return null;
}

function Question({ job, question }: { readonly job: string; readonly question: SignIn }) {
  const say = useTexts(words);
  const connection = useConnection();
  const boards = useCall('boards.list', {}).data ?? [];
  const { secrets } = useCall('app.info', {}).data ?? {};
  const prompts = usePrompts(question);
  const [answers, setAnswers] = useState<readonly string[]>(() => prompts.map(() => ''));
  const [remember, setRemember] = useState(false);
  const [answered, setAnswered] = useState(false);
  const [error, setError] = useState<AppError | null>(null);
  const known = cardAt(boards, question.board);
  const name = foreignText(known?.name ?? shortAddress(question.board));
  const canRemember = question.kind !== 'keyboardInteractive' && secrets?.kept === true;
  const left = mostTries - question.failedTries;

  // Not by way of a mutation: its arguments would be kept for a while.
  const reply = async (accept: boolean): Promise<void> => {
    setAnswered(true);
    setError(null);
    const given = accept ? { answers: [...answers], ...(canRemember && remember ? { remember } : {}) } : {};
    setAnswers(prompts.map(() => ''));
    const told = await connection.call('jobs.answer', { job, question: question.id, accept, ...given });
    if (told.ok) return;
    setError(told.error);
    setAnswered(false);
  };
  return (
    <Dialog title={say('title', { name })} size={520} opened={!answered} onClose={() => void reply(false)}>
      <form
        autoComplete="off"
        onSubmit={(event) => {
          event.preventDefault();
          void reply(true);
        }}
      >
        <Stack gap="sm">
          <Text fz="sm" c="dimmed">
            {say('address', { address: foreignText(shortAddress(question.board)) })}
          </Text>
          {question.failedTries > 0 && (
            <Alert color="red" variant="light" role="alert">
              {left <= 1 ? say('wrongLast') : say('wrong', { left: String(left) })}
            </Alert>
          )}
          {question.kind === 'keyboardInteractive' && (
            <Text fz="sm" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
              {[say('asked', { user: foreignText(question.user) }), question.name, question.instructions]
                .map(foreignText)
                .filter((line) => line !== '')
                .join('\n')}
            </Text>
          )}
          {prompts.map((prompt, index) => (
            <Field
              // biome-ignore lint/suspicious/noArrayIndexKey: the prompts of one question never move
              key={index}
              prompt={prompt}
              isFirst={index === 0}
              value={answers[index] ?? ''}
              onChange={(value) => setAnswers(answers.with(index, value))}
            />
          ))}
          {question.kind === 'passphrase' && (
            <Text fz="xs" c="dimmed">
              {say('passphraseMeaning')}
            </Text>
          )}
          {canRemember && (
            <Checkbox
              label={say('remember', { backend: secrets.backend })}
              checked={remember}
              onChange={({ currentTarget }) => setRemember(currentTarget.checked)}
            />
          )}
          {error && <ErrorPanel error={error} />}
          <Group gap="xs">
            <Button type="submit">{say('signIn')}</Button>
            <Button variant="default" onClick={() => void reply(false)}>
              {say('cancel')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

/** What is asked, as lines with a field each. */
function usePrompts(question: SignIn): readonly SignInPrompt[] {
  const say = useTexts(words);
  switch (question.kind) {
    case 'password':
      return [{ text: say('password', { user: foreignText(question.user) }), echo: false }];
    case 'passphrase':
      return [{ text: say('passphrase', { file: foreignText(question.file) }), echo: false }];
    case 'keyboardInteractive':
      return question.prompts.map(({ text, echo }) => ({ text: foreignText(text) || say('answer'), echo }));
  }
}

function Field({
  prompt: { text, echo },
  isFirst,
  value,
  onChange,
}: {
  readonly prompt: SignInPrompt;
  readonly isFirst: boolean;
  readonly value: string;
  readonly onChange: (value: string) => void;
}) {
  const shared = {
    label: text,
    value,
    autoComplete: 'off',
    ...(isFirst ? { 'data-autofocus': true } : {}),
  } as const;
  return echo ? (
    <TextInput
      {...shared}
      spellCheck={false}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  ) : (
    <PasswordInput {...shared} onChange={({ currentTarget }) => onChange(currentTarget.value)} />
  );
}

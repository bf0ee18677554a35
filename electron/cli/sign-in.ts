import type { AskSignIn, SignInPrompt, SignInQuestion } from '../contract/questions.ts';
import { oneLine } from './one-line.ts';

/** The part of @clack/prompts that asks, so that tests can stand in for it. Anything but a text is a cancel. */
export interface Asking {
  text(options: AskOptions): Promise<unknown>;
  password(options: AskOptions): Promise<unknown>;
  warn(line: string): void;
}

interface AskOptions {
  readonly message: string;
  readonly signal: AbortSignal;
}

/** Asks a person at the terminal for what lets them into a board; what is secret is not shown while it is typed. */
export async function askSignIn(
  question: SignInQuestion,
  signal: AbortSignal,
  asking?: Asking,
): ReturnType<AskSignIn> {
  const { text, password, warn } = asking ?? (await clack());
  for (const line of linesBefore(question)) warn(line);
  const answers: string[] = [];
  for (const { text: message, echo } of promptsOf(question)) {
    const options = { message: oneLine(message), signal };
    const answer = await (echo ? text(options) : password(options));
    if (typeof answer !== 'string') return null;
    answers.push(answer);
  }
  return answers;
}

async function clack(): Promise<Asking> {
  const { log, password, text } = await import('@clack/prompts');
  return {
    // An empty answer may be meant: what a board asks need not be a secret.
    text: ({ message, signal }) => text({ message, signal, defaultValue: '' }),
    password: async ({ message, signal }) => {
      const answer = await password({ message, signal });
      return answer === undefined ? '' : answer;
    },
    warn: (line) => log.warn(line),
  };
}

function linesBefore(question: SignInQuestion): readonly string[] {
  const wrong = { password: 'password', passphrase: 'passphrase', keyboardInteractive: 'answer' };
  const lines =
    question.failedTries === 0 ? [] : [`The ${wrong[question.kind]} was not right: once more, please.`];
  if (question.kind !== 'keyboardInteractive') return lines;
  const said = [question.name, question.instructions].map(oneLine).filter((line) => line !== '');
  return [...lines, [`${oneLine(question.board)} asks ${oneLine(question.user)}`, ...said].join(': ')];
}

function promptsOf(question: SignInQuestion): readonly SignInPrompt[] {
  switch (question.kind) {
    case 'password':
      return [{ text: `Password of ${question.user} on ${question.board}`, echo: false }];
    case 'passphrase':
      return [{ text: `Passphrase of the key ${question.file} (empty: go on without it)`, echo: false }];
    case 'keyboardInteractive':
      return question.prompts;
  }
}

import type { IpcMain, IpcMainInvokeEvent, WebContents } from 'electron';
import type { z } from 'zod';
import { type CallArguments, type CallName, callArguments } from '../contract/calls.ts';
import type { AppError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import type { AppInfo } from '../contract/views.ts';
import { appOrigin } from './addresses.ts';
import { callChannel } from './channels.ts';

/** Calls of the window and what answers them. */
export interface CallHandling {
  /** The web contents of our window; null while there is none. */
  ownContents(): WebContents | null;
  passOn(name: CallName, args: unknown): Promise<Result<unknown, AppError>>;
  /** Passes on what a person answers to a job's question, and remembers it where that is wanted. */
  answer(given: CallArguments<'jobs.answer'>): Promise<Result<unknown, AppError>>;
  chooseFile(what: CallArguments<'files.choose'>['what']): Promise<string | null>;
  secrets(): Promise<AppInfo['secrets']>;
  /** Hears every answer that went well. */
  onAnswer(name: CallName, value: unknown): void;
}

/** Answers the window's calls; a call from any other frame is thrown back. */
export function handleCalls(ipcMain: Pick<IpcMain, 'handle'>, handling: CallHandling): void {
  ipcMain.handle(callChannel, async (event, name: unknown, args: unknown) => {
    if (!isFromOurFrame(event, handling.ownContents())) throw new Error('Refused: not from the window');
    const answer = await answerCall(name, args, handling);
    if (answer.ok) handling.onAnswer(name as CallName, answer.value);
    return answer;
  });
}

/** Whether a message came from the main frame of our window while it showed a page of ours. */
export function isFromOurFrame(
  event: Pick<IpcMainInvokeEvent, 'sender' | 'senderFrame'>,
  contents: WebContents | null,
): boolean {
  const frame = event.senderFrame;
  return (
    contents !== null &&
    event.sender === contents &&
    frame !== null &&
    frame === contents.mainFrame &&
    frame.origin === appOrigin
  );
}

async function answerCall(
  name: unknown,
  args: unknown,
  handling: CallHandling,
): Promise<Result<unknown, AppError>> {
  if (typeof name !== 'string' || !isCallName(name)) {
    return fail({ kind: 'usage', option: 'call', value: String(name).slice(0, 100), expected: 'a call' });
  }
  const parsed = callArguments[name].safeParse(args);
  if (!parsed.success) return fail(badArguments(name, parsed.error));
  switch (name) {
    case 'files.choose':
      return ok(await handling.chooseFile((parsed.data as CallArguments<'files.choose'>).what));
    case 'jobs.answer':
      return handling.answer(parsed.data as CallArguments<'jobs.answer'>);
    case 'app.info': {
      const info = await handling.passOn(name, parsed.data);
      return info.ok ? ok(await asElectron(info.value as AppInfo, handling)) : info;
    }
    default:
      return handling.passOn(name, parsed.data);
  }
}

const isCallName = (name: string): name is CallName => Object.hasOwn(callArguments, name);

/** What the service says of the app, and what is different in this face. */
async function asElectron(info: AppInfo, handling: CallHandling): Promise<AppInfo> {
  return {
    ...info,
    face: 'electron',
    canChooseFiles: true,
    canPrintPdf: true,
    secrets: await handling.secrets(),
  };
}

function badArguments(name: CallName, error: z.ZodError): AppError {
  const issue = error.issues[0];
  return {
    kind: 'usage',
    option: [name, ...(issue?.path ?? [])].join('.'),
    value: '',
    expected: issue?.message ?? 'other arguments',
  };
}

import { styleText } from 'node:util';
import type { Api, Listener, RunEvent } from '../contract/api.ts';
import type { AppError } from '../contract/errors.ts';
import type { Result } from '../contract/result.ts';
import type { CliContext } from './context.ts';
import { planLines } from './deploy-question.ts';
import { listenForInterrupt } from './interrupt.ts';
import { exitCodeOf, exitCodes, messageOf } from './messages.ts';
import { oneLine } from './one-line.ts';
import { createPlainProgress, type Progress } from './progress.ts';
import { noPaint, type Paint } from './tables/text-table.ts';
import type { View } from './tables/view.ts';

/** One command as work on the `Api`: what to call, how to show what came out, which exit code it means. */
export interface Work<T> {
  readonly command: string;
  readonly json: boolean;
  call(api: Api, listener: Listener): Promise<Result<T, AppError>>;
  lines(value: T, view: View): readonly string[];
  exitCode(value: T): number;
  /** The person has agreed beforehand to what would be asked before a board is changed. */
  readonly agreed?: boolean;
}

const widest = 100;
const narrowest = 60;

function paintFor(context: CliContext): Paint {
  const { env, stdout } = context;
  const wanted = stdout.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
  // The decision is made above: styleText would ask the real stdout once more.
  return wanted ? (format, text) => styleText(format, text, { validateStream: false }) : noPaint;
}

function viewFor(context: CliContext): View {
  const width = Math.min(widest, Math.max(narrowest, context.stdout.columns || 80));
  return { width, paint: paintFor(context), folder: context.folder };
}

async function progressFor(context: CliContext, json: boolean): Promise<Progress> {
  const { stdout, stderr, env } = context;
  // A serial console may not know its size; lines that move need one.
  const isLive = !json && stdout.isTTY === true && stdout.columns !== 0 && env.TERM !== 'dumb' && !env.CI;
  if (isLive) {
    const { createLiveProgress } = await import('./live-progress.ts');
    return createLiveProgress((text) => stdout.write(text));
  }
  const stream = json ? stderr : stdout;
  return createPlainProgress((text) => stream.write(text), context.nowMs);
}

/** What a stopped command tells: how to go on, or that there is nothing to go on with. */
function stoppedMessage(run: string | null): string {
  return run === null
    ? messageOf({ kind: 'cancelled' })
    : `Stopped, and what was measured is kept: continue with fieldtune resume ${oneLine(run)}`;
}

/** Tells about a failure, in words on stderr and, where asked, as the one document on stdout. */
export function tellFailure(
  context: CliContext,
  failure: { readonly command: string; readonly json: boolean; readonly error: { readonly kind: string } },
  exitCode: number,
  message: string,
): number {
  if (failure.json) {
    const { command, error } = failure;
    const document = { command, ok: false, exitCode, error: { ...error, message } };
    context.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  }
  context.stderr.write(`${message}\n`);
  return exitCode;
}

/** Does the work from opening the app to the ending table; returns the exit code. */
export async function perform<T>(context: CliContext, work: Work<T>): Promise<number> {
  const { command, json } = work;
  let run: string | null = null;
  let wasAsked = false;
  let neededConsent = false;
  const progress = await progressFor(context, json);
  const interrupt = listenForInterrupt(
    context.signals,
    () => progress.say('Stopping after the step at hand; Ctrl+C again ends at once …'),
    () => {
      context.stderr.write(`${stoppedMessage(run)}\n`);
      context.endNow(exitCodes.interrupted);
    },
  );
  const listener: Listener = {
    signal: interrupt.signal,
    onEvent: (event: RunEvent) => {
      if (event.kind === 'runCreated') run = event.run;
      progress.show(event);
    },
    confirmHostKey: async (board, fingerprint) => {
      if (json || !context.canAsk) return false;
      wasAsked = true;
      return progress.pauseFor(() => context.askHostKey(board, fingerprint, interrupt.signal));
    },
    confirmDeployment: async (plan) => {
      if (work.agreed === true) {
        for (const line of planLines(plan)) progress.say(line);
        return true;
      }
      neededConsent = json || !context.canAsk;
      if (neededConsent) return false;
      return progress.pauseFor(() => context.askDeployment(plan, interrupt.signal));
    },
    ask:
      json || !context.canAsk
        ? null
        : (question) => progress.pauseFor(() => context.askSignIn(question, interrupt.signal)),
  };

  const told = (error: AppError): number => {
    const message = error.kind === 'cancelled' ? stoppedMessage(run) : messageOf(error, run);
    const shown = run === null ? error : { ...error, run };
    return tellFailure(context, { command, json, error: shown }, exitCodeOf(error), message);
  };
  try {
    const opened = await context.openApi();
    if (!opened.ok) return told(opened.error);
    const api = opened.value;
    let outcome: Result<T, AppError>;
    try {
      outcome = await work.call(api, listener);
    } catch (bug) {
      outcome = { ok: false, error: { kind: 'internal', logId: await context.logBug(bug) } };
    } finally {
      await api.close();
    }
    await progress.close(outcome.ok);
    if (!outcome.ok) {
      const { error } = outcome;
      if (error.kind === 'cancelled' && neededConsent) {
        const expected = 'it, once you know what would be changed: nobody can be asked here';
        return told({ kind: 'usage', option: '--yes', value: 'left out', expected });
      }
      // Without anybody to ask, a refusal means that the key is unknown, and the way on is another.
      return told(
        error.kind === 'hostKeyRefused' && !wasAsked ? { ...error, kind: 'hostKeyUnknown' } : error,
      );
    }
    const exitCode = work.exitCode(outcome.value);
    if (json) {
      const document = { command, ok: true, exitCode, result: outcome.value };
      context.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    } else {
      const lines = work.lines(outcome.value, viewFor(context));
      context.stdout.write(`\n${lines.join('\n')}\n`);
    }
    return exitCode;
  } finally {
    await progress.close(false);
    interrupt.release();
  }
}

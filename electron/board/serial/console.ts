import type { ConsoleObstacle } from '../../contract/errors.ts';
import type { AskSignIn } from '../../contract/questions.ts';
import { fail, ok, type Result } from '../../contract/result.ts';
import { anySession, encodePacket, packetTypes } from '../../runner/packets.ts';
import type { SerialAddress } from '../address.ts';
import type { ShellError } from '../shell.ts';
import { cksumOf } from './cksum.ts';
import { consoleState, lastLine } from './console-state.ts';
import type { Dialogue } from './dialogue.ts';

/** What a sign-in at a console needs from outside. */
export interface ConsoleContact {
  readonly signal: AbortSignal;
  readonly ask: AskSignIn | null;
  /** Told every few seconds while a boot is waited for: seconds so far. */
  onBooting?(seconds: number): void;
}

/** Bounds that tests tighten. */
export interface ConsoleTimes {
  /** Longest a boot may print before it counts as no boot. */
  readonly bootMs: number;
  /** Silence after which a console has said what it had to say. */
  readonly quietMs: number;
}

/** The usual bounds. */
export const usualTimes: ConsoleTimes = { bootMs: 240_000, quietMs: 1_300 };

const promptQuietMs = 250;
const mostNewlines = 4;
const mostPasswords = 3;
const loginMs = 20_000;
const leftover = /\n([a-z0-9]{4}) (\d+) (\d+ (?:what|end [^\n]*|last [^\n]*))\n/;

/**
 * Gets from whatever stands at a console to a shell's prompt. Ends of lines are all that is typed to find out what it
 * is, and nothing more at a boot loader; Ctrl-C is typed only
 * where a shell waits for the rest of a command, and `q` only to a pager.
 * Errors: `consoleNotReady`, `consoleLoginFailed`, `boardLost`, `cancelled`.
 */
export async function reachShell(
  dialogue: Dialogue,
  address: SerialAddress,
  contact: ConsoleContact,
  times: ConsoleTimes = usualTimes,
): Promise<Result<{ readonly loggedIn: boolean }, ShellError>> {
  const board = address.text;
  const { line } = dialogue;
  let lostReason: string | null = null;
  void line.lost.then((reason) => {
    lostReason = reason;
  });
  const refuse = (found: ConsoleObstacle): Result<never, ShellError> =>
    fail({ kind: 'consoleNotReady', board, found, said: lastLine(dialogue.shown()) });
  let user = address.user;
  let typedUser = false;
  let typedPassword = false;
  let loggedIn = false;
  let failedTries = 0;
  let keptPassword: string | null = null;
  let newlines = 0;
  const startMs = performance.now();

  for (;;) {
    const state = await settle(dialogue, times, startMs, contact);
    if (contact.signal.aborted) return fail({ kind: 'cancelled' });
    if (lostReason !== null) return fail({ kind: 'boardLost', board, reason: lostReason });
    const old = leftover.exec(dialogue.shown());
    if (old && isWhole(old[2]!, old[3]!)) {
      // A program that an earlier session left behind: it answers to its own mark only.
      dialogue.clear();
      await dialogue.type(endRequest(old[1]!));
      continue;
    }
    switch (state) {
      case 'shell':
        return ok({ loggedIn });
      case 'login': {
        if (typedPassword) {
          failedTries++;
          typedPassword = false;
          keptPassword = null;
          if (failedTries >= mostPasswords || !contact.ask) {
            return fail({ kind: 'consoleLoginFailed', board, user, cause: 'refused' });
          }
        }
        if (user === null) {
          const answers = await askUser(contact.ask, board, lastLine(dialogue.shown()));
          if (answers === undefined)
            return fail({ kind: 'consoleLoginFailed', board, user, cause: 'nobodyToAsk' });
          if (answers === null || contact.signal.aborted) return fail({ kind: 'cancelled' });
          user = answers;
          // The prompt may have begun anew while a person thought.
          await dialogue.waitForQuiet(promptQuietMs, loginMs);
        }
        typedUser = true;
        loggedIn = true;
        dialogue.clear();
        await dialogue.type(`${user}\r`);
        // A busy board takes seconds to ask for the password; a new line meanwhile would be an empty one.
        await waitForWord(dialogue, loginMs, afterEcho);
        break;
      }
      case 'password': {
        if (!typedUser) {
          // Somebody else's half of a sign-in: begin anew.
          dialogue.clear();
          await dialogue.type('\r');
          await dialogue.waitFor('\n', loginMs);
          dialogue.clear();
          await waitForWord(dialogue, loginMs);
          break;
        }
        if (keptPassword === null) {
          if (!contact.ask) return fail({ kind: 'consoleLoginFailed', board, user, cause: 'nobodyToAsk' });
          const answers = await contact.ask({ kind: 'password', board, user: user ?? '', failedTries });
          if (answers === null || contact.signal.aborted) return fail({ kind: 'cancelled' });
          keptPassword = answers[0] ?? '';
          // A login gives up after a minute and asks for the name again: then both are typed at once.
          if (consoleState(dialogue.shown()) !== 'password') break;
        }
        typedPassword = true;
        dialogue.clear();
        await dialogue.type(`${keptPassword}\r`);
        // A wrong one is answered after a pause.
        await dialogue.waitFor('\n', loginMs);
        await waitForWord(dialogue, loginMs);
        break;
      }
      case 'pager':
        dialogue.clear();
        await dialogue.type('q');
        break;
      case 'continuation':
        dialogue.clear();
        await dialogue.type('\u0003');
        break;
      case 'bootLoader':
        return refuse('bootLoader');
      case 'countdown':
      case 'booting':
        if (performance.now() - startMs > times.bootMs) return refuse('booting');
        contact.onBooting?.(Math.round((performance.now() - startMs) / 1000));
        if (state === 'booting' && (await dialogue.waitForQuiet(times.quietMs * 3, times.quietMs * 3))) {
          // The boot is over and its last message stands below the prompt.
          dialogue.clear();
          await dialogue.type('\r');
        }
        break;
      case 'silence':
      case 'garbage':
      case 'other':
        if (newlines++ >= mostNewlines) {
          return refuse(state === 'other' ? 'otherProgram' : state);
        }
        // The runner of a session whose app is gone hears this and nothing else; everything else shows a new line.
        if (newlines >= 3 && dialogue.shown() === '')
          await line.write(encodePacket(anySession, packetTypes.reset, 0, Buffer.alloc(0)));
        dialogue.clear();
        await dialogue.type('\r');
    }
  }
}

/** Waits until the console has said what it had to say, and gives what stands there. */
async function settle(
  dialogue: Dialogue,
  times: ConsoleTimes,
  startMs: number,
  contact: ConsoleContact,
): Promise<ReturnType<typeof consoleState>> {
  for (;;) {
    const isQuiet = await dialogue.waitForQuiet(
      isPrompt(dialogue.shown()) ? promptQuietMs : times.quietMs,
      1_000,
    );
    const state = consoleState(dialogue.shown());
    if (isQuiet || contact.signal.aborted) return state;
    const elapsedMs = performance.now() - startMs;
    if (elapsedMs > times.bootMs) return state === 'garbage' ? state : 'booting';
    if (elapsedMs > 3_000) contact.onBooting?.(Math.round(elapsedMs / 1000));
  }
}

/** Whether something is asked for, and no more will come of itself. */
const isPrompt = (shown: string): boolean => ['shell', 'login', 'password'].includes(consoleState(shown));

/** Waits for anything that can be read, in what `part` gives of what was shown. */
async function waitForWord(
  dialogue: Dialogue,
  timeoutMs: number,
  part: (shown: string) => string = (shown) => shown,
): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  const isBlank = (): boolean => part(dialogue.shown()).trim() === '';
  while (performance.now() < endMs && isBlank()) {
    await dialogue.waitForQuiet(promptQuietMs, promptQuietMs * 2);
    if (isBlank() && (await isOver(dialogue))) return;
  }
}

/** What came after the line that was typed, or all of it where a prompt stands there without an echo. */
function afterEcho(shown: string): string {
  if (isPrompt(shown)) return shown;
  const lineEnd = shown.indexOf('\n');
  return lineEnd < 0 ? '' : shown.slice(lineEnd + 1);
}

async function isOver(dialogue: Dialogue): Promise<boolean> {
  return Promise.race([dialogue.line.lost.then(() => true), Promise.resolve(false)]);
}

/** The user's name; undefined: nobody can be asked; null: cancelled. */
async function askUser(
  ask: AskSignIn | null,
  board: string,
  prompt: string,
): Promise<string | null | undefined> {
  if (!ask) return undefined;
  const answers = await ask({
    kind: 'keyboardInteractive',
    board,
    user: '',
    name: '',
    instructions: '',
    prompts: [{ text: prompt, echo: true }],
    failedTries: 0,
  });
  const user = answers?.[0]?.trim();
  return user ? user : null;
}

function isWhole(sum: string, body: string): boolean {
  return `${cksumOf(Buffer.from(body))}` === sum;
}

function endRequest(mark: string): string {
  const body = '2000000000 q';
  return `\n${mark} ${cksumOf(Buffer.from(body))} ${body}\n`;
}

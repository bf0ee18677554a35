import type { Duplex } from 'node:stream';
import {
  type AnyAuthMethod,
  type AuthHandlerMiddleware,
  Client,
  type KeyboardInteractiveAuthMethod,
} from 'ssh2';
import type { BoardError, RequestError } from '../../contract/errors.ts';
import type { AskSignIn, SignInQuestion } from '../../contract/questions.ts';
import { AskingAgent } from './agents.ts';
import { algorithmsFor } from './algorithms.ts';
import { connectBatched } from './batched-socket.ts';
import type { Credential } from './credentials.ts';
import { type Deadline, startDeadline } from './deadline.ts';
import { fingerprintOf, type HostKeyVerdict, judgeHostKey, knownKeyTypes } from './known-hosts.ts';
import type { SshHop } from './route.ts';
import type { TrustedHost } from './trust.ts';

/** A client that got in; `lost` resolves with the reason once it is gone for whatever cause, and never rejects. */
export interface HopConnection {
  readonly client: Client;
  readonly lost: Promise<string>;
}

/** What one go at a host needs. */
export interface Handshake {
  readonly hop: SshHop;
  /** The way through the host before; null: straight over TCP. */
  readonly socket: Duplex | null;
  readonly trust: readonly TrustedHost[];
  readonly credentials: readonly Credential[];
  /** For what the host itself wants to ask; null: it may not. */
  readonly ask: AskSignIn | null;
  /** What a person answered after the host had hung up. */
  readonly late: LateAnswers | null;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
}

/** Answers with just the questions they belong to. */
export interface LateAnswers {
  readonly questions: string;
  readonly answers: readonly string[];
}

/** How one go ended. Whatever it was but `connected`, the connection is gone. */
export type HandshakeEnd =
  | { readonly kind: 'connected'; readonly connection: HopConnection }
  | { readonly kind: 'unknownKey'; readonly key: Buffer }
  | { readonly kind: 'changedKey'; readonly key: Buffer; readonly known: TrustedHost }
  /** `offered`: methods that the host would still take; `wanted`: encrypted key files that it would take. */
  | {
      readonly kind: 'refused';
      readonly offered: readonly string[];
      readonly wanted: ReadonlySet<string>;
      readonly failedAnswers: number;
    }
  | { readonly kind: 'late'; readonly late: LateAnswers }
  | { readonly kind: 'failed'; readonly error: BoardError | RequestError };

/** Wrong answers to a host's own questions before it is enough. */
export const mostTries = 3;
const mostRounds = 12;
const mostPrompts = 16;
const keepaliveIntervalMs = 10_000;
const keepaliveCountMax = 3;

/** Connects, checks the host's key, and signs in with what is there: nothing is sent before the key is known. */
export async function shakeHands(given: Handshake): Promise<HandshakeEnd> {
  const { hop, trust, signal, timeoutMs } = given;
  const { name, settings, knownAs } = hop;
  if (signal.aborted) return cancelled;
  const client = new Client();
  const lost = watch(client);
  let refusal: HandshakeEnd | null = null;
  let settle: (end: HandshakeEnd) => void = () => {};
  const outcome = new Promise<HandshakeEnd>((resolve) => {
    settle = resolve;
  });
  const unreachable = (reason: string): void =>
    settle({ kind: 'failed', error: { kind: 'boardUnreachable', board: name, reason } });
  const deadline = startDeadline(timeoutMs, () =>
    unreachable(`no answer within ${Math.round(timeoutMs / 1000)} s`),
  );
  const auth = makeAuthHandler(given, deadline, settle);

  const onAbort = (): void => settle(cancelled);
  signal.addEventListener('abort', onAbort, { once: true });
  client.once('ready', () => settle({ kind: 'connected', connection: { client, lost } }));
  client.on('error', (error: Error & { level?: string; code?: unknown }) => {
    if (refusal) settle(refusal);
    // The library goes on to the next method by itself, unless there is none.
    else if (error.level === 'agent') return;
    else if (error.level === 'client-authentication') {
      if (auth.isExhausted()) settle(auth.refused());
    } else if (!auth.noteClosed()) settle({ kind: 'failed', error: unreachableBy(name, error) });
  });
  client.once('close', () => {
    if (refusal) settle(refusal);
    // The host's login timer is not the person's: what they answer is given to it once more.
    else if (!auth.noteClosed()) unreachable('the board closed the connection');
  });
  client.on('change password', () =>
    settle({
      kind: 'failed',
      error: {
        kind: 'authenticationFailed',
        board: name,
        tried: ['password (has expired: change it there)'],
      },
    }),
  );

  const socket = given.socket ?? connectBatched(settings.host, settings.port);
  client.connect({
    sock: socket,
    username: settings.user,
    // The library's own timer would count on; the one above covers all.
    readyTimeout: 0,
    keepaliveInterval: keepaliveIntervalMs,
    keepaliveCountMax,
    algorithms: algorithmsFor(knownKeyTypes(trust, knownAs.host, knownAs.port)),
    authHandler: auth.handler,
    // The library takes anything but a literal `false` for yes, so only this literal comparison reaches it.
    hostVerifier: (key: Buffer, verify: (accepted: boolean) => void): void => {
      let verdict: HostKeyVerdict<TrustedHost> | null = null;
      try {
        verdict = judgeHostKey(trust, knownAs.host, knownAs.port, key);
        refusal = refusalFor(verdict, key, name);
      } catch (error) {
        const reason = `its host key cannot be read: ${error instanceof Error ? error.message : String(error)}`;
        refusal = { kind: 'failed', error: { kind: 'boardUnreachable', board: name, reason } };
      }
      verify(verdict?.kind === 'known' && refusal === null);
    },
  });

  const end = await outcome;
  deadline.clear();
  signal.removeEventListener('abort', onAbort);
  if (end.kind !== 'connected') {
    client.destroy();
    socket.destroy();
  }
  return end;
}

const cancelled: HandshakeEnd = { kind: 'failed', error: { kind: 'cancelled' } };

function refusalFor(verdict: HostKeyVerdict<TrustedHost>, key: Buffer, board: string): HandshakeEnd | null {
  switch (verdict.kind) {
    case 'known':
      return null;
    case 'unknown':
      return { kind: 'unknownKey', key };
    case 'revoked':
      return { kind: 'failed', error: { kind: 'hostKeyRefused', board, fingerprint: fingerprintOf(key) } };
    case 'changed':
      return { kind: 'changedKey', key, known: verdict.known };
  }
}

interface AuthHandling {
  readonly handler: AuthHandlerMiddleware;
  isExhausted(): boolean;
  /** Notes that the host hung up; true: a person is being asked just now, and what they answer still counts. */
  noteClosed(): boolean;
  refused(): HandshakeEnd;
}

/** Tries the credentials in their order as far as the host takes their kind, then lets the host ask. */
function makeAuthHandler(
  { hop, credentials, ask, late, signal }: Handshake,
  deadline: Deadline,
  settle: (end: HandshakeEnd) => void,
): AuthHandling {
  const { name, settings } = hop;
  const { user, preferredMethods } = settings;
  const wanted = new Set<string>();
  let offered: readonly string[] = [];
  let begun = false;
  let exhausted = false;
  let asking = false;
  let isClosed = false;
  let failedAnswers = 0;
  let rounds = 0;
  let kept = late;

  const queue: AnyAuthMethod[] = credentials.flatMap((credential): AnyAuthMethod[] => {
    if (credential.kind === 'usable') return [credential.method];
    if (credential.kind === 'unusable' || credential.publicKey === null) return [];
    const agent = new AskingAgent(credential.publicKey, () => wanted.add(credential.file));
    return [{ type: 'agent', username: user, agent }];
  });

  const answer = async (
    question: Extract<SignInQuestion, { kind: 'keyboardInteractive' }>,
  ): Promise<readonly string[] | null> => {
    const questions = JSON.stringify([question.name, question.instructions, question.prompts]);
    if (kept?.questions === questions) {
      const { answers } = kept;
      kept = null;
      return answers;
    }
    deadline.pause();
    asking = true;
    const answers = await askPerson(ask, question, signal);
    asking = false;
    deadline.resume();
    if (answers === null) settle(cancelled);
    else if (isClosed) settle({ kind: 'late', late: { questions, answers } });
    return isClosed ? null : answers;
  };

  const interactive: KeyboardInteractiveAuthMethod = {
    type: 'keyboard-interactive',
    username: user,
    prompt(title, instructions, _language, prompts, finish) {
      rounds += 1;
      if (rounds > mostRounds || prompts.length > mostPrompts) {
        const tried = ['keyboard-interactive (the board asks without end)'];
        settle({ kind: 'failed', error: { kind: 'authenticationFailed', board: name, tried } });
        return;
      }
      const asked = prompts.map(({ prompt, echo }) => ({ text: prompt, echo: echo === true }));
      void answer({
        kind: 'keyboardInteractive',
        board: name,
        user,
        name: title,
        instructions,
        prompts: asked,
        failedTries: failedAnswers,
      }).then((answers) => {
        if (answers) finish(asked.map((_, index) => answers[index] ?? ''));
      });
    },
  };
  let interactiveTries = 0;
  const mayAsk = (): boolean => {
    if (ask === null || !offered.includes('keyboard-interactive')) return false;
    if (interactiveTries >= mostTries) return false;
    if (preferredMethods) return preferredMethods.includes('keyboard-interactive');
    // Most boards that take both ask the same password by both; asked for here, nobody has to hurry.
    return !offered.includes('password');
  };
  const isTaken = (method: AnyAuthMethod): boolean => {
    const kind = method.type === 'agent' ? 'publickey' : method.type;
    return offered.includes(kind) && (preferredMethods === null || preferredMethods.includes(kind));
  };

  return {
    handler: (left, partial, proceed) => {
      if (left) offered = left;
      if (!begun) {
        begun = true;
        // Asks which methods there are, and shows no credential.
        proceed({ type: 'none', username: user });
        return;
      }
      const at = queue.findIndex(isTaken);
      const [method] = at < 0 ? [] : queue.splice(at, 1);
      if (method) {
        proceed(method);
        return;
      }
      if (interactiveTries > 0 && !partial) failedAnswers = interactiveTries;
      if (mayAsk()) {
        interactiveTries += 1;
        proceed(interactive);
        return;
      }
      exhausted = true;
      // The library's types leave out `false`, its way to say that there is nothing more to try.
      proceed(false as never);
    },
    isExhausted: () => exhausted,
    noteClosed: () => {
      isClosed ||= asking;
      return asking;
    },
    refused: () => ({ kind: 'refused', offered, wanted, failedAnswers }),
  };
}

/** Asks, and takes an abort or a question that could not be asked for a cancel. */
export async function askPerson(
  ask: AskSignIn | null,
  question: SignInQuestion,
  signal: AbortSignal,
): Promise<readonly string[] | null> {
  if (ask === null || signal.aborted) return null;
  const aborted = Promise.withResolvers<null>();
  const onAbort = (): void => aborted.resolve(null);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([ask(question), aborted.promise]);
  } catch {
    return null;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** Follows the client to its end, so that what waits for an answer can also wait for this. */
function watch(client: Client): Promise<string> {
  return new Promise((resolve) => {
    client.on('error', (error: Error & { level?: string }) => {
      if (error.level !== 'agent' && error.level !== 'client-authentication') resolve(explainSshError(error));
    });
    client.on('close', () => resolve('the connection was closed'));
  });
}

/**
 * Why a board cannot be reached. macOS turns away an app that must not reach the local network as if there were no
 * route, while the terminal has one.
 */
export function unreachableBy(
  board: string,
  error: Error & { readonly code?: unknown },
  platform: NodeJS.Platform = process.platform,
): BoardError {
  const mayBeDenied = platform === 'darwin' && error.code === 'EHOSTUNREACH';
  return {
    kind: 'boardUnreachable',
    board,
    reason: explainSshError(error),
    ...(mayBeDenied ? { localNetwork: true } : {}),
  };
}

/** What the network says, in a few words. */
export function explainSshError(error: Error & { readonly code?: unknown }): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'connection refused (ECONNREFUSED)';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the name cannot be resolved (${error.code})`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `no route to the board (${error.code})`;
    case 'ECONNRESET':
      return 'the connection was reset (ECONNRESET)';
    default:
      return error.message;
  }
}

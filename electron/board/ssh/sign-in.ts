import type { Duplex } from 'node:stream';
import type { BoardError, RequestError } from '../../contract/errors.ts';
import type { SignInQuestion } from '../../contract/questions.ts';
import { fail, ok, type Result } from '../../contract/result.ts';
import type { BoardContact } from '../contact.ts';
import type { Credential, LockedKey } from './credentials.ts';
import {
  askPerson,
  type HandshakeEnd,
  type HopConnection,
  type LateAnswers,
  mostTries,
  shakeHands,
} from './handshake.ts';
import { opensWith } from './key-files.ts';
import { addHostKey, fingerprintOf, hostKeyNameOf, replaceHostKey } from './known-hosts.ts';
import type { SshHop } from './route.ts';
import { readTrust, type TrustedHost } from './trust.ts';

/** What was agreed to about keys before anybody connected. */
export interface AgreedKeys {
  /** Fingerprints to accept at a first contact; each is used up by the host that shows it. */
  readonly accepted: Set<string>;
  /** Fingerprint that may be given up for an accepted one. */
  readonly replaced: string | null;
}

/** What is needed to get into one host. */
export interface HopEntry {
  readonly hop: SshHop;
  readonly knownHostsFile: string;
  readonly agreed: AgreedKeys;
  readonly credentials: readonly Credential[];
  readonly contact: BoardContact;
  readonly timeoutMs: number;
  /** Opens the way through the host before; null: straight over TCP. Called for every go. */
  readonly openSocket: (() => Promise<Result<Duplex, BoardError>>) | null;
}

type EntryError = BoardError | RequestError;

/**
 * Gets into one host. Whatever a person has to say about its key, a passphrase or a password is asked while no
 * connection waits for it, so that no timer of either side runs; then it is gone on with a new connection.
 * Errors: those of `openSsh`.
 */
export async function enterHop(entry: HopEntry): Promise<Result<HopConnection, EntryError>> {
  const { hop, contact } = entry;
  const board = hop.name;
  const person = makePerson(entry);
  let credentials = entry.credentials;
  let late: LateAnswers | null = null;
  let passwords = 0;
  let isKeySettled = false;
  for (;;) {
    const trust = readTrust(entry.knownHostsFile, hop.settings.knownHostsFiles);
    if (!trust.ok) return trust;
    const socket = entry.openSocket ? await entry.openSocket() : ok(null);
    if (!socket.ok) return socket;
    // Keys that a person may still open go before anything that the board itself asks.
    const isPending = credentials.some(({ kind }) => kind === 'locked');
    const end: HandshakeEnd = await shakeHands({
      hop,
      trust: trust.value,
      credentials,
      late,
      socket: socket.value,
      ask: isPending ? null : (contact.ask ?? null),
      signal: contact.signal,
      timeoutMs: entry.timeoutMs,
    });
    late = null;
    switch (end.kind) {
      case 'connected':
        return ok(end.connection);
      case 'failed':
        return fail(end.error);
      case 'late':
        late = end.late;
        continue;
      case 'unknownKey':
      case 'changedKey': {
        // The file that was just written does not hold the key: somebody else changes it under us.
        if (isKeySettled) return fail({ kind: 'hostKeyUnknown', board, fingerprint: fingerprintOf(end.key) });
        isKeySettled = true;
        const settled = await settleKey(entry, end.key, end.kind === 'changedKey' ? end.known : null);
        if (!settled.ok) return settled;
        continue;
      }
      case 'refused': {
        if (isPending) {
          const opened = await openKeys(credentials, end.wanted, person, hop.settings.user);
          if (!opened.ok) return opened;
          credentials = opened.value;
          continue;
        }
        const labels = credentials.map(({ label }) => label);
        const tried = (...more: readonly string[]): Result<never, EntryError> =>
          fail({ kind: 'authenticationFailed', board, tried: [...labels, ...more] });
        if (end.failedAnswers > 0) return tried(`keyboard-interactive (refused ${end.failedAnswers} times)`);
        const { preferredMethods: preferred } = hop.settings;
        const takesPassword = end.offered.includes('password') && preferred?.includes('password') !== false;
        if (!takesPassword) {
          return end.offered.includes('keyboard-interactive') && !contact.ask
            ? tried('keyboard-interactive (nobody here can be asked)')
            : tried();
        }
        if (!contact.ask) return tried('password (nobody here can be asked for it)');
        if (passwords >= mostTries) {
          return fail({
            kind: 'authenticationFailed',
            board,
            tried: labels.map((label) =>
              label === 'password' ? `password (refused ${passwords} times)` : label,
            ),
          });
        }
        const { user } = hop.settings;
        const answer = await person.ask({ kind: 'password', board, user, failedTries: passwords });
        if (answer === null) return fail({ kind: 'cancelled' });
        passwords += 1;
        const method = { type: 'password', username: user, password: answer } as const;
        credentials = [
          ...credentials.filter(({ label }) => label !== 'password'),
          { kind: 'usable', label: 'password', method },
        ];
        continue;
      }
    }
  }
}

interface Person {
  /** The one answer to a question; null: cancelled, or nobody is there. */
  ask(question: SignInQuestion): Promise<string | null>;
  readonly canAsk: boolean;
  passphraseOf(key: LockedKey, failedTries: number): Promise<string | null>;
}

function makePerson({ hop, contact }: HopEntry): Person {
  const ask: Person['ask'] = async (question) =>
    (await askPerson(contact.ask ?? null, question, contact.signal))?.[0] ?? null;
  return {
    ask,
    canAsk: Boolean(contact.ask),
    passphraseOf: ({ file }, failedTries) => ask({ kind: 'passphrase', board: hop.name, file, failedTries }),
  };
}

/** Opens the encrypted keys that the host would take, each with a few tries; none is locked afterwards. */
async function openKeys(
  credentials: readonly Credential[],
  wanted: ReadonlySet<string>,
  person: Person,
  username: string,
): Promise<Result<readonly Credential[], EntryError>> {
  const settled: Credential[] = [];
  for (const credential of credentials) {
    if (credential.kind !== 'locked') {
      settled.push(credential);
      continue;
    }
    // Where its public part cannot be read, nobody knows whether the host would take it.
    const isWanted = credential.publicKey === null || wanted.has(credential.file);
    const opened = await openKey(credential, isWanted, person, username);
    if (!opened.ok) return opened;
    settled.push(opened.value);
  }
  return ok(settled);
}

async function openKey(
  key: LockedKey,
  isWanted: boolean,
  person: Person,
  username: string,
): Promise<Result<Credential, EntryError>> {
  const unusable = (why: string): Result<Credential, never> =>
    ok({ kind: 'unusable', label: `${key.label} (${why})` });
  if (!isWanted) return unusable('has a passphrase, and the board does not take it');
  if (!person.canAsk) return unusable('has a passphrase: add it to an agent with ssh-add');
  for (let failed = 0; failed < mostTries; failed++) {
    const passphrase = await person.passphraseOf(key, failed);
    if (passphrase === null) return fail({ kind: 'cancelled' });
    if (passphrase === '') return unusable('was left out');
    if (!opensWith(key.text, passphrase)) continue;
    return ok({
      kind: 'usable',
      label: key.label,
      method: { type: 'publickey', username, key: key.text, passphrase },
    });
  }
  return unusable(`wrong passphrase ${mostTries} times`);
}

/** Has a person agree to a key that is not on file, and puts it there. */
async function settleKey(
  { hop, knownHostsFile, agreed, contact }: HopEntry,
  key: Buffer,
  known: TrustedHost | null,
): Promise<Result<void, EntryError>> {
  const board = hop.name;
  const { host, port } = hop.knownAs;
  const fingerprint = fingerprintOf(key);
  if (known) {
    const old = fingerprintOf(known.key);
    const { file, line, own } = known;
    // Both halves of the agreement, or nothing: the key to give up and the one to take for it.
    if (!own || agreed.replaced !== old || !agreed.accepted.has(fingerprint)) {
      const name = hostKeyNameOf(host, port);
      return fail({ kind: 'hostKeyChanged', board, host: name, fingerprint, known: old, file, line, own });
    }
  } else if (agreed.accepted.size > 0 && !agreed.accepted.has(fingerprint)) {
    return fail({ kind: 'hostKeyRefused', board, fingerprint });
  } else if (!agreed.accepted.has(fingerprint)) {
    const answer = await confirm(board, fingerprint, contact);
    if (contact.signal.aborted) return fail({ kind: 'cancelled' });
    if (answer !== true) return fail({ kind: 'hostKeyUnknown', board, fingerprint });
  }
  agreed.accepted.delete(fingerprint);
  try {
    if (known) replaceHostKey(knownHostsFile, host, port, key);
    else addHostKey(knownHostsFile, host, port, key);
    return ok(undefined);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fail({ kind: 'notWritable', path: knownHostsFile, reason });
  }
}

async function confirm(board: string, fingerprint: string, contact: BoardContact): Promise<unknown> {
  const aborted = Promise.withResolvers<false>();
  const onAbort = (): void => aborted.resolve(false);
  contact.signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([contact.confirmHostKey(board, fingerprint), aborted.promise]);
  } catch {
    // A question that could not be asked was not answered with yes.
    return false;
  } finally {
    contact.signal.removeEventListener('abort', onAbort);
  }
}

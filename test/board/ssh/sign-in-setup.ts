import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { parseBoardAddress } from '../../../electron/board/address.ts';
import type { BoardContact } from '../../../electron/board/contact.ts';
import { openSsh, type SshConnection, type SshOptions } from '../../../electron/board/ssh/connection.ts';
import type { BoardError, RequestError } from '../../../electron/contract/errors.ts';
import type { AskSignIn, SignInQuestion } from '../../../electron/contract/questions.ts';
import type { Result } from '../../../electron/contract/result.ts';
import { type ServerTraits, type StandInServer, startSshServer } from '../../faults/ssh-server.ts';

/** A home with an empty `.ssh`, a folder in place of `/etc/ssh`, and Fieldtune's own list of known hosts. */
export interface Home {
  readonly folder: string;
  readonly home: string;
  readonly system: string;
  readonly knownHostsFile: string;
  /** Writes a file under `.ssh`; returns its path. */
  write(name: string, text: string, mode?: number): string;
  trust(...servers: readonly StandInServer[]): void;
}

export function makeHome(): Home {
  const folder = mkdtempSync(join(tmpdir(), 'fieldtune-home-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const home = join(folder, 'home');
  mkdirSync(join(home, '.ssh'), { recursive: true });
  mkdirSync(join(folder, 'etc'));
  vi.stubEnv('SSH_AUTH_SOCK', '');
  onTestFinished(() => void vi.unstubAllEnvs());
  const knownHostsFile = join(folder, 'known_hosts');
  return {
    folder,
    home,
    system: join(folder, 'etc'),
    knownHostsFile,
    write(name, text, mode = 0o600) {
      const path = join(home, '.ssh', name);
      writeFileSync(path, text, { mode });
      return path;
    },
    trust(...servers) {
      const lines = servers.map(({ port, hostKey }) => `[127.0.0.1]:${port} ${hostKey}\n`);
      writeFileSync(knownHostsFile, lines.join(''));
    },
  };
}

/** A stand-in that goes with the test. */
export async function serverFor(traits: ServerTraits): Promise<StandInServer> {
  const server = await startSshServer(traits);
  onTestFinished(() => server.stop());
  return server;
}

/** Answers questions from a list, keeps them, and goes on with the last answer when the list is at its end. */
export function answering(...answers: readonly (readonly string[] | null)[]): {
  readonly ask: AskSignIn;
  readonly asked: SignInQuestion[];
} {
  const asked: SignInQuestion[] = [];
  return {
    asked,
    ask: async (question) => {
      asked.push(question);
      return answers[Math.min(asked.length, answers.length) - 1] ?? null;
    },
  };
}

/** Connects with nobody there but who is named. */
export async function openAt(
  home: Home,
  address: string,
  contact: Partial<BoardContact> = {},
  options: Partial<SshOptions> = {},
): Promise<Result<SshConnection, BoardError | RequestError>> {
  const parsed = parseBoardAddress(address);
  if (!parsed.ok || parsed.value.kind !== 'ssh') throw new Error('not an SSH address');
  const { knownHostsFile, home: folder, system } = home;
  return openSsh(
    parsed.value,
    { knownHostsFile, folders: { home: folder, system }, connectTimeoutMs: 10_000, ...options },
    { signal: new AbortController().signal, confirmHostKey: async () => false, ...contact },
  );
}

/** Connects and closes again; gives what came of it. */
export async function tryAt(
  ...parameters: Parameters<typeof openAt>
): Promise<Result<null, BoardError | RequestError>> {
  const opened = await openAt(...parameters);
  if (!opened.ok) return opened;
  opened.value.close();
  await opened.value.lost;
  return { ok: true, value: null };
}

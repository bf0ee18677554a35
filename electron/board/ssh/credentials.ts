import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentAuthMethod, PasswordAuthMethod, PublicKeyAuthMethod } from 'ssh2';
import { checkAgent, PickedAgent } from './agents.ts';
import { type KeyFile, readKeyFile } from './key-files.ts';
import type { SshSettings } from './settings.ts';

/** One way to prove who we are, or the reason why it cannot even be tried. `label` is fit to be shown. */
export type Credential =
  | {
      readonly kind: 'usable';
      readonly label: string;
      readonly method: AgentAuthMethod | PublicKeyAuthMethod | PasswordAuthMethod;
    }
  | LockedKey
  | { readonly kind: 'unusable'; readonly label: string };

/** A key that only a person can open. */
export interface LockedKey {
  readonly kind: 'locked';
  readonly label: string;
  readonly file: string;
  readonly text: Buffer;
  readonly publicKey: Buffer | null;
}

const usualKeyFiles = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

/**
 * Collects what to try, in order: the agent, then key files. Of a named key file, and with `IdentitiesOnly`, the
 * agent shows the keys of the files alone, so that what it holds is never asked for again.
 */
export async function collectCredentials(
  settings: SshSettings,
  home: string,
  named: string | undefined,
): Promise<readonly Credential[]> {
  const { user, identityFiles, identitiesOnly, agent } = settings;
  const usual = (): readonly string[] =>
    usualKeyFiles.map((name) => join(home, '.ssh', name)).filter((path) => existsSync(path));
  // Configured files that are not there are no news: one configuration serves several computers.
  const files =
    named === undefined ? (identityFiles?.filter((path) => existsSync(path)) ?? usual()) : [named];
  const read = files.map((file) => ({ file, key: readKeyFile(file) }));
  const isPicked = named !== undefined || identitiesOnly;
  const publicKeys = read.flatMap(({ key }) =>
    key.kind !== 'unreadable' && key.publicKey !== null ? [key.publicKey] : [],
  );
  const fromAgent =
    agent === null || (isPicked && publicKeys.length === 0)
      ? []
      : await findAgent(user, agent, isPicked ? publicKeys : null);
  return [...fromAgent, ...read.map(({ file, key }) => credentialOf(user, file, key))];
}

function credentialOf(username: string, file: string, key: KeyFile): Credential {
  const label = `key ${file}`;
  switch (key.kind) {
    case 'open':
      return { kind: 'usable', label, method: { type: 'publickey', username, key: key.text } };
    case 'locked':
      return { kind: 'locked', label, file, text: key.text, publicKey: key.publicKey };
    case 'unreadable':
      return { kind: 'unusable', label: `${label} (${key.reason})` };
  }
}

async function findAgent(
  username: string,
  socketPath: string,
  picked: readonly Buffer[] | null,
): Promise<readonly Credential[]> {
  const refusal = await checkAgent(socketPath);
  // A key file that was named is what counts; its agent is a convenience.
  if (refusal !== null)
    return picked ? [] : [{ kind: 'unusable', label: `agent (SSH_AUTH_SOCK ${refusal})` }];
  const agent = picked ? new PickedAgent(socketPath, picked) : socketPath;
  return [{ kind: 'usable', label: 'agent', method: { type: 'agent', username, agent } }];
}

import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import ssh2, { type AgentAuthMethod, type PublicKeyAuthMethod } from 'ssh2';

/** One way to prove who we are, or the reason why it cannot even be tried. `label` is fit to be shown. */
export type Credential =
  | {
      readonly kind: 'usable';
      readonly label: string;
      readonly method: AgentAuthMethod | PublicKeyAuthMethod;
    }
  | { readonly kind: 'unusable'; readonly label: string };

const agentTimeoutMs = 2_000;
const usualKeyFiles = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

/** Collects what to try, in order: the named key file alone if one is named, else the agent and the usual key files. */
export async function collectCredentials(
  username: string,
  identityFile: string | undefined,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<readonly Credential[]> {
  if (identityFile !== undefined) return [readKeyFile(username, identityFile)];
  const keyFiles = usualKeyFiles
    .map((name) => join(environment.HOME ?? homedir(), '.ssh', name))
    .filter((path) => existsSync(path));
  return [
    ...(await findAgent(username, environment.SSH_AUTH_SOCK)),
    ...keyFiles.map((path) => readKeyFile(username, path)),
  ];
}

function readKeyFile(username: string, path: string): Credential {
  let text: Buffer;
  try {
    text = readFileSync(path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    return { kind: 'unusable', label: `key ${path} (cannot be read: ${code})` };
  }
  const parsed = ssh2.utils.parseKey(text);
  if (parsed instanceof Error) {
    const encrypted = /encrypted|passphrase/i.test(parsed.message);
    const why = encrypted ? 'has a passphrase: add it to an agent with ssh-add' : 'is not a private key';
    return { kind: 'unusable', label: `key ${path} (${why})` };
  }
  return { kind: 'usable', label: `key ${path}`, method: { type: 'publickey', username, key: text } };
}

async function findAgent(username: string, socketPath: string | undefined): Promise<readonly Credential[]> {
  if (!socketPath) return [];
  const refusal = await new Promise<string | null>((resolve) => {
    const socket = connect(socketPath);
    const settle = (answer: string | null): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(agentTimeoutMs, () => settle('does not answer'));
    socket.once('connect', () => settle(null));
    socket.once('error', (error: NodeJS.ErrnoException) => settle(`is dead: ${error.code ?? error.message}`));
  });
  return refusal
    ? [{ kind: 'unusable', label: `agent (SSH_AUTH_SOCK ${refusal})` }]
    : [{ kind: 'usable', label: 'agent', method: { type: 'agent', username, agent: socketPath } }];
}

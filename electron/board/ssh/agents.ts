import { connect } from 'node:net';
import ssh2, {
  type IdentityCallback,
  type ParsedKey,
  type SignCallback,
  type SigningRequestOptions,
} from 'ssh2';
import { keyTypeOf } from './known-hosts.ts';

const agentTimeoutMs = 2_000;

/** Why an agent cannot be spoken to; null: it can. */
export function checkAgent(socketPath: string): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    const settle = (answer: string | null): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(agentTimeoutMs, () => settle('does not answer'));
    socket.once('connect', () => settle(null));
    socket.once('error', (error: NodeJS.ErrnoException) => settle(`is dead: ${error.code ?? error.message}`));
  });
}

/** Anything that the library takes or gives as a public key. */
type PublicKey = string | Buffer | ParsedKey;

/** Shows of an agent's keys only those whose public keys are wanted. */
export class PickedAgent extends ssh2.BaseAgent {
  readonly #agent: ssh2.BaseAgent;
  readonly #wanted: readonly Buffer[];

  constructor(socketPath: string, wanted: readonly Buffer[]) {
    super();
    this.#agent = ssh2.createAgent(socketPath);
    this.#wanted = wanted;
  }

  override getIdentities(callback: IdentityCallback): void {
    this.#agent.getIdentities((error, keys) => {
      if (error) callback(error);
      else
        callback(
          null,
          (keys ?? []).filter((key) => isAnyOf(key, this.#wanted)),
        );
    });
  }

  override sign(key: PublicKey, data: Buffer, options: SigningRequestOptions, callback?: SignCallback): void;
  override sign(key: PublicKey, data: Buffer, callback: SignCallback): void;
  override sign(
    key: PublicKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ): void {
    if (typeof options === 'function') this.#agent.sign(key, data, options);
    else this.#agent.sign(key, data, options, callback);
  }
}

/** Shows one public key and signs nothing: so a board tells whether it would take a key that is still encrypted. */
export class AskingAgent extends ssh2.BaseAgent {
  readonly #publicKey: string;
  readonly #onWanted: () => void;

  constructor(publicKey: Buffer, onWanted: () => void) {
    super();
    this.#publicKey = `${keyTypeOf(publicKey)} ${publicKey.toString('base64')}`;
    this.#onWanted = onWanted;
  }

  override getIdentities(callback: IdentityCallback): void {
    callback(null, [this.#publicKey]);
  }

  override sign(key: PublicKey, data: Buffer, options: SigningRequestOptions, callback?: SignCallback): void;
  override sign(key: PublicKey, data: Buffer, callback: SignCallback): void;
  override sign(
    _key: PublicKey,
    _data: Buffer,
    options: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ): void {
    this.#onWanted();
    const settle = typeof options === 'function' ? options : callback;
    settle?.(new Error('the key is encrypted'));
  }
}

function isAnyOf(key: unknown, wanted: readonly Buffer[]): boolean {
  if (typeof key !== 'object' || key === null || !('getPublicSSH' in key)) return false;
  // What has this method is one of the library's parsed keys.
  const blob = (key as ParsedKey).getPublicSSH();
  return wanted.some((one) => one.equals(blob));
}

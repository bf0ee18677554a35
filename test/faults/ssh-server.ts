import { connect } from 'node:net';
import ssh2, { type AuthContext, type Connection, type Prompt } from 'ssh2';
import { fingerprintOf } from '../../electron/board/ssh/known-hosts.ts';

/** Whom the stand-in lets in, and by what. */
export interface ServerTraits {
  readonly password?: string;
  /** Public key in a line as of `authorized_keys`. */
  readonly publicKey?: string;
  /** A key and then a password, both. */
  readonly needsBoth?: boolean;
  readonly interactive?: {
    readonly name?: string;
    readonly instructions?: string;
    readonly prompts: readonly Prompt[];
    readonly answers: readonly string[];
  };
  /** Hangs up on whoever is not in after this time. */
  readonly loginGraceMs?: number;
  /** Takes connections for others, as a jump host does. */
  readonly forwards?: boolean;
}

/** An SSH server of the test's own process: it takes passwords and asks questions without accounts on this machine. */
export interface StandInServer {
  readonly port: number;
  /** Address with the user `pi`. */
  readonly address: string;
  readonly fingerprint: string;
  /** As a line of known_hosts has it: type and key. */
  readonly hostKey: string;
  /** Methods that were tried, in their order, with the password where it was one. */
  readonly tried: string[];
  /** Connections that were made. */
  readonly connections: () => number;
  /** Connections that are open. */
  readonly open: () => number;
  readonly forwarded: string[];
  /** Gives the server another host key for the next connections. */
  replaceHostKey(): Promise<void>;
  /** Drops every connection. */
  hangUp(): void;
  stop(): Promise<void>;
}

/** Starts a stand-in on a loopback port. */
export async function startSshServer(traits: ServerTraits): Promise<StandInServer> {
  const tried: string[] = [];
  const forwarded: string[] = [];
  const clients = new Set<Connection>();
  let connections = 0;
  let port = 0;
  let key = newHostKey();

  const authenticate = (state: { keyShown: boolean }) => (context: AuthContext) => {
    const password = traits.password !== undefined && (!traits.needsBoth || state.keyShown);
    const methods = [
      ...(traits.publicKey && !state.keyShown ? (['publickey'] as const) : []),
      ...(password ? (['password'] as const) : []),
      ...(traits.interactive ? (['keyboard-interactive'] as const) : []),
    ];
    const refuse = (partial = false): void => context.reject([...methods], partial);
    if (context.method === 'password') {
      tried.push(`password ${context.password}`);
      if (password && context.password === traits.password) context.accept();
      else refuse();
    } else if (context.method === 'publickey') {
      const line = `${context.key.algo} ${context.key.data.toString('base64')}`;
      if (!traits.publicKey?.startsWith(line)) {
        tried.push('publickey refused');
        refuse();
      } else if (!context.signature) {
        tried.push('publickey asked');
        context.accept();
      } else {
        tried.push('publickey');
        const parsed = ssh2.utils.parseKey(traits.publicKey);
        const isRight =
          !(parsed instanceof Error) && context.blob && parsed.verify(context.blob, context.signature);
        if (isRight !== true) refuse();
        else if (traits.needsBoth) {
          state.keyShown = true;
          context.reject(['password'], true);
        } else context.accept();
      }
    } else if (context.method === 'keyboard-interactive' && traits.interactive) {
      tried.push('keyboard-interactive');
      const { name = '', instructions = '', prompts, answers } = traits.interactive;
      context.prompt([...prompts], name, instructions, (given) => {
        if (JSON.stringify(given) === JSON.stringify(answers)) context.accept();
        else refuse();
      });
    } else {
      tried.push(context.method);
      refuse();
    }
  };

  const listen = async (): Promise<ssh2.Server> => {
    const server = new ssh2.Server({ hostKeys: [key.private] }, (client) => {
      connections += 1;
      clients.add(client);
      const timer = traits.loginGraceMs ? setTimeout(() => client.end(), traits.loginGraceMs) : undefined;
      client.on('authentication', authenticate({ keyShown: false }));
      client.on('ready', () => clearTimeout(timer));
      client.on('error', () => {});
      client.on('close', () => {
        clearTimeout(timer);
        clients.delete(client);
      });
      client.on('tcpip', (accept, reject, { destIP, destPort }) => {
        forwarded.push(`${destIP}:${destPort}`);
        if (!traits.forwards) {
          reject();
          return;
        }
        const socket = connect(destPort, destIP);
        socket.on('error', () => {});
        socket.once('error', () => reject());
        socket.once('connect', () => {
          const stream = accept();
          stream.on('error', () => {});
          stream.pipe(socket).pipe(stream);
        });
      });
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    ({ port } = server.address() as { port: number });
    return server;
  };
  const end = (server: ssh2.Server): Promise<void> => {
    for (const client of clients) client.end();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  let server = await listen();
  return {
    get port() {
      return port;
    },
    get address() {
      return `ssh://pi@127.0.0.1:${port}`;
    },
    get fingerprint() {
      return fingerprintOf(Buffer.from(key.public.split(' ')[1]!, 'base64'));
    },
    get hostKey() {
      return key.public.split(' ').slice(0, 2).join(' ');
    },
    tried,
    forwarded,
    connections: () => connections,
    open: () => clients.size,
    async replaceHostKey() {
      await end(server);
      key = newHostKey();
      server = await listen();
    },
    hangUp: () => {
      for (const client of clients) client.end();
    },
    stop: () => end(server),
  };
}

/** A key that can be read: the library writes about one in three hundred of its own wrongly. */
function newHostKey(): ReturnType<typeof ssh2.utils.generateKeyPairSync> {
  for (;;) {
    const key = ssh2.utils.generateKeyPairSync('ed25519');
    if (!(ssh2.utils.parseKey(key.private) instanceof Error)) return key;
  }
}

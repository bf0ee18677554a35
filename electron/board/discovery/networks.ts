import { BlockList, connect, isIP, isIPv4 } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';

/** A network that this computer is on: its own address there and how many bits name the network. */
export interface OwnNetwork {
  readonly address: string;
  readonly prefix: number;
}

/** The IPv4 networks of an interface. */
export function ipv4Networks(entries: readonly NetworkInterfaceInfo[] | undefined): readonly OwnNetwork[] {
  return (entries ?? []).flatMap(({ family, cidr, internal }) => {
    if (family !== 'IPv4' || internal || cidr === null) return [];
    const [address, prefix] = cidr.split('/');
    return address === undefined ? [] : [{ address, prefix: Number(prefix) }];
  });
}

/** Whether an IPv4 address is on a network, and not this computer's own. */
export function isOnNetwork({ address: own, prefix }: OwnNetwork, address: string): boolean {
  if (!isIPv4(address) || address === own) return false;
  const network = new BlockList();
  network.addSubnet(own, prefix);
  return network.check(address);
}

/** The other addresses of a network that has room for few (IPv4, /29 or narrower), else the first two. */
export function likelyHosts(network: OwnNetwork): readonly string[] {
  const bits = 32 - network.prefix;
  if (bits < 1) return [];
  const own = toNumber(network.address);
  const first = (own >>> bits) * 2 ** bits;
  const count = bits <= 3 ? 2 ** bits : 4;
  const hosts: string[] = [];
  for (let n = 1; n < count - (bits <= 3 ? 1 : 0); n++) hosts.push(toAddress(first + n));
  return hosts.filter((host) => host !== network.address).slice(0, bits <= 3 ? 6 : 2);
}

const toNumber = (address: string): number =>
  address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

const toAddress = (value: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');

/** Whether an SSH server answers there: connects, reads the greeting (RFC 4253, 4.2) and hangs up. */
export function answersSsh(
  host: string,
  port: number,
  signal: AbortSignal,
  timeoutMs = 1_500,
): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const socket = connect({ host, port, ...(isIP(host) === 0 ? { family: 0 } : {}) });
    const end = (answer: boolean): void => {
      socket.destroy();
      signal.removeEventListener('abort', stop);
      resolve(answer);
    };
    const stop = (): void => end(false);
    signal.addEventListener('abort', stop, { once: true });
    let greeting = '';
    // A timeout of inactivity alone could be put off byte by byte.
    setTimeout(stop, timeoutMs).unref();
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      greeting += text;
      // A server may say something before; what says much more than that is no SSH server.
      if (/^SSH-/m.test(greeting)) end(true);
      else if (greeting.length > 4_096) end(false);
    });
    socket.on('error', stop);
    socket.on('close', stop);
  });
}

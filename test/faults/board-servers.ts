import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { connectBoard } from '../../electron/board/connect.ts';
import { type PrivateSshd, startPrivateSshd } from './private-sshd.ts';

// A Node new enough on the board keeps the installation small.
const path = `${dirname(process.execPath)}:/usr/bin:/bin`;

/** The folder of a server's board. */
export const boardRootOf = ({ folder }: PrivateSshd): string => join(folder, 'board root');

/** Private SSH servers of this machine that pass for boards of their own. */
export const startBoardServers = (count: number): Promise<PrivateSshd[]> =>
  Promise.all(Array.from({ length: count }, () => startPrivateSshd({ path })));

/** Gives each server's board a name, which tells it apart as it does boards of one image. */
export function nameBoards(servers: readonly PrivateSshd[], names: readonly string[]): void {
  for (const [i, server] of servers.entries()) {
    mkdirSync(boardRootOf(server), { recursive: true });
    writeFileSync(join(boardRootOf(server), 'board-id'), names[i] ?? '');
  }
}

/** How a person names each server. */
export const choicesOf = (servers: readonly PrivateSshd[]) =>
  servers.map(({ address, identityFile, fingerprint }) => ({
    address,
    identityFile,
    acceptHostKey: fingerprint,
  }));

/** Connects to each server's own board. */
export const connectTo =
  (servers: readonly PrivateSshd[]): typeof connectBoard =>
  (choice, contact, options) => {
    const server = servers.find(({ address }) => address === choice.address);
    if (!server) throw new Error(`No server at ${choice.address}`);
    return connectBoard(choice, contact, { ...options, remoteRoot: boardRootOf(server) });
  };

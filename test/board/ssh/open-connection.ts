import { join } from 'node:path';
import { parseBoardAddress } from '../../../electron/board/address.ts';
import { openSsh, type SshConnection } from '../../../electron/board/ssh/connection.ts';
import type { PrivateSshd } from '../../faults/private-sshd.ts';

/** A connection to a private server, whose key is taken as it comes and kept in a folder. */
export async function openConnection(
  server: PrivateSshd,
  folder: string,
  port = server.port,
): Promise<SshConnection> {
  const address = parseBoardAddress(server.address.replace(/\d+$/, String(port)));
  if (!address.ok || address.value.kind !== 'ssh') throw new Error('no address');
  const opened = await openSsh(
    address.value,
    { knownHostsFile: join(folder, 'known_hosts'), identityFile: server.identityFile },
    { signal: new AbortController().signal, confirmHostKey: async () => true },
  );
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  return opened.value;
}

import type { BoardError } from '../../contract/errors.ts';
import { fail, ok, type Result } from '../../contract/result.ts';
import { parseBoardAddress, type SshAddress } from '../address.ts';
import { type AskedHost, readSshSettings, type SshFolders, type SshSettings } from './settings.ts';
import type { SkippedPart } from './ssh-config-file.ts';

/** One host on the way to a board, or the board itself; each has its own key check and its own sign-in. */
export interface SshHop {
  /** As messages name it. */
  readonly name: string;
  readonly settings: SshSettings;
  /** What stands for it in lists of keys. */
  readonly knownAs: { readonly host: string; readonly port: number };
}

/** The way to a board: jump hosts in their order, the board last. */
export interface SshRoute {
  readonly hops: readonly SshHop[];
  readonly skipped: readonly SkippedPart[];
}

const mostHops = 10;

/** Finds the way to a board by the SSH configuration. Errors: `sshConfigBroken`, `boardAddress`. */
export function findRoute(address: SshAddress, folders: SshFolders): Result<SshRoute, BoardError> {
  const read = readSshSettings(address, folders);
  if (!read.ok) return read;
  const hops: SshHop[] = [hopOf(nameHop(address, read.value), read.value)];
  let jumps = jumpsOf(read.value.proxyJump);
  // Where the way to the first jump host goes by others again, those come before it.
  while (jumps.length > 0) {
    const before: SshHop[] = [];
    for (const jump of jumps) {
      const asked = readJump(jump);
      if (!asked.ok) return asked;
      const settings = readSshSettings(asked.value, folders);
      if (!settings.ok) return settings;
      before.push(hopOf(nameHop(asked.value, settings.value), settings.value));
    }
    hops.unshift(...before);
    if (hops.length > mostHops) {
      const reason = 'its ProxyJump lines go in a circle, or over more than ten hosts';
      return fail({ kind: 'boardAddress', address: address.text, reason });
    }
    jumps = jumpsOf(before[0]?.settings.proxyJump ?? null);
  }
  const skipped = new Map(
    hops.flatMap((hop) => hop.settings.skipped.map((part) => [`${part.file}\0${part.line}`, part] as const)),
  );
  return ok({ hops, skipped: [...skipped.values()] });
}

/** By what a board is known in lists of keys, and which lists of OpenSSH those are. Errors: `sshConfigBroken`. */
export function readKnownAs(
  address: SshAddress,
  folders: SshFolders,
): Result<SshHop['knownAs'] & Pick<SshSettings, 'knownHostsFiles'>, BoardError> {
  const read = readSshSettings(address, folders);
  if (!read.ok) return read;
  return ok({ ...hopOf(address.text, read.value).knownAs, knownHostsFiles: read.value.knownHostsFiles });
}

const jumpsOf = (proxyJump: string | null): readonly string[] =>
  proxyJump === null ? [] : proxyJump.split(',').map((jump) => jump.trim());

function readJump(jump: string): Result<AskedHost, BoardError> {
  const parsed = parseBoardAddress(jump.startsWith('ssh://') ? jump : `ssh://${jump}`);
  if (!parsed.ok) return parsed;
  if (parsed.value.kind === 'ssh') return ok(parsed.value);
  return fail({ kind: 'boardAddress', address: jump, reason: 'a jump host is reached over SSH' });
}

function hopOf(name: string, settings: SshSettings): SshHop {
  const { host, port, hostKeyAlias } = settings;
  // An alias stands alone, whatever the port.
  return {
    name,
    settings,
    knownAs: hostKeyAlias === null ? { host, port } : { host: hostKeyAlias, port: 22 },
  };
}

/** A host as it was asked for, with the user and the port that it is entered by: `ssh://user@host:port`. */
export function nameHop({ host }: AskedHost, { user, port }: SshSettings): string {
  return `ssh://${encodeURIComponent(user)}@${host.includes(':') ? `[${host}]` : host}:${port}`;
}

import { hostname } from 'node:os';
import { join } from 'node:path';
import { parseBoardAddress } from '../../board/address.ts';
import {
  fingerprintOf,
  type KnownHost,
  knownKeyOf,
  readKnownHosts,
  removeHostKey,
} from '../../board/ssh/known-hosts.ts';
import type { AppError } from '../../contract/errors.ts';
import { fail, ok, type Result } from '../../contract/result.ts';
import type { BoardCard, HostKey } from '../../contract/views.ts';
import type { StoredBoard } from '../../store/boards.ts';
import { fileFailure } from '../../store/failure.ts';
import type { AppParts } from '../parts.ts';
import type { QueriesOf } from './query.ts';

const local = 'local';
const knownHostsFile = ({ stateFolder }: AppParts): string => join(stateFolder, 'known_hosts');

/** An address as typed and as written out in full, for what was kept under either. */
export function addressForms(address: string): string[] {
  const parsed = parseBoardAddress(address);
  return parsed.ok && parsed.value.kind === 'ssh' ? [...new Set([address, parsed.value.text])] : [address];
}

function listBoards(parts: AppParts): readonly BoardCard[] {
  const { boards } = parts.store;
  const seen = new Map<string, StoredBoard>();
  // Where a board was put in another's place, the one seen last stands for the address.
  for (const board of boards.list()) if (!seen.has(board.address)) seen.set(board.address, board);
  const names = new Map(boards.listRemembered().map(({ address, name }) => [address, name] as const));
  const known = readKnownHosts(knownHostsFile(parts));
  // The list of keys says what is wrong with the file; the boards are there all the same.
  const knownHosts = known.ok ? known.value : [];
  const addresses = new Set([local, ...seen.keys(), ...names.keys()]);
  return [...addresses].map((address) => {
    const stored = seen.get(address);
    const isLocal = address === local;
    const givenName = names.get(address) ?? '';
    return {
      address,
      name: givenName || stored?.identity.name || nameFrom(address),
      link: isLocal ? 'local' : 'ssh',
      identity: stored?.identity ?? null,
      lastSeenAt: stored?.lastSeenAt ?? null,
      fingerprint: isLocal ? null : fingerprintAt(knownHosts, address),
    };
  });
}

function nameFrom(address: string): string {
  const parsed = parseBoardAddress(address);
  if (!parsed.ok) return address;
  return parsed.value.kind === 'local' ? hostname() : parsed.value.host;
}

function fingerprintAt(knownHosts: readonly KnownHost[], address: string): string | null {
  const parsed = parseBoardAddress(address);
  if (!parsed.ok || parsed.value.kind !== 'ssh') return null;
  const line = knownKeyOf(knownHosts, parsed.value.host, parsed.value.port);
  return line ? fingerprintOf(line.key) : null;
}

function listHostKeys(parts: AppParts): Result<readonly HostKey[], AppError> {
  const known = readKnownHosts(knownHostsFile(parts));
  if (!known.ok) return known;
  return ok(
    known.value
      .filter(({ revoked }) => !revoked)
      .map(({ hosts, keyType, key }) => ({ host: hosts, type: keyType, fingerprint: fingerprintOf(key) })),
  );
}

/** Boards that were seen or typed, and the keys by which they are known. */
export const boardQueries: QueriesOf<'boards' | 'hostKeys'> = {
  'boards.list': (parts) => ok(listBoards(parts)),
  'boards.remember': (parts, { address, name }) => {
    const parsed = parseBoardAddress(address);
    if (!parsed.ok) return parsed;
    const written = parsed.value.kind === 'ssh' ? parsed.value.text : local;
    const saved = parts.store.boards.remember({ address: written, name: name.trim() });
    return saved.ok ? ok(listBoards(parts)) : saved;
  },
  'boards.forget': (parts, { address }) => {
    for (const form of addressForms(address)) {
      const forgotten = parts.store.boards.forget(form);
      if (!forgotten.ok) return forgotten;
    }
    return ok(listBoards(parts));
  },
  'hostKeys.list': listHostKeys,
  'hostKeys.forget': (parts, { host, fingerprint }) => {
    const file = knownHostsFile(parts);
    try {
      if (removeHostKey(file, host, fingerprint)) {
        parts.tellChange('hostKeys');
        parts.tellChange('boards');
      }
    } catch (error) {
      const failure = fileFailure(error, file);
      if (!failure) throw error;
      return fail(failure);
    }
    return listHostKeys(parts);
  },
};

import type { BoardChoice } from '../../electron/contract/api.ts';
import type { BoardCard, JobState } from '../../electron/contract/views.ts';
import { readStored } from './stored.ts';

const sshForm = /^(?:ssh:\/\/)?(?:([^@/\s]+)@)?(\[[^\]\s]+\]|[^:/@\s[\]]+)(?::(\d+))?\/?$/i;
/** Words before a colon that name another link than SSH. */
const otherLinks = /^(?:local$|serial:)/i;

/** The parts of `ssh://[user@]host[:port]`, of which `ssh://` may be left out; null for anything else. */
function sshParts(
  address: string,
): { readonly user: string; readonly host: string; readonly port: string } | null {
  const text = address.trim();
  if (otherLinks.test(text)) return null;
  const [, user = '', host, port = ''] = sshForm.exec(text) ?? [];
  return host === undefined ? null : { user, host: host.toLowerCase(), port };
}

/**
 * A typed address in the form in which it is sent. What it leaves out of user and port the app fills in, as the SSH
 * configuration has it.
 */
export function fullAddress(typed: string): string {
  const parts = sshParts(typed);
  if (!parts) return typed.trim();
  const { user, host, port } = parts;
  return `ssh://${user === '' ? '' : `${user}@`}${host}${port === '' ? '' : `:${port}`}`;
}

/** An address short enough for a row: without `ssh://` and the usual port. */
export function shortAddress(address: string): string {
  const parts = sshParts(address);
  if (!parts) return address;
  const { user, host, port } = parts;
  return `${user === '' ? '' : `${user}@`}${host}${port === '' || port === '22' ? '' : `:${port}`}`;
}

/** Whether an address goes to this SSH server, whoever signs in there. */
export function sameHost(address: string, host: string, port: number): boolean {
  const parts = sshParts(address);
  if (!parts) return false;
  const isHost = parts.host.replace(/^\[|\]$/g, '') === host.toLowerCase();
  return isHost && (parts.port === '' ? 22 : Number(parts.port)) === port;
}

/** The address of the board that a job works on, as it was asked for. */
export const addressOfJob = ({ request }: JobState): string =>
  request.kind === 'connect' ? request.address : request.board.address;

/** The board that a job works on, written out in full. */
export const boardOfJob = (job: JobState): string => fullAddress(addressOfJob(job));

/** The board that an address leads to: all ways to a board are one row. */
export const cardAt = (cards: readonly BoardCard[], address: string): BoardCard | undefined =>
  cards.find(({ ways }) => ways.some((way) => way.address === address));

/** Whether an address leads to the board of a row. */
export const leadsTo = ({ ways }: BoardCard, address: string | undefined): boolean =>
  ways.some((way) => way.address === address);

const storageKey = 'fieldtune.identityFiles';

const identityFiles = () => readStored<Record<string, string>>('localStorage', storageKey);

/** The path of the key file that a person named for a board; null: none. */
export const identityFileOf = (address: string): string | null =>
  identityFiles()[fullAddress(address)] ?? null;

/** Keeps the path of a key file for a board; null forgets it. */
export function keepIdentityFile(address: string, path: string | null): void {
  const { [fullAddress(address)]: _, ...others } = identityFiles();
  const all = path === null ? others : { ...others, [fullAddress(address)]: path };
  localStorage.setItem(storageKey, JSON.stringify(all));
}

/** How to reach a board, with the key file that was named for it: for every call that works on a board. */
export function boardChoice(address: string): BoardChoice {
  const identityFile = identityFileOf(address);
  return { address, ...(identityFile === null ? {} : { identityFile }) };
}

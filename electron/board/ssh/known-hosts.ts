import { createHash, createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { BoardError } from '../../contract/errors.ts';
import { fail, ok, type Result } from '../../contract/result.ts';

/** One usable line of a known_hosts file. */
export interface KnownHost {
  readonly revoked: boolean;
  /** Comma-separated patterns as written, or `|1|salt|hash`. */
  readonly hosts: string;
  /** Key type as in the file, e.g. `ssh-ed25519`. */
  readonly keyType: string;
  readonly key: Buffer;
  /** From 1. */
  readonly line: number;
}

/** What the file says about a key that a host presents. */
export type HostKeyVerdict<K extends KnownHost = KnownHost> =
  | { readonly kind: 'known' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'revoked' }
  /** Another key is on file, of which this line is the one to name. */
  | { readonly kind: 'changed'; readonly known: K };

/** Reads a known_hosts file; a missing one is empty, any other failure is `knownHostsUnreadable`. */
export function readKnownHosts(file: string): Result<readonly KnownHost[], BoardError> {
  try {
    return ok(parseKnownHosts(readText(file)));
  } catch (error) {
    return fail({
      kind: 'knownHostsUnreadable',
      file,
      reason: error instanceof Error ? error.message : String(error),
    });
  }
}

/** Parses known_hosts lines; comments, certificate authorities and malformed lines are skipped, as ssh does. */
export function parseKnownHosts(text: string): readonly KnownHost[] {
  return text.split('\n').flatMap((line, index) => {
    const fields = line.trim().split(/\s+/);
    const marker = fields[0]?.startsWith('@') ? fields.shift() : undefined;
    const [hosts, keyType, base64] = fields;
    if (!hosts || hosts.startsWith('#') || !keyType || !base64) return [];
    if (marker !== undefined && marker !== '@revoked') return [];
    const key = Buffer.from(base64, 'base64');
    return key.length === 0 ? [] : [{ revoked: marker === '@revoked', hosts, keyType, key, line: index + 1 }];
  });
}

/** Judges a presented key. A revoked key is refused even if another line has it as good. */
export function judgeHostKey<K extends KnownHost>(
  knownHosts: readonly K[],
  host: string,
  port: number,
  key: Buffer,
): HostKeyVerdict<K> {
  const lines = linesOf(knownHosts, host, port);
  if (lines.some((line) => line.revoked && line.key.equals(key))) return { kind: 'revoked' };
  const good = lines.filter((line) => !line.revoked);
  if (good.some((line) => line.key.equals(key))) return { kind: 'known' };
  const other = good.find((line) => line.keyType === keyTypeOf(key)) ?? good[0];
  return other ? { kind: 'changed', known: other } : { kind: 'unknown' };
}

/** Types of the good keys on file for a host, so that it can be asked for one of those. */
export function knownKeyTypes(
  knownHosts: readonly KnownHost[],
  host: string,
  port: number,
): readonly string[] {
  return linesOf(knownHosts, host, port)
    .filter((line) => !line.revoked)
    .map((line) => line.keyType);
}

/** The good key on file for a host, of the first line that has one; undefined: none. */
export function knownKeyOf(
  knownHosts: readonly KnownHost[],
  host: string,
  port: number,
): KnownHost | undefined {
  return linesOf(knownHosts, host, port).find((line) => !line.revoked);
}

/**
 * Removes the good keys of this fingerprint from the lines that name these hosts as written; all else stays as it
 * is. The next contact is a first contact again. Returns whether there was one. Throws when the disk refuses.
 */
export function removeHostKey(file: string, hosts: string, fingerprint: string): boolean {
  const text = readText(file);
  const lines = text.split('\n');
  const kept = lines.filter((line) => {
    const [known] = parseKnownHosts(line);
    const isMeant =
      known && !known.revoked && known.hosts === hosts && fingerprintOf(known.key) === fingerprint;
    return !isMeant;
  });
  if (kept.length === lines.length) return false;
  replaceFile(file, kept.join('\n'));
  return true;
}

/**
 * Puts a host's key in the place of all its good keys in one go: a file with neither never lies there. Lines that
 * name other hosts as well keep those. Throws when the disk refuses.
 */
export function replaceHostKey(file: string, host: string, port: number, key: Buffer): void {
  const name = hostKeyNameOf(host, port);
  const kept = readText(file)
    .split('\n')
    .flatMap((line) => {
      const [known] = parseKnownHosts(line);
      if (!known || known.revoked || !matchesName(known.hosts, name)) return [line];
      if (known.hosts.startsWith('|1|')) return [];
      // What matched by a pattern stays for the others, with this host taken out.
      const others = known.hosts.split(',').filter((pattern) => pattern.toLowerCase() !== name);
      if (others.length === 0) return [];
      const rest = others.some((pattern) => matchesName(pattern, name)) ? [...others, `!${name}`] : others;
      return [line.replace(known.hosts, () => rest.join(','))];
    });
  while (kept.at(-1) === '') kept.pop();
  replaceFile(file, `${[...kept, lineOf(host, port, key)].join('\n')}\n`);
}

/** Adds a host's key by writing the file anew beside the old one and renaming it. Throws when the disk refuses. */
export function addHostKey(file: string, host: string, port: number, key: Buffer): void {
  mkdirSync(dirname(file), { recursive: true });
  const text = readText(file);
  const separator = text === '' || text.endsWith('\n') ? '' : '\n';
  replaceFile(file, `${text}${separator}${lineOf(host, port, key)}\n`);
}

const lineOf = (host: string, port: number, key: Buffer): string =>
  `${hostKeyNameOf(host, port)} ${keyTypeOf(key)} ${key.toString('base64')}`;

/** The file's text; empty where there is no file. */
function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}

function replaceFile(file: string, text: string): void {
  const partFile = `${file}.${randomUUID()}`;
  try {
    writeFileSync(partFile, text, { mode: 0o600, flush: true });
    renameSync(partFile, file);
  } catch (error) {
    rmSync(partFile, { force: true });
    throw error;
  }
}

/** `SHA256:…` as ssh prints it: base64 without padding. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

function linesOf<K extends KnownHost>(knownHosts: readonly K[], host: string, port: number): readonly K[] {
  const name = hostKeyNameOf(host, port);
  return knownHosts.filter((line) => matchesName(line.hosts, name));
}

/** What stands for a host in the file: `host`, or `[host]:port` for another port than 22. */
export function hostKeyNameOf(host: string, port: number): string {
  return port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
}

function matchesName(hosts: string, name: string): boolean {
  if (hosts.startsWith('|1|')) return matchesHash(hosts, name);
  const patterns = hosts.toLowerCase().split(',');
  const negated = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1));
  if (negated.some((pattern) => matchesPattern(pattern, name))) return false;
  return patterns.some((pattern) => !pattern.startsWith('!') && matchesPattern(pattern, name));
}

function matchesHash(hosts: string, name: string): boolean {
  const [, , salt, hash] = hosts.split('|');
  if (!salt || !hash) return false;
  // SHA-1 is what the file format prescribes; it hides names here and protects no key.
  const expected = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  const actual = Buffer.from(hash, 'base64');
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}

/** Whether a text is matched by a pattern of `*` and `?` as OpenSSH has them. */
export function matchesPattern(pattern: string, name: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`).test(name);
}

/** An SSH key blob starts with its type: uint32 BE length, then ASCII. */
export function keyTypeOf(key: Buffer): string {
  return key.toString('latin1', 4, 4 + key.readUInt32BE(0));
}

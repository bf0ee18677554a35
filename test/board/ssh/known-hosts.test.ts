import { createHash, createHmac, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  addHostKey,
  fingerprintOf,
  judgeHostKey,
  knownKeyOf,
  knownKeyTypes,
  parseKnownHosts,
  readKnownHosts,
  removeHostKey,
} from '../../../electron/board/ssh/known-hosts.ts';

function makeKey(type: string): Buffer {
  const field = (bytes: Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  return Buffer.concat([field(Buffer.from(type)), field(randomBytes(32))]);
}

const key = makeKey('ssh-ed25519');
const otherKey = makeKey('ssh-ed25519');
const line = (hosts: string, lineKey: Buffer, marker = ''): string =>
  `${marker}${hosts} ${lineKey.toString('latin1', 4, 15)} ${lineKey.toString('base64')} a comment\n`;
const hashed = (name: string): string => {
  const salt = randomBytes(20);
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
};
const judge = (text: string, host: string, port = 22, presented = key) =>
  judgeHostKey(parseKnownHosts(text), host, port, presented);

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fieldtune-hosts-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('known_hosts (fault 5)', () => {
  it.each([
    ['a plain name', line('board', key), 'board', 22],
    ['a name in capitals', line('Board', key), 'BOARD', 22],
    ['one of several names', line('other,board,10.0.0.7', key), '10.0.0.7', 22],
    ['a pattern', line('*.lab', key), 'pi.lab', 22],
    ['a name with a port', line('[board]:2222', key), 'board', 2222],
    ['a hashed name', line(hashed('board'), key), 'board', 22],
    ['a hashed name with a port', line(hashed('[board]:2222'), key), 'board', 2222],
    ['a line among comments and rubbish', `# x\n\nbroken\n@weird a b c\n${line('board', key)}`, 'board', 22],
  ])('matches %s', (_, text, host, port) => {
    expect(judge(text, host, port)).toEqual({ kind: 'known' });
  });

  it.each([
    ['another host', line('board', key), 'other', 22],
    ['the same host on another port', line('board', key), 'board', 2222],
    ['a name that a dot of the pattern must not match', line('a.b', key), 'axb', 22],
    ['a negated pattern', line('*.lab,!pi.lab', key), 'pi.lab', 22],
    ['a certificate authority', line('board', key, '@cert-authority '), 'board', 22],
    ['a damaged hash', line('|1|x|', key), 'board', 22],
  ])('does not know %s', (_, text, host, port) => {
    expect(judge(text, host, port)).toEqual({ kind: 'unknown' });
  });

  it('names the key on file when another is presented', () => {
    expect(judge(line('board', otherKey), 'board')).toMatchObject({
      kind: 'changed',
      known: { key: otherKey, line: 1 },
    });
  });

  it('refuses a revoked key even if another line has it as good', () => {
    const text = line('board', key) + line('*', key, '@revoked ');
    expect(judge(text, 'board')).toEqual({ kind: 'revoked' });
  });

  it('is empty when the file is missing', () => {
    expect(readKnownHosts(join(folder, 'none'))).toEqual({ ok: true, value: [] });
  });

  it('fails closed when the file cannot be read', () => {
    mkdirSync(join(folder, 'known_hosts'));
    const file = join(folder, 'known_hosts');
    expect(readKnownHosts(file)).toMatchObject({ ok: false, error: { kind: 'knownHostsUnreadable', file } });
  });

  it('takes a new key after the lines that were there, and leaves no partial file', () => {
    const file = join(folder, 'state', 'known_hosts');
    addHostKey(file, 'board', 22, otherKey);
    writeFileSync(file, readFileSync(file, 'utf8').trimEnd());
    addHostKey(file, 'FE80::1', 2222, key);
    const text = readFileSync(file, 'utf8');
    expect(text.split('\n')).toHaveLength(3);
    expect(judge(text, 'board', 22, otherKey)).toEqual({ kind: 'known' });
    expect(judge(text, 'fe80::1', 2222)).toEqual({ kind: 'known' });
    expect(readdirSync(join(folder, 'state'))).toEqual(['known_hosts']);
    expect(statSync(file).mode & 0o077).toBe(0);
  });

  it('keeps the old file when the new one cannot take its place', () => {
    mkdirSync(join(folder, 'known_hosts'));
    expect(() => addHostKey(join(folder, 'known_hosts'), 'board', 22, key)).toThrow();
    expect(readdirSync(folder)).toEqual(['known_hosts']);
  });

  it('tells which types of key are on file, so that a board with several is asked for one of them', () => {
    const text = line('board', key) + line('board', otherKey, '@revoked ');
    expect(knownKeyTypes(parseKnownHosts(text), 'board', 22)).toEqual(['ssh-ed25519']);
  });

  it('prints fingerprints as ssh does, without padding', () => {
    const expected = createHash('sha256').update(key).digest('base64').replace('=', '');
    expect(fingerprintOf(key)).toBe(`SHA256:${expected}`);
  });
});

describe('forgetting a host key', () => {
  const good = line('[board]:2222', key);
  const others = `# mine\n\n${line('board', key)}${line('[board]:2222', otherKey)}${line('[board]:2222', key, '@revoked ')}`;

  it('removes the one line that is meant, leaves the rest byte for byte, and makes the next contact a first one', () => {
    const file = join(folder, 'known_hosts');
    writeFileSync(file, others.replace('# mine\n', `# mine\n${good}`));
    expect(removeHostKey(file, '[board]:2222', fingerprintOf(key))).toBe(true);
    expect(readFileSync(file, 'utf8')).toBe(others);
    expect(readdirSync(folder)).toEqual(['known_hosts']);
    writeFileSync(file, good);
    removeHostKey(file, '[board]:2222', fingerprintOf(key));
    expect(judge(readFileSync(file, 'utf8'), 'board', 2222)).toEqual({ kind: 'unknown' });
  });

  it('touches nothing when there is no such key, and no file', () => {
    const file = join(folder, 'known_hosts');
    expect(removeHostKey(file, 'board', fingerprintOf(key))).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
    writeFileSync(file, others);
    expect(removeHostKey(file, 'board', fingerprintOf(otherKey))).toBe(false);
    expect(removeHostKey(file, 'elsewhere', fingerprintOf(key))).toBe(false);
    expect(readFileSync(file, 'utf8')).toBe(others);
  });

  it('finds the good key of a host, and none of one that was only revoked', () => {
    const known = parseKnownHosts(`${line('board', key, '@revoked ')}${line('[board]:2222', otherKey)}`);
    expect(knownKeyOf(known, 'board', 2222)?.key).toEqual(otherKey);
    expect(knownKeyOf(known, 'board', 22)).toBeUndefined();
  });
});

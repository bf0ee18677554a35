import { existsSync, readFileSync } from 'node:fs';
import ssh2, { type ParsedKey } from 'ssh2';

/** A private key file as far as it can be read without a person. */
export type KeyFile =
  | { readonly kind: 'open'; readonly text: Buffer; readonly publicKey: Buffer }
  /** Encrypted; `publicKey` is null where nothing tells it. */
  | { readonly kind: 'locked'; readonly text: Buffer; readonly publicKey: Buffer | null }
  | { readonly kind: 'unreadable'; readonly reason: string };

const magic = 'openssh-key-v1\0';

/** Reads a private key file. */
export function readKeyFile(file: string): KeyFile {
  let text: Buffer;
  try {
    text = readFileSync(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    return { kind: 'unreadable', reason: `cannot be read: ${code}` };
  }
  const parsed = parsePrivateKey(text);
  if (Buffer.isBuffer(parsed)) return { kind: 'open', text, publicKey: parsed };
  if (!/encrypted|passphrase/i.test(parsed.message))
    return { kind: 'unreadable', reason: 'is not a private key' };
  return { kind: 'locked', text, publicKey: publicPartOf(text) ?? publicKeyBeside(file) };
}

/** Whether a passphrase opens an encrypted key; nothing goes over any network for it. */
export function opensWith(text: Buffer, passphrase: string): boolean {
  return Buffer.isBuffer(parsePrivateKey(text, passphrase));
}

/** The public key, or why there is none. */
function parsePrivateKey(text: Buffer, passphrase?: string): Buffer | Error {
  try {
    const parsed = ssh2.utils.parseKey(text, passphrase);
    if (parsed instanceof Error) return parsed;
    return parsed.isPrivateKey() ? parsed.getPublicSSH() : new Error('not a private key');
  } catch (error) {
    // The library throws for some broken files.
    return error instanceof Error ? error : new Error('not a private key');
  }
}

/**
 * The public key that an encrypted OpenSSH file holds in clear: magic, then cipher, kdf and kdf options as strings,
 * the number of keys, and the key as a string (PROTOCOL.key of OpenSSH). Null for any other file.
 */
function publicPartOf(text: Buffer): Buffer | null {
  const base64 = /-----BEGIN OPENSSH PRIVATE KEY-----([A-Za-z0-9+/=\s]+)-----END/.exec(
    text.toString('latin1'),
  )?.[1];
  if (base64 === undefined) return null;
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.toString('latin1', 0, magic.length) !== magic) return null;
  let at = magic.length;
  const readString = (): Buffer => {
    const length = bytes.readUInt32BE(at);
    if (at + 4 + length > bytes.length) throw new RangeError('cut off');
    at += 4 + length;
    return bytes.subarray(at - length, at);
  };
  try {
    for (let skipped = 0; skipped < 3; skipped++) readString();
    at += 4;
    return readString();
  } catch {
    return null;
  }
}

function publicKeyBeside(file: string): Buffer | null {
  try {
    if (!existsSync(`${file}.pub`)) return null;
    const parsed: ParsedKey | Error = ssh2.utils.parseKey(readFileSync(`${file}.pub`));
    return parsed instanceof Error ? null : parsed.getPublicSSH();
  } catch {
    return null;
  }
}

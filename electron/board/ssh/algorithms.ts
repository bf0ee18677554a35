import type { Algorithms } from 'ssh2';

/** Neither CBC nor SHA-1; the rest is offered as the library orders it. */
const kexAlgorithms = [
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group-exchange-sha256',
  'diffie-hellman-group14-sha256',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group18-sha512',
] as const;
const cipherAlgorithms = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
] as const;
const macAlgorithms = [
  'hmac-sha2-256-etm@openssh.com',
  'hmac-sha2-512-etm@openssh.com',
  'hmac-sha2-256',
  'hmac-sha2-512',
] as const;
const hostKeyAlgorithms = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const;

/** What is offered to a host of whose keys these types are on file. */
export function algorithmsFor(knownTypes: readonly string[]): Algorithms {
  const isOnFile = (algorithm: string): boolean =>
    knownTypes.includes(algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm);
  return {
    kex: [...kexAlgorithms],
    cipher: [...cipherAlgorithms],
    hmac: [...macAlgorithms],
    // A board with several keys is asked for the one that is on file, or it would look changed.
    serverHostKey: [
      ...hostKeyAlgorithms.filter(isOnFile),
      ...hostKeyAlgorithms.filter((algorithm) => !isOnFile(algorithm)),
    ],
  };
}

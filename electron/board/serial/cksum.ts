/** Checksum of POSIX `cksum` over bytes that come in pieces. */
export interface Cksum {
  update(bytes: Uint8Array): void;
  /** As `cksum` prints it, with everything so far. */
  sum(): number;
}

const polynomial = 0x04c11db7;
const table = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index << 24;
  for (let bit = 0; bit < 8; bit++) value = value & 0x80000000 ? (value << 1) ^ polynomial : value << 1;
  return value;
});

const step = (crc: number, byte: number): number => ((crc << 8) ^ table[((crc >>> 24) ^ byte) & 0xff]!) >>> 0;

/** Starts a checksum. Source: POSIX.1-2017, `cksum`: CRC of the bytes and then of their count, complemented. */
export function startCksum(): Cksum {
  let crc = 0;
  let sizeBytes = 0;
  return {
    update(bytes) {
      for (const byte of bytes) crc = step(crc, byte);
      sizeBytes += bytes.length;
    },
    sum() {
      let all = crc;
      for (let left = sizeBytes; left > 0; left = Math.floor(left / 256)) all = step(all, left & 0xff);
      return ~all >>> 0;
    },
  };
}

/** Checksum of bytes that are there. */
export function cksumOf(bytes: Uint8Array): number {
  const cksum = startCksum();
  cksum.update(bytes);
  return cksum.sum();
}

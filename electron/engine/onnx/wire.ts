/**
 * Tells ONNX from anything else by the outermost protobuf layer alone:
 * - `complete`: fields of a ModelProto up to the last byte, the graph among them
 * - `truncated`: begins as a ModelProto and stops in the middle of a field, or before its graph
 * - `foreign`: no ModelProto
 */
export type WireVerdict = 'complete' | 'truncated' | 'foreign';

const varint = 0;
const delimited = 2;

/** Field numbers of ModelProto and the wire type each must have. */
const modelFields: Readonly<Record<number, number>> = {
  1: varint,
  2: delimited,
  3: delimited,
  4: delimited,
  5: varint,
  6: delimited,
  7: delimited,
  8: delimited,
  14: delimited,
  20: delimited,
  25: delimited,
  26: delimited,
};
const irVersionField = 1;
const producerFields = new Set([2, 3, 4]);
const graphField = 7;
const opsetField = 8;
const highestIrVersion = 100;
const longestProducerBytes = 4096;

/** Walks the top-level fields without decoding them. */
export function judgeWire(bytes: Uint8Array): WireVerdict {
  const seen = new Set<number>();
  let position = 0;
  // A lone first field proves little; anything that also occurs as text must not count as a cut-off model.
  const cutOff = (): WireVerdict => (seen.has(irVersionField) ? 'truncated' : 'foreign');
  while (position < bytes.length) {
    const tag = readVarint(bytes, position);
    if (tag === null) return cutOff();
    const field = Math.floor(tag.value / 8);
    const wireType = tag.value % 8;
    if (modelFields[field] !== wireType) return 'foreign';
    const value = readVarint(bytes, tag.end);
    if (value === null) return cutOff();
    position = value.end;
    if (wireType === delimited) {
      const end = position + value.value;
      if (producerFields.has(field) && !looksLikeProducer(bytes.subarray(position, end))) return 'foreign';
      if (end > bytes.length) return cutOff();
      position = end;
    } else if (field === irVersionField && (value.value < 1 || value.value > highestIrVersion)) {
      return 'foreign';
    }
    seen.add(field);
  }
  if (!seen.has(graphField)) return cutOff();
  // The operator sets follow the graph; a file cut exactly between the two still parses.
  if (!seen.has(opsetField) && seen.has(irVersionField)) return 'truncated';
  return 'complete';
}

function readVarint(
  bytes: Uint8Array,
  start: number,
): { readonly value: number; readonly end: number } | null {
  let value = 0;
  for (let at = start; at < bytes.length && at < start + 10; at++) {
    const byte = bytes[at] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * (at - start));
    if (byte < 0x80) return { value, end: at + 1 };
  }
  return null;
}

/** Producer name, version and domain are short and printable; in a foreign protobuf that place is not. */
function looksLikeProducer(text: Uint8Array): boolean {
  return text.length <= longestProducerBytes && text.every((byte) => byte >= 0x20 && byte !== 0x7f);
}

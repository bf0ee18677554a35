import {
  type AttributeMessage,
  attributeCodec,
  attributeTypes,
  hasField,
  toSafeInteger,
} from './messages.ts';
import type { AttributeValue, OnnxNode } from './model.ts';
import { fromTensor, toTensor } from './tensors.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Encoded AttributeProtos → attributes by name; kinds the app does not look into stay encoded. */
export function toAttributes(encoded: readonly Uint8Array[]): Record<string, AttributeValue> {
  const attributes: Record<string, AttributeValue> = {};
  for (const bytes of encoded) {
    const message = attributeCodec.decode(bytes);
    attributes[message.name ?? ''] = toValue(message) ?? { kind: 'opaque', value: new Uint8Array(bytes) };
  }
  return attributes;
}

function toValue(message: AttributeMessage): AttributeValue | null {
  switch (message.type || guessType(message)) {
    case attributeTypes.float:
      return { kind: 'float', value: message.f ?? 0 };
    case attributeTypes.int:
      return { kind: 'int', value: toSafeInteger(message.i) };
    case attributeTypes.string:
      return asText([message.s ?? new Uint8Array()], ([value = '']) => ({ kind: 'string', value }));
    case attributeTypes.tensor:
      return message.t ? { kind: 'tensor', value: toTensor(message.t, message.t.name ?? '') } : null;
    case attributeTypes.floats:
      return { kind: 'floats', value: message.floats ?? [] };
    case attributeTypes.ints:
      return { kind: 'ints', value: (message.ints ?? []).map(toSafeInteger) };
    case attributeTypes.strings:
      return asText(message.strings ?? [], (value) => ({ kind: 'strings', value }));
    default:
      return null;
  }
}

/** Early exporters left the type out. */
function guessType(message: AttributeMessage): number {
  if (hasField(message, 'f')) return attributeTypes.float;
  if (hasField(message, 'i')) return attributeTypes.int;
  if (hasField(message, 's')) return attributeTypes.string;
  if (hasField(message, 't')) return attributeTypes.tensor;
  if (message.floats?.length) return attributeTypes.floats;
  if (message.ints?.length) return attributeTypes.ints;
  if (message.strings?.length) return attributeTypes.strings;
  return 0;
}

/** Strings in ONNX are bytes; what is no UTF-8 is left to be carried as it is. */
function asText(
  parts: readonly Uint8Array[],
  make: (texts: string[]) => AttributeValue,
): AttributeValue | null {
  try {
    return make(parts.map((part) => utf8.decode(part)));
  } catch {
    return null;
  }
}

/** Attributes → encoded AttributeProtos. */
export const fromAttributes = (attributes: OnnxNode['attributes']): Uint8Array[] =>
  Object.entries(attributes).map(([name, value]) =>
    value.kind === 'opaque' ? value.value : attributeCodec.encode(fromValue(name, value)),
  );

function fromValue(name: string, value: Exclude<AttributeValue, { kind: 'opaque' }>): AttributeMessage {
  const text = new TextEncoder();
  const head = { name, type: attributeTypes[value.kind] };
  switch (value.kind) {
    case 'float':
      return { ...head, f: value.value };
    case 'int':
      return { ...head, i: value.value };
    case 'string':
      return { ...head, s: text.encode(value.value) };
    case 'tensor':
      return { ...head, t: fromTensor(value.value, '') };
    case 'floats':
      return { ...head, floats: [...value.value] };
    case 'ints':
      return { ...head, ints: [...value.value] };
    case 'strings':
      return { ...head, strings: value.value.map((part) => text.encode(part)) };
  }
}

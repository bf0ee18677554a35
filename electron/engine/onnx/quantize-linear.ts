/** Smallest and largest 8-bit number. */
export const byteRange = (isSigned: boolean): readonly [number, number] =>
  isSigned ? [-128, 127] : [0, 255];

/** ONNX QuantizeLinear of one number: clamp(round(v / scale) + zero) to 8 bits. */
export function quantizeLinear(v: number, scale: number, zero: number, isSigned: boolean): number {
  const [low, high] = byteRange(isSigned);
  return Math.min(high, Math.max(low, roundToEven(v / scale) + zero));
}

/** Halves go to the even neighbour, as ONNX rounds. */
function roundToEven(v: number): number {
  const r = Math.round(v);
  return Math.abs(v % 1) === 0.5 && r % 2 !== 0 ? r - 1 : r;
}

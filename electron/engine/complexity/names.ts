/** What the runtime appends to (or puts before) the name of an operator or a tensor when it rewrites a node. */
const additions: readonly RegExp[] = [
  /_nchwc$/,
  /_nhwc$/,
  /_token_\d+$/,
  /\/\w*Fusion\/?$/,
  /_quant$/,
  /^fused /,
  /\/$/,
];

/** The runtime's name as it is, then with its additions taken off one after the other. */
export function nameCandidates(name: string): string[] {
  const candidates = [name];
  for (let current = name; ; ) {
    const addition = additions.find((pattern) => pattern.test(current));
    if (!addition) return candidates;
    current = current.replace(addition, '');
    candidates.push(current);
  }
}

const layoutTypes: ReadonlySet<string> = new Set(['ReorderInput', 'ReorderOutput', 'Transpose', 'Cast']);

/** True for operators that the runtime puts in to change a tensor's layout or type. */
export const changesLayout = (type: string): boolean => layoutTypes.has(type);

/** Kernels that stand for an operator of another name. */
const standsFor: Readonly<Record<string, readonly string[]>> = {
  Gemm: ['Gemm', 'MatMul'],
  Upsample: ['Upsample', 'Resize'],
  TransposeMatMul: ['MatMul'],
};

/** True when the runtime's kernel type computes what the user's operator type says: FusedConv is a Conv. */
export function isKernelOf(kernelType: string, operatorType: string): boolean {
  const core = kernelType.replace(/^(Nhwc|QLinear|Fused)+/, '');
  return core === operatorType || (standsFor[core]?.includes(operatorType) ?? false);
}

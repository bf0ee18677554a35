import type { ProgramBuilder } from '../../instructions/builder.ts';

/** Cheaper forms for one linear instruction; numbers are what mutation may turn. */
export type Form =
  /** Depthwise k×k, then 1×1. */
  | { readonly name: 'depthwise'; readonly kernel: number }
  /** 1×1 alone, on every stride-th point. */
  | { readonly name: 'pointwise' }
  /** Average over the kernel's window, then 1×1. */
  | { readonly name: 'average' }
  /** Each block of channels moved by one of the kernel's taps, then 1×1 (Wu et al., 2018). */
  | { readonly name: 'shift' }
  /** The same kernel in groups; channels do not cross. For products: a block-diagonal matrix. */
  | { readonly name: 'grouped'; readonly groups: number }
  /** The same kernel in groups, channels shuffled, 1×1 in groups: every output sees every input. */
  | { readonly name: 'shuffled'; readonly groups: number }
  /** 1×1 to `rank`, k×k within, 1×1 out (Tucker); for products: two thin ones. */
  | { readonly name: 'lowRank'; readonly rank: number }
  /** k×1 to `rank`, then 1×k. */
  | { readonly name: 'separable'; readonly rank: number }
  /** The middle of the kernel alone. */
  | { readonly name: 'cropped'; readonly kernel: number }
  /** On the half resolution, restored by nearest neighbour. */
  | { readonly name: 'pooled' };

/** Values of a parameter. */
export interface Values {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A form ready to be put in the place of a linear instruction. */
export interface Made {
  readonly values: ReadonlyMap<string, Values>;
  /** Parameter of the last dense stage, which closed form can fit; null where none can. */
  readonly refit: string | null;
  build(b: ProgramBuilder, x: number): number;
}

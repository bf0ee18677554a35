import type { AppError } from '../../electron/contract/errors.ts';
import type { Quantities } from './quantities.ts';

/** An expected failure in words. */
export interface ErrorText {
  readonly happened: string;
  readonly why: string;
  /** What the person can do now. */
  readonly todo: string;
}

/** The words for every kind of failure in one language. What they get of the failure is fit to be shown. */
export type ErrorTable = {
  readonly [K in AppError['kind']]: (
    error: Extract<AppError, { readonly kind: K }>,
    quantities: Quantities,
  ) => ErrorText;
};

/** The three parts in their order. */
export const errorText = (happened: string, why: string, todo: string): ErrorText => ({
  happened,
  why,
  todo,
});

/** A tensor's shape as `[1, 28, 28]`. */
export const shapeText = (shape: readonly (number | string)[]): string => `[${shape.join(', ')}]`;

import type { Definition } from './context.ts';
import { activations } from './definitions/activations.ts';
import { arithmetic } from './definitions/arithmetic.ts';
import { linear } from './definitions/linear.ts';
import { movement } from './definitions/movement.ts';
import { normalization } from './definitions/normalization.ts';
import { pooling } from './definitions/pooling.ts';

/** The closed table of ONNX operators with a definition over the instructions, by type in ONNX's own domain. */
export const definitions: Readonly<Record<string, Definition>> = {
  ...linear,
  ...normalization,
  ...activations,
  ...arithmetic,
  ...pooling,
  ...movement,
};

/** The definition of an operator type; undefined for custom domains and operators that stay opaque. */
export function definitionOf(domain: string, type: string): Definition | undefined {
  return domain === '' && Object.hasOwn(definitions, type) ? definitions[type] : undefined;
}

/** Inputs of each operator whose constants are parameters, which a search may train; more than one element. */
const trainableInputs: Readonly<Record<string, readonly number[]>> = {
  Conv: [1, 2],
  ConvTranspose: [1, 2],
  Gemm: [0, 1, 2],
  MatMul: [0, 1],
  BatchNormalization: [1, 2],
  LayerNormalization: [1, 2],
  InstanceNormalization: [1, 2],
  PRelu: [1],
  Add: [0, 1],
  Mul: [0, 1],
};

/** Places among the inputs of an operator where a constant is a parameter. */
export const trainablePlaces = (type: string): readonly number[] => trainableInputs[type] ?? [];

import type { Definition } from './context.ts';
import { activations } from './definitions/activations.ts';
import { linear } from './definitions/linear.ts';
import { movement } from './definitions/movement.ts';
import { normalization } from './definitions/normalization.ts';

/** ONNX operators that have a definition in instructions, by type. */
export const definitions: Readonly<Record<string, Definition>> = {
  ...linear,
  ...activations,
  ...normalization,
  ...movement,
};

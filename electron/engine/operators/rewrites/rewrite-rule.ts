import type { OnnxModel } from '../../onnx/model.ts';

/** A match that was rewritten. */
export interface Applied {
  readonly rule: string;
  readonly operators: readonly string[];
}

/** A match that was left alone, and why. */
export interface Refused {
  readonly rule: string;
  readonly operator: string;
  readonly reason: string;
}

/** An exact rewrite of a whole model. */
export type Rewrite = (model: OnnxModel) => {
  readonly model: OnnxModel;
  readonly applied: readonly Applied[];
  readonly refused: readonly Refused[];
};

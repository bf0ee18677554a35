import type { OnnxModel } from '../onnx/model.ts';
import { dropIdentities } from './rewrites/drop-identities.ts';
import { foldBatchNormalization } from './rewrites/fold-batch-normalization.ts';
import type { Applied, Refused, Rewrite } from './rewrites/rewrite-rule.ts';

/** What the exact rewrites did, and where they held back. */
export interface Rewritten {
  readonly model: OnnxModel;
  readonly applied: readonly Applied[];
  readonly refused: readonly Refused[];
}

const rules: readonly Rewrite[] = [dropIdentities, foldBatchNormalization];

/** Applies the rules that change nothing but the form, one after the other, until none applies. */
export function rewriteModel(model: OnnxModel): Rewritten {
  let current = model;
  const applied: Applied[] = [];
  let refused: Refused[] = [];
  for (let rounds = 0; rounds < 8; rounds++) {
    refused = [];
    let changed = false;
    for (const rule of rules) {
      const result = rule(current);
      current = result.model;
      applied.push(...result.applied);
      refused.push(...result.refused);
      changed ||= result.applied.length > 0;
    }
    if (!changed) break;
  }
  return { model: current, applied, refused };
}

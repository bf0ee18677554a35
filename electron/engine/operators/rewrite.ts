import { replaceRegion } from '../onnx/extract.ts';
import { foldConstants } from '../onnx/fold.ts';
import { pruneUnused } from '../onnx/graph.ts';
import type { OnnxModel } from '../onnx/model.ts';
import { dropKeyBias } from './rewrites/drop-key-bias.ts';
import { dropNeedless } from './rewrites/drop-needless.ts';
import { fixReshapes } from './rewrites/fix-reshapes.ts';
import { flattenRows } from './rewrites/flatten-rows.ts';
import { foldArithmetic } from './rewrites/fold-arithmetic.ts';
import { foldBatchNormalization } from './rewrites/fold-batch-normalization.ts';
import { foldFactor } from './rewrites/fold-factor.ts';
import { foldForward } from './rewrites/fold-forward.ts';
import { foldPad } from './rewrites/fold-pad.ts';
import { foldToken } from './rewrites/fold-token.ts';
import { fuseGelu } from './rewrites/fuse-gelu.ts';
import { fuseHardSwish } from './rewrites/fuse-hard-swish.ts';
import { fuseLayerNormalization } from './rewrites/fuse-layer-normalization.ts';
import { GraphView } from './rewrites/graph-view.ts';
import { mergePointwise } from './rewrites/merge-pointwise.ts';
import { mergeReshapes } from './rewrites/merge-reshapes.ts';
import { mergeTransposes } from './rewrites/merge-transposes.ts';
import type { Applied, Refused, Rule } from './rewrites/rewrite-rule.ts';

/** What the exact rewrites did, and where they held back. */
export interface Rewritten {
  readonly model: OnnxModel;
  readonly applied: readonly Applied[];
  /** Cases for a rule that it could not take, in the model as it is at the end. */
  readonly refused: readonly Refused[];
}

/** Rules that are tried first, in their order. */
const firstRules: readonly Rule[] = [
  dropNeedless,
  foldBatchNormalization,
  foldArithmetic,
  foldPad,
  mergePointwise,
  mergeTransposes,
  mergeReshapes,
  fuseHardSwish,
  fuseGelu,
  fuseLayerNormalization,
  foldFactor,
  foldForward,
  dropKeyBias,
  foldToken,
];

/** Rules that weigh a whole part of the graph, which the others have to be done with. */
const lastRules: readonly Rule[] = [flattenRows];

/** All rules, in the order in which they are tried. */
export const rules: readonly Rule[] = [...firstRules, ...lastRules];

/** Applies the rules that change nothing but the form until none applies; inputs and outputs stay as they are. */
export function rewriteModel(model: OnnxModel): Rewritten {
  const applied: Applied[] = [];
  const made = new Set<string>();
  let current = fold(settleInputs(model, applied), applied, made);
  const fixed = fixReshapes(current);
  applied.push(...fixed.applied);
  if (fixed.applied.length > 0) current = fold(pruneUnused(fixed.model), applied, made);
  // Every application takes an operator out or turns it into another kind, so that this ends.
  for (;;) {
    const first = applyOnce(current, made, firstRules);
    const pass = first.applied.length > 0 ? first : applyOnce(current, made, lastRules);
    applied.push(...pass.applied);
    if (pass.applied.length === 0)
      return { model: current, applied, refused: [...fixed.refused, ...first.refused, ...pass.refused] };
    current = fold(pass.model, applied, made);
  }
}

/**
 * Initializers that a caller could give other values become constants: with the values that the model brings, it
 * computes the same, and a runtime may build on them.
 */
function settleInputs(model: OnnxModel, applied: Applied[]): OnnxModel {
  const { openInitializers = [], ...settled } = model;
  if (openInitializers.length === 0) return model;
  const open = new Set(openInitializers);
  const readers = model.nodes.filter(({ inputs }) => inputs.some((i) => open.has(i)));
  applied.push({ rule: 'settle inputs with values', operators: readers.map((n) => n.name) });
  return settled;
}

/** Tries every one of some rules on every operator once. */
function applyOnce(model: OnnxModel, made: Set<string>, tried: readonly Rule[]): Rewritten {
  const applied: Applied[] = [];
  const refused: Refused[] = [];
  let view = new GraphView(model);
  for (const rule of tried)
    for (const { name } of view.model.nodes) {
      const node = view.model.nodes.find((n) => n.name === name);
      const outcome = node ? rule.match(view, node) : null;
      if (outcome === null) continue;
      if (typeof outcome === 'string') {
        refused.push({ rule: rule.name, operator: name, reason: outcome });
        continue;
      }
      const { operators, nodes, initializers } = outcome;
      view = new GraphView(replaceRegion(view.model, new Set(operators), { nodes, initializers }));
      applied.push({ rule: rule.name, operators: inOrder(model, operators) });
      for (const { name: own } of nodes) made.add(own);
    }
  return { model: view.model, applied, refused };
}

const inOrder = (model: OnnxModel, operators: readonly string[]): string[] =>
  model.nodes.map((n) => n.name).filter((name) => operators.includes(name));

/** Folds constants and takes Identity out; what a rule left as an Identity is no news. */
function fold(model: OnnxModel, applied: Applied[], made: ReadonlySet<string>): OnnxModel {
  const folded = foldConstants(model);
  const left = new Set(folded.nodes.map((n) => n.name));
  const gone = model.nodes.filter((n) => !left.has(n.name) && !made.has(n.name));
  const report = (rule: string, operators: readonly string[]): void => {
    if (operators.length > 0) applied.push({ rule, operators });
  };
  report(
    'drop Identity',
    gone.filter((n) => n.type === 'Identity').map((n) => n.name),
  );
  report(
    'fold constants',
    gone.filter((n) => n.type !== 'Identity').map((n) => n.name),
  );
  return folded;
}

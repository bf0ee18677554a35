import type { OnnxNode, Tensor } from '../../onnx/model.ts';
import type { GraphView } from './graph-view.ts';

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

/** What to put in the place of some operators; results that are read outside keep their tensors' names. */
export interface Rewriting {
  readonly operators: readonly string[];
  readonly nodes: readonly OnnxNode[];
  readonly initializers: ReadonlyMap<string, Tensor>;
}

/** An exact rewrite: same results, up to rounding, in another form. */
export interface Rule {
  readonly name: string;
  /** Looks at one operator: null where it is no case for the rule, a text where it is one that cannot be done. */
  match(view: GraphView, node: OnnxNode): Rewriting | string | null;
}

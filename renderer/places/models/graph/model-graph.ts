import type { GraphOperator, ModelDetail, TensorPort } from '../../../../electron/contract/views.ts';

/** A box of the drawn graph: an operator, or where values come into the model or leave it. */
export interface GraphBox {
  /** Place of the operator in the model's list; null for an input or output. */
  readonly operator: number | null;
  readonly kind: 'operator' | 'input' | 'output';
  readonly type: string;
  readonly name: string;
  /** Why the operator stays as it is; null where it can be replaced. */
  readonly opaque: string | null;
}

/** The boxes of a model and how values flow between them. */
export interface ModelGraph {
  readonly boxes: readonly GraphBox[];
  /** Pairs of places in `boxes`, from the giver to the taker, each pair once. */
  readonly links: readonly (readonly [number, number])[];
  /** For each box, the boxes that it takes from and gives to. */
  readonly before: readonly (readonly number[])[];
  readonly after: readonly (readonly number[])[];
}

/** Joins operators by the values that they give and take; outputs that nobody takes get a box of their own. */
export function graphOf(model: Pick<ModelDetail, 'operators' | 'inputs' | 'outputs' | 'opaque'>): ModelGraph {
  const reasons = new Map(model.opaque.map(({ operator, reason }) => [operator, reason]));
  const boxes: GraphBox[] = [
    ...model.operators.map((operator, i) => operatorBox(operator, i, reasons.get(operator.name) ?? null)),
    ...model.inputs.map((port) => portBox(port, 'input')),
    ...model.outputs.map((port) => portBox(port, 'output')),
  ];
  const givers = new Map<string, number>();
  const firstPort = model.operators.length;
  model.inputs.forEach(({ name }, i) => {
    givers.set(name, firstPort + i);
  });
  model.operators.forEach(({ outputs }, i) => {
    for (const name of outputs) givers.set(name, i);
  });
  const before = boxes.map(() => new Set<number>());
  const take = (taker: number, name: string): void => {
    const giver = givers.get(name);
    if (giver !== undefined && giver !== taker) before[taker]!.add(giver);
  };
  model.operators.forEach(({ inputs }, i) => {
    for (const name of inputs) take(i, name);
  });
  model.outputs.forEach(({ name }, i) => {
    take(firstPort + model.inputs.length + i, name);
  });
  const after = boxes.map((): number[] => []);
  const links = before.flatMap((givers, taker) =>
    [...givers].map((giver) => {
      after[giver]!.push(taker);
      return [giver, taker] as const;
    }),
  );
  return { boxes, links, before: before.map((givers) => [...givers]), after };
}

const operatorBox = ({ name, type }: GraphOperator, operator: number, opaque: string | null): GraphBox => ({
  operator,
  kind: 'operator',
  type,
  name,
  opaque,
});

const portBox = (port: TensorPort, kind: 'input' | 'output'): GraphBox => ({
  operator: null,
  kind,
  type: port.name,
  name: shapeText(port.shape),
  opaque: null,
});

/** A shape as people write it, with `N` for any size: `[N, 1, 28, 28]`. */
export const shapeText = (shape: readonly number[]): string =>
  `[${shape.map((size) => (size < 0 ? 'N' : size)).join(', ')}]`;

import { neededTensors } from '../onnx/captures.ts';
import { consumersOf, producersOf } from '../onnx/graph.ts';
import type { OnnxModel, OnnxNode } from '../onnx/model.ts';
import { changesLayout, isKernelOf, nameCandidates } from './names.ts';

/** What the runtime executed, as its profile names it, in the order of execution. */
export interface ExecutedNode {
  readonly name: string;
  readonly type: string;
}

/** The user's operator behind one or more executed nodes. */
export interface MappedOperator {
  /** The user's operator; null for what the runtime put in itself and for the unmapped. */
  readonly operator: OnnxNode | null;
  readonly name: string;
  /** The operator's own type where the kernel computes it, else the kernel's (a fused LayerNormalization). */
  readonly type: string;
  /** Indices of the executed nodes. */
  readonly executed: readonly number[];
  /** Other operators of the user that are computed here, in topological order. */
  readonly absorbed: readonly OnnxNode[];
}

/** Every executed node in one row; names of nodes that are neither the user's nor layout changes in `unmapped`. */
export interface OperatorMapping {
  readonly operators: readonly MappedOperator[];
  readonly unmapped: readonly string[];
}

/** One executed node while its operators are being looked for. */
interface Unit {
  readonly index: number;
  readonly name: string;
  readonly type: string;
  /** The node of the optimized graph; null when that graph is not known. */
  readonly node: OnnxNode | null;
  /** The operator that the name or the output points at. */
  target: OnnxNode | null;
  /** The target was found by the operator's own name. */
  named: boolean;
}

/** Operators that move data: a compute kernel never takes one in behind it. */
const movements: ReadonlySet<string> = new Set(
  'Transpose Reshape Flatten Squeeze Unsqueeze Concat Split Slice Gather Shape Cast Pad Resize Upsample'.split(
    ' ',
  ),
);

/**
 * Maps executed nodes back to the user's operators. Each of the user's operators ends up in exactly one row (as
 * its operator or as absorbed), unless nothing was executed at all. `optimized` is the graph as the runtime
 * saved it; without it only names are used.
 */
export function mapOperators(
  model: OnnxModel,
  optimized: OnnxModel | null,
  executed: readonly ExecutedNode[],
): OperatorMapping {
  const search = new Search(model, optimized, executed);
  search.findTargets();
  const compute = search.units.filter((unit) => !search.isInserted(unit));
  const inserted = search.units.filter((unit) => search.isInserted(unit));
  for (const unit of compute) search.claimBackward(unit);
  // Residual additions and activations behind a blocked convolution have lost their tensor names.
  for (const unit of compute) search.claimForward(unit);
  for (const unit of inserted) search.claimBackward(unit);
  search.claimRest();
  return search.mapping();
}

class Search {
  readonly units: Unit[];
  private readonly model: OnnxModel;
  private readonly optimized: OnnxModel | null;
  private readonly byName: ReadonlyMap<string, OnnxNode>;
  private readonly producers: ReadonlyMap<string, OnnxNode>;
  private readonly consumers: ReadonlyMap<string, readonly OnnxNode[]>;
  private readonly owners = new Map<OnnxNode, Unit>();

  constructor(model: OnnxModel, optimized: OnnxModel | null, executed: readonly ExecutedNode[]) {
    this.model = model;
    this.optimized = optimized;
    this.byName = new Map(model.nodes.map((node) => [node.name, node]));
    this.producers = producersOf(model.nodes);
    this.consumers = consumersOf(model.nodes);
    const optimizedByName = new Map((optimized?.nodes ?? []).map((node) => [node.name, node]));
    this.units = executed.map(({ name, type }, index) => {
      const node = optimizedByName.get(name) ?? null;
      return { index, name, type, node, target: null, named: false };
    });
  }

  /** A layout change that is not the user's own Transpose or Cast. */
  isInserted(unit: Unit): boolean {
    return changesLayout(unit.type) && !unit.named;
  }

  /** Exact names first: a stripped name must not take an operator that was executed under its own. */
  findTargets(): void {
    for (const unit of this.units) this.setTarget(unit, this.byName.get(unit.name), true);
    for (const unit of this.units) if (!unit.target) this.findByStrippedName(unit);
    for (const unit of this.units)
      if (!unit.target && !changesLayout(unit.type)) {
        const producer = unit.node?.outputs.map((name) => this.producers.get(name)).find(Boolean);
        this.setTarget(unit, producer, false);
      }
  }

  private findByStrippedName(unit: Unit): void {
    for (const name of nameCandidates(unit.name).slice(1)) {
      const operator = this.byName.get(name);
      const isOwn = operator && (!changesLayout(unit.type) || this.isUsersLayout(unit, operator));
      const producer = changesLayout(unit.type) ? undefined : this.producers.get(name);
      this.setTarget(unit, isOwn ? operator : producer, Boolean(isOwn));
      if (unit.target) return;
    }
  }

  /** `Transpose_token_0` is the user's `Transpose` only if that was not executed under its own name. */
  private isUsersLayout(unit: Unit, operator: OnnxNode): boolean {
    return operator.type === unit.type && !this.owners.has(operator);
  }

  private setTarget(unit: Unit, operator: OnnxNode | undefined, named: boolean): void {
    if (!operator) return;
    unit.target = operator;
    unit.named = named;
    if (!this.owners.has(operator)) this.owners.set(operator, unit);
  }

  /** Claims the operators between the unit's inputs and what it is known to compute. */
  claimBackward(unit: Unit): void {
    const inputs = new Set(unit.node?.inputs.filter((name) => !this.isFoldedAway(name)));
    const stopsAtKernel = this.hasRenamedInputs(unit);
    const outputs = (unit.node?.outputs ?? []).map((name) => this.producers.get(name));
    const open = [unit.target, ...outputs].filter((node) => node != null);
    const seen = new Set<OnnxNode>();
    for (let node = open.pop(); node; node = open.pop()) {
      if (seen.has(node) || (this.owners.get(node) ?? unit) !== unit) continue;
      seen.add(node);
      this.owners.set(node, unit);
      if (stopsAtKernel && isKernelOf(unit.type, node.type)) continue;
      for (const name of neededTensors(node)) {
        const producer = inputs.has(name) ? undefined : this.producers.get(name);
        if (producer) open.push(producer);
      }
    }
  }

  /** A tensor that the user's graph computes and the optimized graph has as a constant. */
  private isFoldedAway(name: string): boolean {
    return (this.optimized?.initializers.has(name) ?? false) && this.producers.has(name);
  }

  /** True when the unit reads tensors under names that the user's graph does not know, or its inputs are unknown. */
  private hasRenamedInputs(unit: Unit): boolean {
    if (!unit.node) return true;
    const graphInputs = new Set(this.model.inputs.map((input) => input.name));
    return unit.node.inputs.some(
      (name) =>
        name !== '' &&
        !this.optimized?.initializers.has(name) &&
        !this.producers.has(name) &&
        !graphInputs.has(name),
    );
  }

  /** Claims elementwise operators behind a unit whose outputs carry no name of the user's graph. */
  claimForward(unit: Unit): void {
    if (!unit.target || (unit.node?.outputs.some((name) => this.producers.has(name)) ?? false)) return;
    const open = [...this.owners].filter(([, owner]) => owner === unit).map(([node]) => node);
    for (let node = open.pop(); node; node = open.pop())
      for (const consumer of node.outputs.flatMap((name) => this.consumers.get(name) ?? [])) {
        if (this.owners.has(consumer) || movements.has(consumer.type)) continue;
        if (this.latestOwnerOfInputs(consumer) !== unit) continue;
        this.owners.set(consumer, unit);
        open.push(consumer);
      }
  }

  /** The last executed unit among those that make the operator's inputs; null while one of them is unknown. */
  private latestOwnerOfInputs(operator: OnnxNode): Unit | null {
    let latest: Unit | null = null;
    for (const name of neededTensors(operator)) {
      const producer = this.producers.get(name);
      if (!producer) continue;
      const owner = this.owners.get(producer);
      if (!owner) return null;
      if (!latest || owner.index > latest.index) latest = owner;
    }
    return latest;
  }

  /** What was folded, merged with an equal or eliminated goes to the operator that reads it, else to its source. */
  claimRest(): void {
    for (const node of this.model.nodes.toReversed()) {
      if (this.owners.has(node)) continue;
      const readers = node.outputs.flatMap((name) => this.consumers.get(name) ?? []);
      const owner = readers.map((reader) => this.owners.get(reader)).find(Boolean);
      if (owner) this.owners.set(node, owner);
    }
    for (const node of this.model.nodes) {
      if (this.owners.has(node)) continue;
      const owner = this.latestOwnerOfInputs(node) ?? this.units.at(-1);
      if (owner) this.owners.set(node, owner);
    }
  }

  mapping(): OperatorMapping {
    const owned = new Map<Unit, OnnxNode[]>(this.units.map((unit) => [unit, []]));
    for (const node of this.model.nodes) {
      const owner = this.owners.get(node);
      if (owner) owned.get(owner)?.push(node);
    }
    const executedBy = new Map<Unit, number[]>(this.units.map((unit) => [unit, []]));
    for (const unit of this.units) executedBy.get(this.rowOf(unit))?.push(unit.index);
    const operators: MappedOperator[] = [];
    for (const unit of this.units) {
      const executed = executedBy.get(unit) ?? [];
      if (executed.length > 0) operators.push(this.toOperator(unit, owned.get(unit) ?? [], executed));
    }
    const isUnmapped = (unit: Unit): boolean => !unit.target && !this.isInserted(unit);
    return { operators, unmapped: this.units.filter(isUnmapped).map((unit) => unit.name) };
  }

  /** An operator that the runtime split over several nodes has its row at the first of them. */
  private rowOf(unit: Unit): Unit {
    return (unit.target && this.owners.get(unit.target)) ?? unit;
  }

  private toOperator(unit: Unit, owned: readonly OnnxNode[], executed: readonly number[]): MappedOperator {
    if (!unit.target) return { operator: null, name: unit.name, type: unit.type, executed, absorbed: owned };
    const isKernel = (node: OnnxNode): boolean => isKernelOf(unit.type, node.type);
    const kernel = isKernel(unit.target) ? unit.target : owned.find(isKernel);
    const operator = kernel ?? unit.target;
    const absorbed = owned.filter((node) => node !== operator);
    return { operator, name: operator.name, type: kernel?.type ?? unit.type, executed, absorbed };
  }
}

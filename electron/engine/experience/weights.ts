import type { Experience, Features } from '../../store/experiences.ts';

/** The group that proposals are wanted for. */
export interface GroupKind {
  /** ONNX operator types, in the order of the graph. */
  readonly operatorTypes: readonly string[];
  readonly features: Features;
}

/**
 * How much each form of an edit (`depthwise 3`, and `depthwise` for all of its name) is expected to bring, 1 for one
 * that nobody tried.
 */
export type FormWeights = ReadonlyMap<string, number>;

/** What is tried must beat its group by this on the board to count as a gain. */
export const neededRatio = 1.1;
/** What is expected of a form before it was tried: half of the trials gain, and those half of the time. */
const priorGain = 0.5 * 0.5;
/** The prior counts like so many trials on the very same group. */
const priorTrials = 3;
/** What was seen on another board or with another runtime counts less. */
const trust = { here: 1, otherRuntime: 0.7, elsewhere: 0.4 } as const;

/**
 * The weight of every form that was tried, for a kind of group: the expected gain (the share of time saved, 0 where
 * it was none worth having, less where it did damage) over that of an untried form, which the prior keeps from ever reaching 0.
 * Trials count by how alike their group is: its operators, its arithmetic, its memory traffic.
 */
export function weightsFrom(experiences: readonly Experience[], group: GroupKind): FormWeights {
  const named = new Map<string, Tally>();
  const exact = new Map<string, Tally>();
  for (const experience of experiences) {
    const weight = trust[experience.where] * likeness(experience, group);
    // Of several edits together none is told apart; each is thanked in part.
    const share = weight / experience.forms.length;
    const gain = gainOf(experience);
    for (const form of experience.forms) {
      count(exact, form, share, gain);
      count(named, nameOf(form), share, gain);
    }
  }
  const weights = new Map<string, number>();
  for (const [name, { trials, gain }] of named)
    weights.set(name, (gain + priorTrials * priorGain) / (trials + priorTrials) / priorGain);
  for (const [form, { trials, gain }] of exact) {
    const prior = weights.get(nameOf(form))! * priorGain;
    weights.set(form, (gain + priorTrials * prior) / (trials + priorTrials) / priorGain);
  }
  return weights;
}

/** The weight of a set of edits: the geometric mean over their forms. */
export function weightOf(weights: FormWeights, forms: readonly string[]): number {
  const each = forms.map((form) => Math.log(weights.get(form) ?? weights.get(nameOf(form)) ?? 1));
  return Math.exp(each.reduce((a, b) => a + b, 0) / Math.max(1, each.length));
}

interface Tally {
  trials: number;
  gain: number;
}

const nameOf = (form: string): string => form.split(' ')[0]!;

function count(tallies: Map<string, Tally>, form: string, trials: number, gain: number): void {
  const tally = tallies.get(form) ?? { trials: 0, gain: 0 };
  tallies.set(form, { trials: tally.trials + trials, gain: tally.gain + trials * gain });
}

const gainOf = ({ ratio, damage }: Experience): number =>
  ratio < neededRatio ? 0 : (1 - 1 / ratio) / (1 + Math.max(0, damage ?? 0));

/** 1 for a group of the same operators and amounts, towards 0 for an unlike one. */
function likeness(experience: Experience, group: GroupKind): number {
  const kind = overlap(experience.operatorTypes, group.operatorTypes) ** 2;
  const distance = ['multiply-adds', 'bytes'].map((unit) =>
    Math.abs(Math.log1p(total(experience.baselineFeatures, unit)) - Math.log1p(total(group.features, unit))),
  );
  return kind * Math.exp(-Math.max(...distance) / 3);
}

const kinds = new WeakMap<Features, Map<string, number>>();

/** Sum of a program's amounts of one unit over all kinds of instructions. */
function total(features: Features, unit: string): number {
  const known = kinds.get(features) ?? new Map<string, number>();
  kinds.set(features, known);
  const sum =
    known.get(unit) ??
    Object.entries(features).reduce(
      (all, [name, value]) => (name.endsWith(` ${unit}`) ? all + value : all),
      0,
    );
  known.set(unit, sum);
  return sum;
}

/** Operators in common over those of either, each as often as it occurs. */
function overlap(a: readonly string[], b: readonly string[]): number {
  const left = [...b];
  let common = 0;
  for (const type of a) {
    const at = left.indexOf(type);
    if (at < 0) continue;
    left.splice(at, 1);
    common++;
  }
  return common / Math.max(1, a.length + b.length - common);
}

import { valuesBehind } from '../../search/quantize.ts';
import { neededSpeedup } from '../networks/evaluation.ts';
import type { Reference } from '../networks/fit.ts';
import { calibratedInt8 } from '../networks/precision.ts';
import { bestSpeedup, type Contender, type Precision, type Student } from '../networks/student.ts';
import type { Study } from '../study.ts';
import { selectAccuracy, type Trained } from './lessons.ts';
import { apart, fastestFrom, firstLook, type Goals, stillOpen } from './looks.ts';

/** A student under tuning. */
export interface Trainee {
  readonly student: Student;
  /** What it is trained in. */
  readonly precision: Precision;
  /** In that precision. */
  readonly trained: Trained;
  readonly contenders: readonly Contender[];
}

/**
 * A trainee as it goes on: in 8 bits from here where that is its faster form and rounding costs more than `tolerated`
 * points, which only training in 8 bits brings back.
 */
export function inOwnPrecision(trainee: Trainee, tolerated: number): Trainee {
  const rounded = trainee.contenders.find(({ precision }) => precision === 'int8');
  if (trainee.precision === 'int8' || !rounded || rounded.speedup < bestSpeedup(trainee.student))
    return trainee;
  if (trainee.trained.selectAccuracy - rounded.selectAccuracy <= tolerated) return trainee;
  return { ...trainee, precision: 'int8', trained: trainedOf(rounded) };
}

/** What a contender's next leg starts from. */
export const trainedOf = ({ form, selectAccuracy: reached, steps }: Contender): Trained => ({
  ...form,
  selectAccuracy: reached,
  steps,
});

/** A contender in 8 bits, to be trained so. */
export const traineeInInt8 = (contender: Contender): Trainee => ({
  student: contender.student,
  precision: 'int8',
  trained: trainedOf(contender),
  contenders: [contender],
});

/** A contender after a leg in its own precision. */
export function retrained(before: Contender, trained: Trained): Contender {
  const { program, parameters, selectAccuracy: reached, steps } = trained;
  return { ...before, form: { program, parameters }, selectAccuracy: reached, steps };
}

/** A trainee after another leg, which led to `trained`, with what it reaches in each form that is faster than A. */
export async function afterLeg(
  study: Study,
  reference: Reference,
  before: Trainee,
  trained: Trained,
  worthwhile: number,
): Promise<Trainee> {
  const { student, precision } = before;
  if (precision === 'float') {
    const contenders = await contendersOf(study, reference, student, trained, worthwhile);
    return { ...before, trained, contenders };
  }
  const contenders = before.contenders.map((c) => (c.precision === 'int8' ? retrained(c, trained) : c));
  return { ...before, trained, contenders };
}

/**
 * The forms of a trained program that are faster than A, each with what it reaches. 8 bits are not tried where the
 * program reaches less than `worthwhile` in float.
 */
export async function contendersOf(
  study: Study,
  reference: Reference,
  student: Student,
  trained: Trained,
  worthwhile: number,
): Promise<Contender[]> {
  const { program, parameters, selectAccuracy: reached, steps } = trained;
  const found: Contender[] = [];
  const { speedup, int8Speedup } = student;
  if (speedup >= neededSpeedup)
    found.push({
      student,
      precision: 'float',
      speedup,
      selectAccuracy: reached,
      steps,
      form: { program, parameters },
    });
  if (int8Speedup === null || int8Speedup < neededSpeedup || reached < worthwhile) return found;
  const form = await calibratedInt8(study, reference, program, parameters, student.inFloat);
  if (!form) return found;
  const inInt8 = await selectAccuracy(study, reference, form.program, form.parameters);
  found.push({ student, precision: 'int8', speedup: int8Speedup, selectAccuracy: inInt8, steps, form });
  return found;
}

/** Points behind the most accurate from which a student does not come back within a leg. */
const reach = 12;
/** So many go on all the same: one alone is the luck of one, and leaves a core nearly idle. */
const fewest = 2;
/** Points below the bold goal from which a last leg, at its gentle rate, does not lead up to it. */
const outOfReach = 4;

/** All that could be delivered, and who deserves more time. */
export class Roster {
  readonly goals: Goals;
  readonly #targetSpeedup: number | null;
  readonly #doubt: number;
  /** A itself in its forms. */
  #ofBase: readonly Contender[] = [];
  #trainees: readonly Trainee[] = [];

  /**
   * `doubt`: by how many points what is reached may be beyond the goal by chance alone; 0 where the samples for choosing
   * are enough.
   */
  constructor(goals: Goals, targetSpeedup: number | null, doubt = 0) {
    this.goals = goals;
    this.#targetSpeedup = targetSpeedup;
    this.#doubt = doubt;
  }

  /** Whether the samples for choosing are so few that chance decides among what is near the goal. */
  get isInDoubt(): boolean {
    return this.#doubt > 0;
  }

  /** Whether one reaches more than another, and not by chance. */
  isClearlyBetter(one: Pick<Trained, 'selectAccuracy'>, other: Pick<Trained, 'selectAccuracy'>): boolean {
    return one.selectAccuracy > other.selectAccuracy + this.#doubt;
  }

  get contenders(): readonly Contender[] {
    return [...this.#ofBase, ...this.#trainees.flatMap((t) => t.contenders)];
  }

  admitBase(contenders: readonly Contender[]): void {
    this.#ofBase = [...this.#ofBase, ...contenders];
  }

  /**
   * A in 8 bits, to be trained so, where nothing but rounding keeps it from the bold goal; null where it reaches that,
   * or is no faster. From then on it is one of the trainees.
   */
  takeRounded(): Trainee | null {
    const rounded = this.#ofBase.filter(({ precision }) => precision === 'int8');
    const best = rounded.toSorted((a, b) => b.selectAccuracy - a.selectAccuracy)[0];
    if (!best || best.selectAccuracy >= this.goals.bold || best.speedup < bestSpeedup(best.student))
      return null;
    this.#ofBase = this.#ofBase.filter((c) => !rounded.includes(c));
    return traineeInInt8(best);
  }

  admit(trainees: readonly Trainee[]): void {
    this.#trainees = [...this.#trainees, ...trainees];
  }

  replace(old: Contender, better: Contender): void {
    const renewed = (list: readonly Contender[]) => list.map((c) => (c === old ? better : c));
    this.#ofBase = renewed(this.#ofBase);
    this.#trainees = this.#trainees.map((t) => ({ ...t, contenders: renewed(t.contenders) }));
  }

  /** Speed of the fastest that reaches the bold goal; 1 where none does. */
  get secured(): number {
    const reaching = this.contenders.filter((c) => c.selectAccuracy >= this.goals.bold);
    return Math.max(1, ...reaching.map((c) => c.speedup));
  }

  /** Speed of the slowest that is faster than that and was tuned in vain; null where there is none. */
  get missed(): number | null {
    const { secured } = this;
    const speeds = this.#trainees.map(({ student }) => bestSpeedup(student)).filter((s) => s > secured);
    return speeds.length > 0 ? Math.min(...speeds) : null;
  }

  /** The speed-up asked for is there. */
  get isEnough(): boolean {
    return this.#targetSpeedup !== null && this.secured >= this.#targetSpeedup;
  }

  /**
   * At most `count` of a round's trainees that deserve another leg, the most accurate first, and as long as there are
   * others none that is as fast as one before it. Where that is one alone, the best of those it beats joins it. The
   * fastest that has reached the goal is among them as long as that may be chance, unless all places are taken by those
   * that may come up to it.
   */
  stillOpen(trainees: readonly Trainee[], count: number): Trainee[] {
    const judged = trainees.map((trainee) => {
      const speedup = bestSpeedup(trainee.student);
      const fastest = trainee.contenders.find((c) => c.speedup === speedup);
      return { speedup, selectAccuracy: (fastest ?? trainee.trained).selectAccuracy, trainee };
    });
    const earlier = this.contenders.map((c) => ({ ...c, trainee: null }));
    const all = [...judged, ...earlier];
    const open = stillOpen(all, this.goals, this.#targetSpeedup);
    const nearest = open[0]?.selectAccuracy ?? 0;
    const near = open
      .filter(({ selectAccuracy: reached }, place) => place < fewest || nearest - reached <= reach)
      .filter(({ trainee }) => trainee !== null);
    const isShort = near.length > 0 && near.length < fewest;
    const beaten = isShort
      ? judged
          .filter((one) => one.speedup > this.secured && !near.includes(one))
          .sort((a, b) => b.selectAccuracy - a.selectAccuracy)
      : [];
    const next = apart([...near, ...beaten], isShort ? Math.min(fewest, count) : count);
    const held = fastestFrom(all, this.goals.bold);
    const byChance = held && held.selectAccuracy < this.goals.bold + this.#doubt ? [held] : [];
    const isFar = ({ selectAccuracy: reached }: Pick<Trained, 'selectAccuracy'>) =>
      byChance.some((one) => one.selectAccuracy - reached > reach);
    const inOrder = [...next.filter((one) => !isFar(one)), ...byChance, ...next.filter(isFar)];
    return inOrder.flatMap(({ trainee }) => trainee ?? []).slice(0, count);
  }

  /** What gets one more leg: the best that reaches the goal, and a faster one that nearly does. */
  forLastLeg(): Contender[] {
    const { contenders, goals } = this;
    if (contenders.length === 0) return [];
    const first = firstLook(contenders, goals);
    const bolder = contenders
      .filter((c) => c.speedup > first.speedup && c.selectAccuracy >= goals.bold - outOfReach)
      .sort((a, b) => b.selectAccuracy - a.selectAccuracy)[0];
    return bolder ? [bolder, first] : [first];
  }

  /** What a later round goes on from: the fastest trained student that reaches the bold goal, and that which reaches the safe one. */
  bases(original: Student, tuned: Trained): Student[] {
    const judged = this.#trainees.flatMap(({ student, trained, contenders }) => {
      const key = `${student.key}+${trained.steps}`;
      const parameters = valuesBehind(trained.parameters, student.parameters);
      return contenders.map(({ speedup, selectAccuracy: reached }) => ({
        speedup,
        selectAccuracy: reached,
        base: { ...student, key, parameters },
      }));
    });
    const ofA = {
      speedup: bestSpeedup(original),
      selectAccuracy: tuned.selectAccuracy,
      base: { ...original, key: `${original.key}+tuned`, parameters: tuned.parameters },
    };
    const all = [...judged, ofA];
    const bold = firstLook(all, this.goals).base;
    const safe = firstLook(all, { bold: this.goals.safe }).base;
    return bold.key === safe.key ? [bold] : [bold, safe];
  }
}

import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { ProgressNote } from '../../contract/run-notes.ts';
import type { Parameters } from '../instructions/program.ts';
import { spreadOverFront } from '../search/specifications.ts';
import type { Lessons } from '../tuning/distil.ts';
import { breedOn } from './breeding.ts';
import { evolve, neededSpeedup } from './evolve.ts';
import type { Reference } from './fit.ts';
import { lessonsOf, school, selectAccuracy, type Trained } from './lessons.ts';
import { type Goals, goalsOf, looksOf, stillOpen } from './looks.ts';
import { pointOf } from './points.ts';
import { calibratedInt8 } from './precision.ts';
import { bestSpeedup, type Contender, keyOfContender, type Student } from './student.ts';
import type { Study } from './study.ts';

/** What fine-tuning came to. */
export interface Tuning {
  /** All that could be delivered, as it is now. */
  readonly contenders: readonly Contender[];
  /** What is to be judged on the verify part, in turn. */
  readonly looks: readonly Contender[];
  /** A after the same fine-tuning. */
  readonly original: { readonly parameters: Parameters; readonly steps: number };
  /** Accuracy of A as delivered on `select`, percent. */
  readonly originalSelect: number;
  /** Rounds of evolution and fine-tuning. */
  readonly rounds: number;
}

/** A student under tuning. */
interface Trainee {
  readonly student: Student;
  readonly trained: Trained;
  readonly contenders: readonly Contender[];
}

/**
 * How the seconds for tuning are spent: A itself, rounds of evolution with rungs of fewer and fewer students, and a last
 * leg for what is nearly there. A net that is nearly as good as A forgets at the rate that a damaged one needs, so
 * the rates fall from rung to rung.
 */
const plan = {
  original: { share: 0.1, peakRate: 1e-4 },
  first: {
    share: 0.45,
    rungs: [
      { keep: 5, share: 0.25, peakRate: 1e-3 },
      { keep: 3, share: 0.35, peakRate: 5e-4 },
      { keep: 2, share: 0.4, peakRate: 2e-4 },
    ],
  },
  later: {
    share: 0.2,
    /** Part of a round that goes into evolution. */
    evolution: 0.3,
    rungs: [
      { keep: 3, share: 0.3, peakRate: 5e-4 },
      { keep: 2, share: 0.4, peakRate: 2e-4 },
    ],
  },
  last: { keep: 2, share: 0.15, peakRate: 1e-4 },
} as const;
/** Shorter rounds bring nothing to an end. */
const shortestRound = 40;
/** Whole-network specifications that each round tunes. */
const finalists = { first: 5, later: 3 } as const;
/** Past this, times the speed of A in its best form, no student has come back within a budget of minutes. */
const boldest = 5;
const mostBarren = 2;

/** Shorter legs are all set-up, seconds. */
const shortestLeg = 1;

type Rung = { readonly keep: number; readonly share: number; readonly peakRate: number };

/** The students that go on to fine-tuning: at different speeds, the least damaged of each stretch. */
export function finalistsOf(students: readonly Student[], base: Student, round: number): Student[] {
  const measured = students.map((student) => ({
    student,
    speedup: bestSpeedup(student),
    damage: student.damage,
  }));
  const count = round === 1 ? finalists.first : finalists.later;
  const limit = boldest * Math.max(1, bestSpeedup(base));
  return spreadOverFront(measured, count, limit).map(({ student }) => student);
}

/**
 * Fine-tunes students by successive halving, in rounds: each later one begins with gentle changes of the best so far,
 * until the speed-up asked for is reached, two rounds brought nothing, or the time is over. `originalVerify`: percent
 * of A on the verify part, where no student is looked at before the end.
 */
export async function tune(
  study: Study,
  reference: Reference,
  base: Student,
  first: readonly Student[],
  seconds: number,
  originalVerify: number,
): Promise<Tuning> {
  const tuner = await Tuner.open(study, reference, base, seconds, originalVerify);
  await tuner.firstRound(first);
  await tuner.laterRounds();
  await tuner.lastLeg();
  return tuner.outcome();
}

class Tuner {
  readonly #study: Study;
  readonly #reference: Reference;
  readonly #base: Student;
  readonly #seconds: number;
  readonly #started = performance.now();
  readonly #originalSelect: number;
  readonly #goals: Goals;
  readonly #original: Trained;
  readonly #lessons: Lessons;
  #trainees: Trainee[] = [];
  /** A itself in its forms. */
  readonly #ofBase: Contender[] = [];
  #rounds = 0;

  static async open(
    study: Study,
    reference: Reference,
    base: Student,
    seconds: number,
    originalVerify: number,
  ): Promise<Tuner> {
    const { program, parameters } = study.whole!;
    const originalSelect = await selectAccuracy(study, reference, program, parameters);
    study.host.event({ kind: 'originalAccuracy', percent: originalSelect });
    const asDelivered: Trained = { program, parameters, selectAccuracy: originalSelect, steps: 0 };
    const { share, peakRate } = plan.original;
    const original = await school(study, reference, lessonsOf(study, study.whole!), asDelivered, {
      name: 'original',
      seconds: seconds * share,
      peakRate,
      onProgress: (done) => tell(study, done * share, { kind: 'originalTuned' }),
    });
    const goals = goalsOf({ select: originalSelect, verify: originalVerify }, study.job.maxAccuracyDrop);
    const tuner = new Tuner(study, reference, base, seconds, { originalSelect, goals, original });
    await tuner.#admitBase(asDelivered, original);
    return tuner;
  }

  private constructor(
    study: Study,
    reference: Reference,
    base: Student,
    seconds: number,
    known: { readonly originalSelect: number; readonly goals: Goals; readonly original: Trained },
  ) {
    this.#study = study;
    this.#reference = reference;
    this.#base = base;
    this.#seconds = seconds;
    this.#originalSelect = known.originalSelect;
    this.#goals = known.goals;
    this.#original = known.original;
    this.#lessons = lessonsOf(study, {
      program: known.original.program,
      parameters: known.original.parameters,
    });
  }

  /** A itself is a contender where the exact rewrites or 8 bits alone make it faster; tuned, and as it was. */
  async #admitBase(asDelivered: Trained, tuned: Trained): Promise<void> {
    const states = tuned.selectAccuracy > asDelivered.selectAccuracy ? [asDelivered, tuned] : [asDelivered];
    for (const trained of states) this.#ofBase.push(...(await this.#contendersOf(this.#base, trained)));
  }

  async firstRound(students: readonly Student[]): Promise<void> {
    await this.#round(students, plan.first.rungs, this.#seconds * plan.first.share);
  }

  async laterRounds(): Promise<void> {
    const { share, evolution, rungs } = plan.later;
    const seconds = Math.max(shortestRound, this.#seconds * share);
    const memo = { rounds: this.#base.key, seed: this.#study.job.seed };
    const known = (await this.#study.host.recall('tune', memo))?.value as { rounds: number } | undefined;
    const hasTime = () =>
      known
        ? this.#rounds < known.rounds
        : this.#secondsLeft() > seconds + this.#seconds * plan.last.share * 0.7;
    for (let barren = 0; barren < mostBarren && hasTime() && !this.#isEnough(); ) {
      const before = this.#secured();
      const bases = this.#bases();
      const rng = xoroshiro128plus(this.#study.job.seed + this.#rounds);
      const breeding = breedOn(this.#study, bases, rng);
      const population = await evolve(
        this.#study,
        this.#reference,
        { round: this.#rounds + 1, seconds: seconds * evolution, population: 12, ...breeding },
        rng,
      );
      const faster = population.filter((student) => bestSpeedup(student) > before);
      await this.#round(finalistsOf(faster, this.#base, 2), rungs, seconds * (1 - evolution));
      barren = this.#secured() > before ? 0 : barren + 1;
    }
    if (!known) await this.#study.host.record('tune', memo, { value: { rounds: this.#rounds }, blob: null });
  }

  /** One more leg, in the precision of each, for the best that reaches the goal and for a faster one that nearly does. */
  async lastLeg(): Promise<void> {
    const { keep, share, peakRate } = plan.last;
    const all = this.#all();
    if (all.length === 0) return;
    const [first] = looksOf(all, this.#goals);
    const bolder = all
      .filter((c) => c.speedup > first!.speedup)
      .sort((a, b) => b.selectAccuracy - a.selectAccuracy)[0];
    const chosen = [bolder, first].flatMap((c) => c ?? []).slice(0, keep);
    const seconds = Math.max(2 * shortestLeg, this.#secondsLeft());
    for (const [i, c] of chosen.entries()) {
      const before = { ...c.form, selectAccuracy: c.selectAccuracy, steps: c.steps };
      const after = await school(this.#study, this.#reference, this.#lessons, before, {
        name: `last ${keyOfContender(c)} ${c.steps}`,
        seconds: seconds / chosen.length,
        peakRate,
        onProgress: (done) =>
          this.#tell(1 - share + (share * (i + done)) / chosen.length, {
            kind: 'studentAtWork',
            rung: this.#rounds + 1,
            student: i + 1,
            students: chosen.length,
            speedup: c.speedup,
          }),
      });
      const better: Contender = {
        ...c,
        form: { program: after.program, parameters: after.parameters },
        selectAccuracy: after.selectAccuracy,
        steps: after.steps,
      };
      this.#replace(c, better);
      this.#showTuned(better);
    }
  }

  outcome(): Tuning {
    const contenders = this.#all();
    return {
      contenders,
      looks: contenders.length > 0 ? looksOf(contenders, this.#goals) : [],
      original: { parameters: this.#original.parameters, steps: this.#original.steps },
      originalSelect: this.#originalSelect,
      rounds: this.#rounds,
    };
  }

  async #round(students: readonly Student[], rungs: readonly Rung[], seconds: number): Promise<void> {
    this.#rounds++;
    let trainees: Trainee[] = students.map((student) => ({
      student,
      trained: { ...student, selectAccuracy: 0, steps: 0 },
      contenders: [],
    }));
    const until = performance.now() + 1000 * seconds;
    for (const [rung, { keep, peakRate }] of rungs.entries()) {
      const open = rung === 0 ? trainees : this.#stillOpen(trainees).slice(0, keep);
      const share = shareOfRest(rungs, rung);
      const rungSeconds = (share * (until - performance.now())) / 1000;
      const rungUntil = performance.now() + 1000 * rungSeconds;
      for (const [i, trainee] of open.entries()) {
        const place = { rung, student: i + 1, students: open.length };
        // What judging a student took is not lost to the round: those after it get what is left.
        const each = Math.max(shortestLeg, (rungUntil - performance.now()) / 1000 / (open.length - i));
        const next = await this.#train(trainee, place, each, peakRate);
        trainees = trainees.map((t) => (t === trainee ? next : t));
      }
    }
    this.#trainees = [...this.#trainees, ...trainees];
  }

  async #train(
    { student, trained }: Trainee,
    place: { readonly rung: number; readonly student: number; readonly students: number },
    seconds: number,
    peakRate: number,
  ): Promise<Trainee> {
    const speedup = bestSpeedup(student);
    const rung = place.rung + 1;
    const next = await school(this.#study, this.#reference, this.#lessons, trained, {
      name: `${student.key} round ${this.#rounds} rung ${rung}`,
      seconds,
      peakRate,
      onProgress: () => this.#tell(this.#spent(), { kind: 'studentAtWork', ...place, rung, speedup }),
    });
    const contenders = await this.#contendersOf(student, next);
    for (const contender of contenders) this.#showTuned(contender);
    const fastest = contenders.reduce<Contender | null>((a, b) => (a && a.speedup > b.speedup ? a : b), null);
    this.#tell(this.#spent(), {
      kind: 'studentDone',
      rung,
      speedup,
      accuracy: fastest?.selectAccuracy ?? next.selectAccuracy,
      originalAccuracy: this.#originalSelect,
      steps: next.steps,
    });
    return { student, trained: next, contenders };
  }

  /** The forms of a trained program that are faster than A, each with what it reaches. */
  async #contendersOf(student: Student, trained: Trained): Promise<Contender[]> {
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
    if (int8Speedup === null || int8Speedup < neededSpeedup) return found;
    const form = await calibratedInt8(this.#study, this.#reference, program, parameters);
    if (!form) return found;
    const inInt8 = await selectAccuracy(this.#study, this.#reference, form.program, form.parameters);
    const int8 = {
      student,
      precision: 'int8',
      speedup: int8Speedup,
      selectAccuracy: inInt8,
      steps,
      form,
    } as const;
    return [...found, int8];
  }

  #all(): Contender[] {
    return [...this.#ofBase, ...this.#trainees.flatMap((t) => t.contenders)];
  }

  #replace(old: Contender, better: Contender): void {
    const at = this.#ofBase.indexOf(old);
    if (at >= 0) this.#ofBase[at] = better;
    this.#trainees = this.#trainees.map((t) => ({
      ...t,
      contenders: t.contenders.map((c) => (c === old ? better : c)),
    }));
  }

  /** Speed of the fastest that reaches the bold goal; 1 where none does. */
  #secured(): number {
    return Math.max(
      1,
      ...this.#all().flatMap((c) => (c.selectAccuracy >= this.#goals.bold ? [c.speedup] : [])),
    );
  }

  #isEnough(): boolean {
    const { targetSpeedup } = this.#study.job;
    return targetSpeedup !== null && this.#secured() >= targetSpeedup;
  }

  #stillOpen(trainees: readonly Trainee[]): Trainee[] {
    const secured = this.#ofBase.map((c) => ({ ...c, trainee: null }));
    const judged = trainees.map((trainee) => {
      const { student, trained, contenders } = trainee;
      const fastest = contenders.find((c) => c.speedup === bestSpeedup(student));
      const reached = fastest?.selectAccuracy ?? trained.selectAccuracy;
      return { speedup: bestSpeedup(student), selectAccuracy: reached, trainee };
    });
    const earlier = this.#trainees.flatMap((t) => t.contenders.map((c) => ({ ...c, trainee: null })));
    return stillOpen([...judged, ...secured, ...earlier], this.#goals, this.#study.job.targetSpeedup).flatMap(
      ({ trainee }) => trainee ?? [],
    );
  }

  /** What a later round goes on from: the fastest trained student that reaches the bold goal, and the next best. */
  #bases(): Student[] {
    const judged = this.#trainees.flatMap(({ student, trained, contenders }) =>
      contenders.map((c) => ({
        speedup: c.speedup,
        selectAccuracy: c.selectAccuracy,
        base: { ...student, key: `${student.key}+${trained.steps}`, parameters: trained.parameters },
      })),
    );
    const ofA = {
      speedup: bestSpeedup(this.#base),
      selectAccuracy: this.#original.selectAccuracy,
      base: { ...this.#base, key: `${this.#base.key}+tuned`, parameters: this.#original.parameters },
    };
    const looks = looksOf([...judged, ofA], this.#goals).map(({ base }) => base);
    return looks.filter((base, i) => looks.findIndex((b) => b.key === base.key) === i);
  }

  #showTuned(contender: Contender): void {
    const known = { accuracy: contender.selectAccuracy, originalAccuracy: this.#originalSelect };
    this.#study.live.point(pointOf(this.#study, contender, 'tuned', known));
  }

  #secondsLeft(): number {
    return this.#seconds - (performance.now() - this.#started) / 1000;
  }

  #spent(): number {
    return Math.min(1, 1 - this.#secondsLeft() / this.#seconds);
  }

  #tell(done: number, note: ProgressNote): void {
    tell(this.#study, done, note);
  }
}

/** The part of the time left that a rung may take, those behind it included in the count. */
const shareOfRest = (rungs: readonly Rung[], rung: number): number =>
  rungs[rung]!.share / rungs.slice(rung).reduce((sum, { share }) => sum + share, 0);

const tell = (study: Study, done: number, note: ProgressNote): void =>
  study.host.event({ kind: 'progress', stage: 'tune', done: Math.round(100 * done), total: 100, note });

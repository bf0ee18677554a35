import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { ProgressNote } from '../../../contract/run-notes.ts';
import type { Parameters } from '../../instructions/program.ts';
import { standardError } from '../../verify/intervals.ts';
import { breedOn } from '../networks/breeding.ts';
import { evolve } from '../networks/evolve.ts';
import type { Reference } from '../networks/fit.ts';
import { pointOf } from '../networks/points.ts';
import { gentlerBase, timeAgain } from '../networks/precision.ts';
import { bestSpeedup, type Contender, keyOfContender, type Student } from '../networks/student.ts';
import type { Study } from '../study.ts';
import { laterFinalists, laterRange } from './finalists.ts';
import {
  type Classroom,
  openSchools,
  passesOf,
  type Schooling,
  school,
  selectAccuracy,
  type Trained,
} from './lessons.ts';
import { firstLook, goalsOf } from './looks.ts';
import { firstRoundSeconds, laterRoundSeconds, plan, type Rung, shareOfRest } from './plan.ts';
import {
  afterLeg,
  contendersOf,
  inOwnPrecision,
  Roster,
  retrained,
  type Trainee,
  trainedOf,
  traineeInInt8,
} from './roster.ts';

/** What the first evolution leaves to fine-tuning. */
export interface Bred {
  /** A itself, timed. */
  readonly base: Student;
  readonly finalists: readonly Student[];
  /** Its other students. */
  readonly reserve: readonly Student[];
}

/** What fine-tuning came to. */
export interface Tuning {
  /** All that could be delivered, as it is now. */
  readonly contenders: readonly Contender[];
  /** What is to be judged on the verify part first; null where nothing is faster than A. */
  readonly first: Contender | null;
  /** A after the same fine-tuning. */
  readonly original: { readonly parameters: Parameters; readonly steps: number };
  /** Accuracy of A as delivered on `select`, percent. */
  readonly originalSelect: number;
  /** Rounds of evolution and fine-tuning. */
  readonly rounds: number;
}

/** Points below the bold goal from which 8 bits, which seldom gain accuracy, are not worth a look. */
const hopeless = 4;
const mostBarren = 2;
/** Shorter legs are all set-up, seconds. */
const shortestLeg = 1;

/**
 * Fine-tunes students by successive halving, in rounds: each later one begins with gentle changes of the best so far,
 * until the speed-up asked for is reached, two rounds brought nothing, or the time is over. `originalVerify`: percent
 * of A on the verify part, where no student is looked at before the end.
 */
export async function tune(
  study: Study,
  reference: Reference,
  { base, finalists, reserve }: Bred,
  seconds: number,
  originalVerify: number,
): Promise<Tuning> {
  const schools = openSchools(study);
  try {
    const classroom = { study, reference, schools, teacher: study.whole! };
    const tuner = await Tuner.open(classroom, base, seconds, originalVerify);
    await tuner.firstRound(finalists);
    await tuner.laterRounds(reserve);
    await tuner.lastLeg();
    return tuner.outcome();
  } finally {
    schools.close();
  }
}

class Tuner {
  readonly #classroom: Classroom;
  readonly #base: Student;
  readonly #seconds: number;
  /** When work on A itself began, ms. */
  readonly #started: number;
  readonly #originalSelect: number;
  /** A after the same fine-tuning. */
  readonly #original: Trained;
  /** The better of that and A as delivered: it teaches, and is bred from. */
  readonly #best: Trained;
  readonly #roster: Roster;
  /** Passes of A over its samples in a second: few samples are learnt soon. */
  readonly #pace: number;
  #rounds = 0;

  static async open(
    classroom: Classroom,
    base: Student,
    seconds: number,
    originalVerify: number,
  ): Promise<Tuner> {
    const started = performance.now();
    const { study, reference } = classroom;
    const { program, parameters } = study.whole!;
    const originalSelect = await selectAccuracy(study, reference, program, parameters);
    study.host.event({ kind: 'originalAccuracy', percent: originalSelect });
    const asDelivered: Trained = { program, parameters, selectAccuracy: originalSelect, steps: 0 };
    const { share, peakRate } = plan.original;
    const original = await school(classroom, asDelivered, {
      name: 'original',
      seconds: seconds * share,
      peakRate,
      together: 1,
      onProgress: (done) => tell(study, done * share, { kind: 'originalTuned' }),
    });
    const { maxAccuracyDrop, targetSpeedup } = study.job;
    const goals = goalsOf({ select: originalSelect, verify: originalVerify }, maxAccuracyDrop);
    const roster = new Roster(goals, targetSpeedup, doubtOf(study, originalSelect));
    // A that only seems better for having seen its few samples once more has less to say about them.
    const isBetter = roster.isClearlyBetter(original, asDelivered);
    // A itself is a contender where the exact rewrites or 8 bits alone make it faster; tuned, and as it was.
    for (const state of isBetter ? [asDelivered, original] : [asDelivered])
      roster.admitBase(await contendersOf(study, reference, base, state, goals.bold - hopeless));
    const best = isBetter ? original : asDelivered;
    const taught = { ...classroom, teacher: { program, parameters: best.parameters } };
    const pace = passesOf(study, original.steps) / (seconds * share);
    return new Tuner(taught, base, seconds, { started, originalSelect, original, best, roster, pace });
  }

  private constructor(
    classroom: Classroom,
    base: Student,
    seconds: number,
    known: {
      readonly started: number;
      readonly originalSelect: number;
      readonly original: Trained;
      readonly best: Trained;
      readonly roster: Roster;
      readonly pace: number;
    },
  ) {
    this.#classroom = classroom;
    this.#base = base;
    this.#seconds = seconds;
    this.#started = known.started;
    this.#originalSelect = known.originalSelect;
    this.#original = known.original;
    this.#best = known.best;
    this.#roster = known.roster;
    this.#pace = known.pace;
  }

  async firstRound(students: readonly Student[]): Promise<void> {
    const seconds = firstRoundSeconds(this.#seconds, this.#pace);
    const rounded = this.#roster.takeRounded();
    const gentler = rounded && this.#roster.isInDoubt ? await this.#gentlerThan(rounded) : [];
    await this.#round(students, plan.first.rungs, seconds, rounded ? [rounded, ...gentler] : []);
  }

  /** A in a form that rounds less, for a second look where few samples let the first one be chance. */
  async #gentlerThan({ student }: Trainee): Promise<Trainee[]> {
    const gentler = await gentlerBase(this.#study, student);
    if (!gentler) return [];
    const { reference } = this.#classroom;
    const worthwhile = this.#roster.goals.bold - hopeless;
    const forms = await contendersOf(this.#study, reference, gentler, this.#best, worthwhile);
    return forms.filter(({ precision }) => precision === 'int8').map(traineeInInt8);
  }

  /** What is left of `reserve` stands in wherever it is less damaged than what a round bred. */
  async laterRounds(reserve: readonly Student[]): Promise<void> {
    let left = reserve;
    const { evolution, rungs } = plan.later;
    const seconds = laterRoundSeconds(this.#seconds, this.#pace);
    const memo = { rounds: this.#base.key, seed: this.#study.job.seed };
    const known = (await this.#study.host.recall('tune', memo))?.value as { rounds: number } | undefined;
    const needed = seconds + this.#seconds * plan.last.share * 0.7;
    const hasTime = () => (known ? this.#rounds < known.rounds : this.#secondsLeft() > needed);
    for (let barren = 0; barren < mostBarren && hasTime() && !this.#roster.isEnough; ) {
      const before = this.#roster.secured;
      const range = laterRange(before, this.#roster.missed);
      const bases = this.#roster.bases(this.#base, this.#best);
      const rng = xoroshiro128plus(this.#study.job.seed + this.#rounds);
      const population = await evolve(
        this.#study,
        this.#classroom.reference,
        {
          round: this.#rounds + 1,
          seconds: seconds * evolution,
          population: 16,
          range,
          onGeneration: (_spent, note) => tell(this.#study, this.#spent(), note),
          ...breedOn(this.#study, bases, rng),
        },
        rng,
      );
      const chosen = laterFinalists([...population, ...left], range);
      left = left.filter((student) => !chosen.includes(student));
      await this.#round(await timeAgain(this.#study, chosen), rungs, seconds * (1 - evolution));
      barren = this.#roster.secured > before ? 0 : barren + 1;
    }
    if (!known) await this.#study.host.record('tune', memo, { value: { rounds: this.#rounds }, blob: null });
  }

  /** One more leg for the best, each in its own precision. */
  async lastLeg(): Promise<void> {
    const { peakRate } = plan.last;
    const chosen = this.#roster.forLastLeg();
    if (chosen.length === 0) return;
    const seconds = Math.max(
      shortestLeg,
      this.#secondsLeft() / Math.ceil(chosen.length / this.#classroom.schools.count),
    );
    const trained = await Promise.all(
      chosen.map((c, i) => {
        const note = { kind: 'studentAtWork', rung: 1, student: i + 1, students: chosen.length } as const;
        return school(this.#classroom, trainedOf(c), {
          name: `last ${keyOfContender(c)} ${c.steps}`,
          seconds,
          peakRate,
          together: chosen.length,
          onProgress: () => tell(this.#study, this.#spent(), { ...note, speedup: c.speedup }),
        });
      }),
    );
    for (const [i, reached] of trained.entries()) {
      const better = retrained(chosen[i]!, reached);
      this.#roster.replace(chosen[i]!, better);
      this.#showTuned(better);
    }
  }

  outcome(): Tuning {
    const { contenders, goals } = this.#roster;
    return {
      contenders,
      first: contenders.length > 0 ? firstLook(contenders, goals) : null,
      original: { parameters: this.#original.parameters, steps: this.#original.steps },
      originalSelect: this.#originalSelect,
      rounds: this.#rounds,
    };
  }

  /** `further`: what needs no first rung. It joins at the second, whatever those reach that have had a leg by then. */
  async #round(
    students: readonly Student[],
    rungs: readonly Rung[],
    seconds: number,
    further: readonly Trainee[] = [],
  ): Promise<void> {
    this.#rounds++;
    const fresh = students.map(
      (student): Trainee => ({
        student,
        precision: 'float',
        trained: { ...student, selectAccuracy: 0, steps: 0 },
        contenders: [],
      }),
    );
    let trainees: readonly Trainee[] = [...fresh, ...further];
    const until = performance.now() + 1000 * seconds;
    for (const [rung, { keep, peakRate }] of rungs.entries()) {
      const joining = rung === 1 ? further : [];
      const taught = trainees.filter((trainee) => !joining.includes(trainee));
      const goOn = () => this.#roster.stillOpen(taught, keep - joining.length);
      const open = rung === 0 ? fresh : [...joining, ...goOn()];
      const rungUntil = performance.now() + shareOfRest(rungs, rung) * (until - performance.now());
      const groups = inGroups(open, this.#classroom.schools.count);
      for (const [g, group] of groups.entries()) {
        // What judging students took is not lost to the round: those after them get what is left.
        const each = Math.max(shortestLeg, (rungUntil - performance.now()) / 1000 / (groups.length - g));
        const next = await Promise.all(
          group.map((trainee) => {
            const student = open.indexOf(trainee) + 1;
            const place = { rung: rung + 1, student, students: open.length };
            return this.#train(trainee, place, { seconds: each, peakRate, together: group.length });
          }),
        );
        for (const trainee of next) this.#showTrained(trainee, rung + 1);
        trainees = trainees.map((t) => next[group.indexOf(t)] ?? t);
      }
    }
    this.#roster.admit(trainees);
  }

  async #train(
    before: Trainee,
    place: { readonly rung: number; readonly student: number; readonly students: number },
    leg: Pick<Schooling, 'seconds' | 'peakRate' | 'together'>,
  ): Promise<Trainee> {
    const { reference } = this.#classroom;
    const trainee = inOwnPrecision(before, this.#study.job.maxAccuracyDrop / 2);
    const { student, precision, trained } = trainee;
    const speedup = bestSpeedup(student);
    const { rung } = place;
    const next = await school(this.#classroom, trained, {
      ...leg,
      peakRate: precision === 'int8' ? Math.min(leg.peakRate, plan.mostRateInt8) : leg.peakRate,
      name: `${student.key} round ${this.#rounds} rung ${rung}`,
      onProgress: () => tell(this.#study, this.#spent(), { kind: 'studentAtWork', ...place, speedup }),
    });
    const worthwhile = this.#roster.goals.bold - hopeless;
    return afterLeg(this.#study, reference, trainee, next, worthwhile);
  }

  #showTrained({ student, trained, contenders }: Trainee, rung: number): void {
    for (const contender of contenders) this.#showTuned(contender);
    const speedup = bestSpeedup(student);
    const fastest = contenders.find((c) => c.speedup === speedup);
    tell(this.#study, this.#spent(), {
      kind: 'studentDone',
      rung,
      speedup,
      accuracy: (fastest ?? trained).selectAccuracy,
      originalAccuracy: this.#originalSelect,
      steps: trained.steps,
    });
  }

  #showTuned(contender: Contender): void {
    const known = { accuracy: contender.selectAccuracy, originalAccuracy: this.#originalSelect };
    this.#study.live.point(pointOf(this.#study, contender, 'tuned', known));
  }

  get #study(): Study {
    return this.#classroom.study;
  }

  #secondsLeft(): number {
    return this.#seconds - (performance.now() - this.#started) / 1000;
  }

  #spent(): number {
    return Math.min(1, 1 - this.#secondsLeft() / this.#seconds);
  }
}

/** Points by which chance alone moves an accuracy on `select`; 0 where that is less than may be lost. */
function doubtOf({ head, data, job }: Study, percent: number): number {
  const error = head === 'scores' ? standardError(percent, data.parts.select.count) : 0;
  return error > job.maxAccuracyDrop ? error : 0;
}

/** A list in groups of at most `size`. */
const inGroups = <T>(list: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, i) => list.slice(i * size, (i + 1) * size));

const tell = (study: Study, done: number, note: ProgressNote): void =>
  study.host.event({ kind: 'progress', stage: 'tune', done: Math.round(100 * done), total: 100, note });

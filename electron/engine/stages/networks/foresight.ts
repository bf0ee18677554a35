import { areaUnder, fronts } from '../../search/pareto.ts';
import { fitSurrogate, type Traits } from '../../search/surrogate.ts';
import { bestSpeedup, type Student } from './student.ts';

/** Speed-ups over A that are worth finding. */
export interface SpeedRange {
  readonly from: number;
  readonly to: number;
}

/** What is worth finding: speed-ups, and the damage of a model that knows nothing. */
export interface Worth extends SpeedRange {
  readonly worthless: number;
}

/** What was measured of a student. */
type Measured = Pick<Student, 'speedup' | 'int8Speedup' | 'damage'>;

/** What was measured of a student, and what it is like. */
export interface Known extends Measured {
  readonly traits: Traits;
}

/** The newest are learned from: the cost grows with the cube. */
const mostKnown = 160;
/** Below this damage a student is as good as A. */
const leastDamage = 1e-4;
/** How much of what is uncertain is hoped for: few generations leave little time to explore. */
const hope = 0.5;
/** Pairs of standard normal values, evenly spread: like a sunflower's seeds. */
const normals = Array.from({ length: 24 }, (_, i) => {
  const radius = Math.sqrt(-2 * Math.log(1 - (i + 0.5) / 24));
  const angle = i * Math.PI * (3 - Math.sqrt(5));
  return [radius * Math.cos(angle), radius * Math.sin(angle)] as const;
});

/**
 * The `count` of a pool that promise most: one after the other, whatever is expected to add most to the area under the
 * front of speed and damage (Emmerich et al., Single- and Multiobjective Evolutionary Optimization Assisted by Gaussian
 * Random Field Metamodels, 2006), as learned from what was measured. Nothing is claimed from it: what is chosen is
 * measured.
 */
export function mostPromising<T extends { readonly traits: Traits }>(
  pool: readonly T[],
  measured: readonly Known[],
  count: number,
  worth: Worth,
): T[] {
  const known = measured.slice(-mostKnown);
  const traits = known.map((one) => one.traits);
  const speed = fitSurrogate(traits, known.map(halvingsOf));
  const damage = fitSurrogate(traits, known.map(tensOf));
  const corners = measured.map((one) => cornerOf(one, worth));
  const left = pool.map((one) => ({ one, speed: speed(one.traits), damage: damage(one.traits) }));
  const chosen: T[] = [];
  while (chosen.length < count && left.length > 0) {
    const gains = left.map(({ speed: s, damage: d }) =>
      normals.reduce((sum, [a, b]) => {
        const corner = corneredAt(s.mean + hope * a * s.deviation, d.mean + hope * b * d.deviation, worth);
        return sum + areaUnder([...corners, corner]);
      }, 0),
    );
    const [best] = left.splice(gains.indexOf(Math.max(...gains)), 1);
    chosen.push(best!.one);
    corners.push(corneredAt(best!.speed.mean, best!.damage.mean, worth));
  }
  return chosen;
}

/** The students in the order of their fronts by speed, up to what is worth finding, and damage. */
export function closestToFront<T extends Measured>(students: readonly T[], { to }: SpeedRange): T[] {
  const points = students.map((s) => [-Math.min(to, bestSpeedup(s)), Math.max(leastDamage, s.damage)]);
  return fronts(points).flatMap((front) => front.map((i) => students[i]!));
}

/**
 * A student as the corner of an area: halvings of the time beyond the least that is worth finding, and powers of ten
 * of damage below that of knowing nothing.
 */
export const cornerOf = (student: Measured, worth: Worth) =>
  corneredAt(halvingsOf(student), tensOf(student), worth);

const corneredAt = (halvings: number, tens: number, { from, to, worthless }: Worth) => ({
  x: Math.min(halvings, Math.log2(to)) - Math.log2(from),
  y: Math.log10(worthless) - Math.max(tens, Math.log10(leastDamage)),
});

const halvingsOf = (student: Measured): number => Math.log2(bestSpeedup(student));
const tensOf = ({ damage }: Measured): number => Math.log10(Math.max(leastDamage, damage));

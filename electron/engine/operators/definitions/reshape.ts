import { type Dimension, type Shape, sizeOf } from '../../instructions/program.ts';
import { sameSize, show } from '../../instructions/shapes.ts';
import { refuse } from '../context.ts';
import { type Affine, toDimension } from '../symbolic.ts';

/** How a Reshape reads its target. */
export interface ReshapeReading {
  /** 0 means an empty axis instead of "as in the input". */
  readonly keepsZero: boolean;
  /** The model was written for one sample, so that numbers in its targets hide the batch. */
  readonly isBatchOne: boolean;
}

/**
 * The shape that a Reshape gives, the batch left open. In a model written for one sample the axis that takes the
 * batch is the one before which there is as much data as before the batch in the input: only there do the
 * samples of a larger batch stay apart. @throws Refused
 */
export function resolveReshape(x: Shape, target: readonly Affine[], reading: ReshapeReading): Shape {
  const wanted = target.map((value, axis): Dimension | 'rest' => {
    const isPlain = value.perSample === 0;
    if (isPlain && value.fixed === -1) return 'rest';
    if (isPlain && value.fixed === 0 && !reading.keepsZero) return x[axis] ?? refuse('0 for no axis');
    return toDimension(value) ?? refuse('an extent that is not known');
  });
  const isOpen = (d: Dimension | 'rest'): boolean => d !== 'rest' && d < 0;
  if (reading.isBatchOne && x.filter((d) => d < 0).length === 1 && !wanted.some(isOpen)) {
    const lead = sizeOf(
      x.slice(
        0,
        x.findIndex((d) => d < 0),
      ),
    );
    const atOne = filled(wanted, sizeOf(x)).map(Math.abs);
    const axis = atOne.findIndex((_, i) => sizeOf(atOne.slice(0, i)) === lead);
    const found = wanted[axis];
    if (typeof found === 'number') wanted[axis] = -found;
  }
  const rest = x.filter((d) => d < 0).length - wanted.filter(isOpen).length;
  if (rest < 0 || rest > 1) refuse(`${show(x)} does not give its target at every batch size`);
  const shape = filled(wanted, sizeOf(x), rest === 1);
  if (!sameSize(x, shape)) refuse(`${show(x)} does not give ${show(shape)}`);
  return shape;
}

/** The target with its −1 worked out from the number of elements of one sample. */
function filled(wanted: readonly (Dimension | 'rest')[], size: number, isRestOpen = false): Dimension[] {
  const others = wanted.reduce<number>((p, d) => (d === 'rest' ? p : p * Math.abs(d)), 1);
  const rest = size / others;
  return wanted.map((d) => (d === 'rest' ? (isRestOpen ? -rest : rest) : d));
}

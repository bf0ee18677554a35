import type { Instruction } from '../instructions/program.ts';

/** Instructions that work element by element. */
export const elementwise: ReadonlySet<Instruction['op']> = new Set<Instruction['op']>([
  'add',
  'sub',
  'mul',
  'div',
  'max',
  'min',
  'pow',
  'equal',
  'greater',
  'neg',
  'abs',
  'exp',
  'log',
  'sqrt',
  'reciprocal',
  'tanh',
  'sigmoid',
  'erf',
  'relu',
  'clip',
  'where',
]);

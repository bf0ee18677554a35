import type { Parameters, Program } from '../../instructions/program.ts';
import { quantize, type Range, rangedValues } from '../../search/quantize.ts';
import { measureRanges } from '../../tuning/ranges.ts';
import type { Study } from '../study.ts';
import type { Reference } from './fit.ts';

const all = (): boolean => true;

/** A form that only its time is asked of: any range will do. */
const someRange: Range = [0, 8];

/** The program in 8 bits with made-up ranges, for timing; null where nothing in it can be. */
export function timedInt8(program: Program, parameters: Parameters) {
  const ranges = new Map(rangedValues(program, all).map((id) => [id, someRange] as const));
  return quantize({ program, parameters }, ranges, all)?.draft ?? null;
}

/** The program in 8 bits, its ranges seen on samples of the fit part. */
export async function calibratedInt8(
  study: Study,
  reference: Reference,
  program: Program,
  parameters: Parameters,
) {
  const ids = rangedValues(program, all);
  const ranges = await measureRanges(program, parameters, ids, reference.teacher.samples, study.threads);
  return quantize({ program, parameters }, ranges, all)?.draft ?? null;
}

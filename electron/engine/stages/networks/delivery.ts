import type { OnnxModel } from '../../onnx/model.ts';
import { readModel } from '../../onnx/read.ts';
import { writeModel } from '../../onnx/write.ts';
import type { Study } from '../study.ts';
import { splice } from './splice.ts';
import type { Contender } from './student.ts';
import { wholeModel } from './whole-model.ts';

/** A contender as the model file that a user gets: bytes, and the model that they read back as. */
export interface Delivery {
  readonly bytes: Uint8Array;
  readonly model: OnnxModel;
}

/**
 * Writes a contender: candidates that replace whole groups are put into A's own graph, of which all else stays as it is;
 * anything else is written anew from its program. What is shipped is what is read back and checked.
 */
export function deliver(study: Study, { student, precision, form }: Contender): Delivery {
  const isOfGroups = precision === 'float' && (student.rounds.length === 0 || student.candidates.length > 0);
  const placed = student.candidates.map(({ place, draft }) => ({ group: place.group, draft }));
  const model = isOfGroups
    ? splice(study.model, placed, form.parameters)
    : wholeModel(study, form.program, form.parameters);
  const bytes = writeModel(model);
  const back = readModel(bytes, 'optimized.onnx');
  if (!back.ok) throw new Error(`The optimized model does not read back: ${back.error.kind}`);
  return { bytes, model: back.value };
}

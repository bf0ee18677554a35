import { ProgramBuilder } from '../../instructions/builder.ts';
import { lowerToModel } from '../../instructions/lower.ts';
import type { Parameters, Program } from '../../instructions/program.ts';
import type { OnnxModel } from '../../onnx/model.ts';
import { settleQuantization } from '../../onnx/settle-quantization.ts';
import type { Study } from '../study.ts';

/** Opset that has quantization with a scale for each channel, and every operator that lowering may choose. */
const modernOpset = 17;

/**
 * A model file's graph for a program in place of all of A: the names and shapes of A's inputs and outputs, a final
 * softmax of A behind the scores. A program in quantize/dequantize form gives a file of 8-bit numbers.
 */
export function wholeModel(
  study: Pick<Study, 'model' | 'tail'>,
  program: Program,
  parameters: Parameters,
): OnnxModel {
  const { model } = study;
  const first = model.inputs[0]?.shape[0];
  const lowered = lowerToModel(withTail(study, program), parameters, {
    opset: Math.max(modernOpset, model.opsets['']!),
    batch: typeof first === 'number' ? first : null,
    outputs: model.outputs.map((o) => o.name),
  });
  const { inputs, outputs, graphName, metadata } = model;
  return settleQuantization({ ...lowered, inputs, outputs, graphName, metadata });
}

/** The program with what A does behind the scores. */
function withTail({ tail }: Pick<Study, 'tail'>, program: Program): Program {
  if (tail === null) return program;
  const b = new ProgramBuilder();
  const [scores] = b.takeIn(program);
  return b.build(b.include(tail, new Map([['scores', scores!]])));
}

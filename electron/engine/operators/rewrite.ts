// STAND-IN
import type { OnnxModel } from '../onnx/model.ts';
export function rewriteModel(model: OnnxModel): {
  model: OnnxModel;
  applied: { rule: string; operators: string[] }[];
  refused: { rule: string; operator: string; reason: string }[];
} {
  return { model, applied: [], refused: [] };
}

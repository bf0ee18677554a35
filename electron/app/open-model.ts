import { basename, extname, resolve } from 'node:path';
import type { Board } from '../board/board.ts';
import type { AppError, ModelError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import { countParameters } from '../engine/complexity/cost.ts';
import { checkModel, type InputShapes } from '../engine/onnx/check.ts';
import type { OnnxModel } from '../engine/onnx/model.ts';
import { readModel, readModelBytes } from '../engine/onnx/read.ts';
import { writeModel } from '../engine/onnx/write.ts';
import { sha256Of } from '../store/blobs.ts';
import type { StoredModel } from '../store/models.ts';

/** A model of the user, read but not yet checked. */
export interface OpenModel {
  /** As the user named it. */
  readonly path: string;
  readonly absolutePath: string;
  /** Its name for people. */
  readonly name: string;
  readonly model: OnnxModel;
  /** The file. */
  readonly bytes: Uint8Array;
  readonly sha256: string;
  readonly parameters: number;
  /** What goes to the board: the model written anew, so that every operator has the name it is known by here. */
  readonly boardBytes: Uint8Array;
  readonly boardSha256: string;
}

/** Reads a model file. Errors: those of `readModelBytes` and `readModel`, with the path as the user named it. */
export function openModel(path: string, cwd: string): Result<OpenModel, ModelError> {
  const absolutePath = resolve(cwd, path);
  const file = readModelBytes(absolutePath);
  if (!file.ok) return fail({ ...file.error, path });
  const bytes = file.value;
  const read = readModel(bytes, path);
  if (!read.ok) return read;
  const boardBytes = writeModel(read.value);
  return ok({
    path,
    absolutePath,
    name: basename(path, extname(path)),
    model: read.value,
    bytes,
    sha256: sha256Of(bytes),
    parameters: countParameters(read.value, read.value.nodes),
    boardBytes,
    boardSha256: sha256Of(boardBytes),
  });
}

/** The model as the history keeps it. */
export const storedModelOf = (model: OpenModel): StoredModel => ({
  sha256: model.sha256,
  name: model.name,
  path: model.absolutePath,
  sizeBytes: model.bytes.length,
  parameters: model.parameters,
});

/** A model that can be worked with as it is. */
export interface CheckedModel extends OpenModel {
  readonly inputShapes: InputShapes;
}

/** Reads a model and checks that it can be worked with as it is. Errors: those of `openModel` and `checkModel`. */
export function openCheckedModel(path: string, cwd: string): Result<CheckedModel, ModelError> {
  const opened = openModel(path, cwd);
  if (!opened.ok) return opened;
  const checked = checkModel(opened.value.model, path);
  return checked.ok ? ok({ ...opened.value, inputShapes: checked.value }) : checked;
}

/** Sends models to a board, in the form in which it gets them. Errors: those of `Board.putModels`. */
export const sendModels = (
  board: Pick<Board, 'putModels'>,
  models: readonly OpenModel[],
): ReturnType<Board['putModels']> =>
  board.putModels(new Map(models.map(({ boardSha256, boardBytes }) => [boardSha256, boardBytes])));

/** A refusal of the runtime names the model by its hash; people know it by its path. */
export function withModelPath(error: AppError, models: readonly OpenModel[]): AppError {
  if (error.kind !== 'modelFailsToRun') return error;
  const found = models.find(
    ({ boardSha256, absolutePath }) => error.path === boardSha256 || error.path === absolutePath,
  );
  return found ? { ...error, path: found.path } : error;
}

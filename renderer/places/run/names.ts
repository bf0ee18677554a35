import { useMemo } from 'react';
import type { JobState } from '../../../electron/contract/views.ts';
import { useCall } from '../../client/calls.ts';
import { useTexts } from '../../language/language.ts';
import { runTexts } from './words.ts';

/** The name of a model or data by its path: the last part, without the ending of a model. */
export const nameOfPath = (path: string): string =>
  (path.split(/[\\/]/).filter(Boolean).at(-1) ?? path).replace(/\.onnx$/i, '');

/** How the model and the board of a job are called where people choose them. */
export function useJobNames(): (job: JobState) => { readonly model: string; readonly board: string } {
  const say = useTexts(runTexts);
  const models = useCall('models.list', {}).data;
  const boards = useCall('boards.list', {}).data;
  return useMemo(
    () =>
      ({ request, identity }) => {
        const address = request.kind === 'connect' ? request.address : request.board.address;
        const path = request.kind === 'optimize' || request.kind === 'profile' ? request.modelPath : '';
        const model = models?.find((one) => one.path === path);
        const name = model?.name ?? nameOfPath(path);
        return {
          model: model?.isSample ? say('sampleNamed', { name }) : name,
          board:
            boards?.find((one) => one.address === address)?.name ??
            identity?.name ??
            address.replace('ssh://', ''),
        };
      },
    [say, models, boards],
  );
}

import { useMemo } from 'react';
import type { JobState } from '../../../electron/contract/views.ts';
import { addressOfJob, cardAt, fullAddress } from '../../client/boards.ts';
import { useCall } from '../../client/calls.ts';
import { lastPartOf } from '../../client/paths.ts';
import { useTexts } from '../../language/language.ts';
import { runTexts } from './words.ts';

/** How the model and the board of a job are called where people choose them. */
export function useJobNames(): (job: JobState) => { readonly model: string; readonly board: string } {
  const say = useTexts(runTexts);
  const models = useCall('models.list', {}).data;
  const boards = useCall('boards.list', {}).data;
  return useMemo(
    () => (job) => {
      const { request, identity } = job;
      const address = addressOfJob(job);
      const path = request.kind === 'optimize' || request.kind === 'profile' ? request.modelPath : '';
      const model = models?.find((one) => one.path === path);
      const name = model?.name ?? lastPartOf(path).replace(/\.onnx$/i, '');
      return {
        model: model?.isSample ? say('sampleNamed', { name }) : name,
        board:
          cardAt(boards ?? [], fullAddress(address))?.name ?? identity?.name ?? address.replace('ssh://', ''),
      };
    },
    [say, models, boards],
  );
}

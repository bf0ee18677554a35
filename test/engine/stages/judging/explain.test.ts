import { expect, test } from 'vitest';
import { explain } from '../../../../electron/engine/stages/judging/explain.ts';
import { everyReason } from '../../../cli/every-note.ts';

test('why nothing was found is one English sentence for every kind of reason', () => {
  expect(Object.values(everyReason).flatMap((some) => some.map(explain))).toEqual([
    'No search was made: the model has 2 inputs, and the data has one.',
    'No search was made: the model is in 8 bits already (conv1_quant); give the float model that it was made from, and 8 bits are tried as well.',
    'No search was made: lstm_1 has no definition in instructions: LSTM has no definition.',
    'No candidate was faster on the board as a whole model.',
    'More accuracy was lost on data kept aside than the 1 point allowed: 2.12 times as fast at −1.62 points; 1.52 times as fast at −1.18 points.',
    'The best candidate was slower than A on the board.',
    'The best candidate was not distinguishable in speed from A on the board.',
  ]);
});

import { expect, test } from 'vitest';
import { noteText, summaryText, warningText } from '../../electron/cli/run-notes.ts';
import { everyNote, everySummary, everyWarning } from './every-note.ts';

test('the terminal says what a stage is at in one line', () => {
  expect(Object.values(everyNote).flatMap((some) => some.map(noteText))).toEqual([
    'bytes of the runner',
    'bytes of the runner for ssh://pi@bench :22',
    'bytes of the runner, 41 s left',
    '500 calls',
    'the order is not certain yet: 1500 calls',
    'candidates timed on the board',
    'candidates fitted in closed form',
    'generation 3: 48 whole models timed against A',
    'A itself, the same way',
    'rung 2: student 1 of 3, 1.74 times as fast',
    'rung 2: 1.74 times as fast at 91.3 % (A 91.8 %) after 812 steps',
    'A on data kept aside',
    'B on data kept aside',
    'A tuned the same way',
    'A on 40 samples',
    'B on 40 samples',
    'pairs of A and B, with A against itself',
    'inputs; 1,204 agreed, 3 files not usable',
    'seconds; warming up',
    'seconds; A 1.23 ms, B 812 µs, 61 °C',
    'energy of A and B in turn',
    'bytes of the model',
  ]);
});

test('the terminal says what a stage came to in one line', () => {
  expect(Object.values(everySummary).flatMap((some) => some.map(summaryText))).toEqual([
    'onnxruntime 1.30.0 on bench pi',
    'bench pi, other (2 of 3 boards)',
    '500 calls, 25 operators, the order is certain',
    '500 calls, 25 operators, the order is not certain',
    '25 operators, 728 µs',
    '25 operators, 728 µs, 60 inferences (480 at a fixed count)',
    'nothing to rewrite',
    '22 exact rewrites',
    '908 proposed, 598 timed',
    '908 proposed, 598 timed: 412 structures measured, 96 spared, too few for predictions; 27677 inferences (39020 at a fixed count)',
    '908 proposed, 598 timed: 412 structures measured, 96 spared, predictions off by 7 % from 500; 27677 inferences (39020 at a fixed count)',
    '5 whole models go on',
    '2.12 times as fast at 91.0 % (A 91.8 %) on samples for choosing',
    '−0.42 points on 300 samples',
    '+0.25 points on 300 samples',
    'top-1 accuracy on 40 samples',
    'agreement on 40 samples',
    '2.10 times as fast [2.06, 2.15]',
    'B agreed on 1,204 of 1,210 inputs',
    '160 pairs',
    '11,820 blocks in 30.0 min',
    '4 files',
    'it was there',
    '1.30 MB, hash equal on the board',
    '8 inputs, outputs off by 0.01 % at most, 431 µs a call',
    'aaaaaaaaaaaa is active',
    'aaaaaaaaaaaa is active, service restarted, service well',
  ]);
});

test('the terminal warns in one line, whatever the names say', () => {
  const { boardConcern, ...others } = everyWarning;
  const concerns = boardConcern.map(warningText);
  expect(new Set(concerns).size).toBe(concerns.length);
  for (const text of concerns) expect(text).not.toMatch(/undefined|\n|\.$/);
  expect(concerns.at(-1)).toBe(
    'the load of the board is 0.10 / 4 cores, so other programs take time from the measurement, the most by stress-ng (0.98); on the board: top -b -n 1',
  );
  const hostile = { kind: 'load', value: '1', process: 'a\nb\u001b[2J (1.00)', command: null } as const;
  expect(warningText({ kind: 'boardConcern', concern: hostile })).toMatch(/the most by a b \(1\.00\)$/);
  expect(Object.values(others).flatMap((some) => some.map(warningText))).toEqual([
    'This is another board (bench-pi) than the run began on, so everything is measured again',
    'The run goes on without ssh://pi@bench:22: The connection to bench pi was lost (first second red): check its power and cable, then try again',
    'Line 7 of /h/.ssh/config was left out: Match exec is not supported',
    'The connection to ssh://pi@10.0.0.7:22 was lost (first second red); connecting again',
    'ssh://pi@10.0.0.7:22 is connected again, with the same key and identity; what was interrupted is done once more',
    ...['A deployment', 'A rollback', 'Giving back the plain file'].map(
      (what) =>
        `${what} to /opt/app/model.onnx on bench pi (begun 2026-11-25T04:42:10.000Z) was cut off: see what the board is left with by fieldtune deployments check --board ssh://pi@10.0.0.7:22`,
    ),
    ...[
      'before the switch: the model before is active, and what was left of it has been removed',
      'after the switch: the new model is active',
      'after the switch: the new model is active, but its restart and its check were never finished; deploy it again to finish them, or roll back',
      'after the switch: a plain file is there, and what was left has been removed',
      'before the switch: Fieldtune still manages the path',
    ].map(
      (came) =>
        `A deployment by kim@laptop (begun 2026-11-25T04:42:10.000Z) at /opt/app/model.onnx on bench pi had been cut off ${came}`,
    ),
    'The history /s/f.sqlite was damaged (first second red); it lies at /s/f.damaged-1 now, and a new one was begun',
  ]);
});

import { describe, expect, test } from 'vitest';
import { classOption } from '../../renderer/places/models/data/ClassChart.tsx';
import { certifiableLoss, rightOf, verdictOf } from '../../renderer/places/models/data/certify.ts';
import { nameOf, sortFiles } from '../../renderer/places/models/sources/picked-files.ts';
import { seriesOf, tokensOf } from './chart-series.ts';

const named = (...names: string[]) => names.map((name) => ({ name, file: new File(['x'], name) }));
const namesOf = (files: readonly { readonly name: string }[]) => files.map(({ name }) => name);

describe('What labels can certify', () => {
  test('is a loss that falls with the root of their number', () => {
    expect(certifiableLoss(3_000)).toBeCloseTo(0.877, 3);
    expect(certifiableLoss(500) / certifiableLoss(2_000)).toBeCloseTo(2, 10);
  });
});

describe('The check of a model on data', () => {
  test('is above chance only when guessing would hardly reach it', () => {
    expect(verdictOf({ samples: 256, accuracy: 82.4, chance: 10 })).toBe('above chance');
    expect(verdictOf({ samples: 256, accuracy: 13, chance: 10 })).toBe('not above chance');
    expect(verdictOf({ samples: 256, accuracy: 14, chance: 10 })).toBe('above chance');
    expect(verdictOf({ samples: 10, accuracy: 100, chance: 100 })).toBe('not above chance');
  });

  test('says when there is nothing to compare', () => {
    expect(verdictOf({ samples: 64, accuracy: null, chance: null })).toBe('no labels');
    expect(verdictOf({ samples: 64, accuracy: null, chance: 50 })).toBe('no classes');
  });

  test('counts what was right', () => {
    expect(rightOf(256, 82.421875)).toBe(211);
  });
});

describe('Files that are dropped', () => {
  test('are a model when an .onnx lies in no folder, and data otherwise, without hidden files', () => {
    const { model, data } = sortFiles(
      named('net.onnx', 'line-3/fit/a/1.png', 'line-3/.DS_Store', 'line-3/old.onnx', 'Thumbs/.x/y'),
    );
    expect(namesOf(model)).toEqual(['net.onnx']);
    expect(namesOf(data)).toEqual(['line-3/fit/a/1.png', 'line-3/old.onnx']);
    expect(nameOf(data)).toBe('line-3');
  });
});

test('The chart of classes has a bar for each', () => {
  const option = classOption(['a', 'b'], [3, 5], { axis: 'Samples' }, tokensOf('#000'));
  expect(seriesOf(option, 'Samples')).toEqual([3, 5]);
});

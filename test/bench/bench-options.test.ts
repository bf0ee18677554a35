import { describe, expect, test } from 'vitest';
import { readBenchOptions } from './bench-options.ts';

describe('readBenchOptions', () => {
  test('takes the sample and what is beside it, ten minutes and three seeds without a word', () => {
    const options = readBenchOptions([]);
    expect(options.subjects[0]).toMatchObject({ name: 'sample' });
    expect(options).toMatchObject({ budget: '10m', seeds: [1, 2, 3], level: 'all', threads: 1, out: null });
  });

  test('takes names, and a pair of model and data beside them', () => {
    const options = readBenchOptions(['sample', '--model', 'a/net.onnx', '--data', 'd', '--seeds', '7']);
    expect(options.subjects.map(({ name }) => name)).toEqual(['sample', 'net']);
    expect(options.seeds).toEqual([7]);
    expect(readBenchOptions(['--model', 'a/net.onnx', '--data', 'd']).subjects).toHaveLength(1);
  });

  test.each([
    [['nosuch'], /No model nosuch/],
    [['--model', 'a.onnx'], /go together/],
    [['--budget', 'long'], /--budget cannot be long/],
    [['--seeds', '1,x'], /--seeds cannot be 1,x/],
    [['--seeds', ''], /--seeds cannot be/],
    [['--level', 'basic'], /--level cannot be basic/],
    [['--threads', '0'], /--threads cannot be 0/],
    [['--max-accuracy-drop', '-1'], /./],
  ])('refuses %j', (args, sentence) => {
    expect(() => readBenchOptions(args)).toThrow(sentence);
  });
});

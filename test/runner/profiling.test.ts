import { describe, expect, it } from 'vitest';
import { collapseProfile } from '../../electron/runner/profiling.ts';

const node = (name: string, durationUs: number, index = '0') => ({
  cat: 'Node',
  name: `${name}_kernel_time`,
  dur: durationUs,
  args: { op_name: 'Conv', node_index: index, output_size: '400', parameter_size: '36' },
});
const callEnd = { cat: 'Session', name: 'model_run', dur: 100, args: {} };

describe("the runtime's trace", () => {
  it('becomes one event a node with one time a call, without the calls that warmed up', () => {
    const trace = [
      { cat: 'Session', name: 'session_initialization', dur: 5, args: {} },
      ...[node('conv', 90), callEnd],
      ...[node('conv', 11), node('add', 3, '1'), callEnd],
      ...[node('conv', 12), node('add', 4, '1'), callEnd],
    ];
    expect(collapseProfile(trace, 1)).toEqual([
      { name: 'conv', type: 'Conv', callsUs: [11, 12], outputBytes: 400, parameterBytes: 36 },
      { name: 'add', type: 'Conv', callsUs: [3, 4], outputBytes: 400, parameterBytes: 36 },
    ]);
  });

  it('adds up a node that runs several times in a call, as in a loop', () => {
    const trace = [node('body', 2), node('body', 3), callEnd, node('body', 4), callEnd];
    expect(collapseProfile(trace, 0)[0]?.callsUs).toEqual([5, 4]);
  });

  it('keeps nodes of the same name apart', () => {
    const trace = [node('same', 1, '0'), node('same', 2, '1'), callEnd];
    expect(collapseProfile(trace, 0).map((event) => event.callsUs)).toEqual([[1], [2]]);
  });

  it('may hold entries of other kinds', () => {
    expect(collapseProfile([null, 7, { cat: 'Node' }, node('a', 1), callEnd], 0)).toHaveLength(1);
  });
});

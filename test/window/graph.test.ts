import { describe, expect, test } from 'vitest';
import { mixed } from '../../renderer/places/models/graph/draw.ts';
import { boxAt, boxesIn, boxHeight, boxWidth } from '../../renderer/places/models/graph/layout.ts';
import { graphOf, shapeText } from '../../renderer/places/models/graph/model-graph.ts';
import { neighbourOf } from '../../renderer/places/models/graph/neighbour.ts';
import { layOutPlainly } from '../../renderer/places/models/graph/plain-layout.ts';
import {
  filterOperators,
  heatOf,
  knownOperators,
  searchOperators,
  slowestUs,
} from '../../renderer/places/models/operators/operator-rows.ts';
import { branched, branchedProfile, longNetwork } from './fixtures/models.ts';

const graph = graphOf(branched);
const at = (name: string): number => graph.boxes.findIndex((box) => box.name === name || box.type === name);
const layoutOf = ({ boxes, links }: typeof graph) => layOutPlainly({ count: boxes.length, links });

describe('The graph of a model', () => {
  test('joins operators by their values and gives inputs and outputs boxes of their own', () => {
    expect(graph.boxes).toHaveLength(branched.operators.length + 2);
    expect(graph.boxes[at('image')]).toMatchObject({ kind: 'input', name: '[N, 1, 28, 28]' });
    expect(graph.before[at('join')]).toEqual([at('wide_relu'), at('narrow')]);
    expect(graph.after[at('image')]).toEqual([at('stem')]);
    expect(graph.before[at('scores')]).toEqual([at('head')]);
    expect(graph.boxes[at('state')]?.opaque).toBe('there is no definition of LSTM');
  });

  test('has one link for a value that an operator takes twice', () => {
    const twice = graphOf({
      ...branched,
      operators: [{ ...branched.operators[0]!, inputs: ['image', 'image'] }],
      outputs: [],
    });
    expect(twice.links).toEqual([[1, 0]]);
  });

  test('writes any size as N', () => {
    expect(shapeText([-1, 3, 224, 224])).toBe('[N, 3, 224, 224]');
  });
});

describe('The plain layout', () => {
  test('puts each operator below all that give to it, and no two boxes on each other', () => {
    const long = graphOf(longNetwork(600));
    const layout = layoutOf(long);
    for (const [from, to] of long.links) expect(layout.y[to]!).toBeGreaterThan(layout.y[from]!);
    for (let i = 0; i < long.boxes.length; i++) {
      const touching = boxesIn(layout, {
        left: layout.x[i]!,
        top: layout.y[i]!,
        right: layout.x[i]! + boxWidth,
        bottom: layout.y[i]! + boxHeight,
      });
      expect(touching).toEqual([i]);
      expect(layout.x[i]! + boxWidth).toBeLessThanOrEqual(layout.width);
    }
  });

  test('leads a link over many layers round what lies between', () => {
    const chain = {
      count: 4,
      links: [
        [0, 1],
        [1, 2],
        [2, 3],
        [0, 3],
      ] as const,
    };
    const layout = layOutPlainly(chain);
    const path = layout.paths[3]!;
    expect(path.length).toBe(8);
    expect(path[2]!).toBeGreaterThan(layout.x[1]! + boxWidth);
    expect(path[2]!).toBeLessThanOrEqual(layout.width);
  });

  test('ends for a graph with a cycle', () => {
    const layout = layOutPlainly({
      count: 3,
      links: [
        [0, 1],
        [1, 2],
        [2, 1],
      ],
    });
    expect([...layout.y].every(Number.isFinite)).toBe(true);
  });

  test('finds the box at a point', () => {
    const layout = layoutOf(graph);
    const stem = at('stem');
    expect(boxAt(layout, layout.x[stem]! + 5, layout.y[stem]! + 5)).toBe(stem);
    expect(boxAt(layout, -50, -50)).toBeNull();
  });
});

describe('Arrow keys in the graph', () => {
  const layout = layoutOf(graph);

  test('begin at the top, follow the links up and down, and go along a layer', () => {
    expect(neighbourOf(graph, layout, null, 'ArrowDown')).toBe(at('image'));
    expect(neighbourOf(graph, layout, at('image'), 'ArrowDown')).toBe(at('stem'));
    expect(neighbourOf(graph, layout, at('stem'), 'ArrowUp')).toBe(at('image'));
    const [left, right] = [at('wide'), at('narrow')].sort((a, b) => layout.x[a]! - layout.x[b]!);
    expect(neighbourOf(graph, layout, left!, 'ArrowRight')).toBe(right);
    expect(neighbourOf(graph, layout, right!, 'ArrowLeft')).toBe(left);
  });

  test('lead nowhere past the ends, and other keys lead nowhere at all', () => {
    expect(neighbourOf(graph, layout, at('image'), 'ArrowUp')).toBeNull();
    expect(neighbourOf(graph, layout, at('stem'), 'Enter')).toBeNull();
  });
});

describe('Operators with a profile', () => {
  const operators = knownOperators(branched, branchedProfile);
  const named = (name: string) => operators.find((known) => known.name === name)!;

  test('have their times, or the operator that absorbed them, and the runtime’s own rows follow', () => {
    expect(named('wide').timed?.latencyUs).toBe(520);
    expect(named('wide_relu')).toMatchObject({ timed: null, absorbedBy: 'wide' });
    expect(operators.at(-1)).toMatchObject({ name: 'ReorderOutput_0', place: null });
    expect(named('state').opaque).toContain('LSTM');
    expect(slowestUs(operators)).toBe(520);
  });

  test('have no heat without a time', () => {
    expect(heatOf(named('wide_relu').timed?.latencyUs, 520)).toBeNull();
    expect(heatOf(260, 520)).toBe(0.5);
    expect(heatOf(260, null)).toBeNull();
  });

  test('are found by name, type and attribute', () => {
    expect(searchOperators(operators, 'WIDE')).toEqual([2, 3]);
    expect(searchOperators(operators, 'kernel_shape=[3')).toEqual([0, 2, 4]);
    expect(searchOperators(operators, '  ')).toEqual([]);
  });

  test('are filtered by text or by a pattern, and a broken pattern is text', () => {
    expect(filterOperators(operators, '/relu|gemm/').map(({ name }) => name)).toEqual([
      'stem_relu',
      'wide_relu',
      'head',
    ]);
    expect(filterOperators(operators, '/(/')).toHaveLength(0);
    expect(filterOperators(operators, '')).toHaveLength(operators.length);
  });
});

test('A colour between two lies between them', () => {
  expect(mixed('#000000', '#ff8000', 0.5)).toBe('rgb(128 64 0)');
  expect(mixed('#112233', '#ffffff', 0)).toBe('rgb(17 34 51)');
});

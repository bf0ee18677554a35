import { describe, expect, it } from 'vitest';
import { foldConstants } from '../../../electron/engine/onnx/fold.ts';
import type { AttributeValue, OnnxNode, Tensor } from '../../../electron/engine/onnx/model.ts';
import { areClose, floats, integers, modelOf, operator, residualModel, runModel } from './small-models.ts';

const int = (value: number): AttributeValue => ({ kind: 'int', value });
const ints = (...value: number[]): AttributeValue => ({ kind: 'ints', value });
const scalar = (value: number): Tensor => ({ type: 'int64', shape: [], data: [value] });

/** Constant operators whose result `c` is added to, or used with, the input; folded and unfolded must agree. */
const cases: [string, OnnxNode[], Record<string, Tensor>][] = [
  [
    'Transpose',
    [operator('Transpose', 't', ['a'], ['c'], { perm: ints(2, 0, 1) })],
    { a: floats([2, 3, 4]) },
  ],
  ['Transpose without permutation', [operator('Transpose', 't', ['a'], ['c'])], { a: floats([2, 3, 4]) }],
  [
    'Reshape with −1 and 0',
    [operator('Reshape', 't', ['a', 's'], ['c'])],
    { a: floats([2, 6]), s: integers(0, 3, -1) },
  ],
  ['Unsqueeze', [operator('Unsqueeze', 't', ['a', 's'], ['c'])], { a: floats([2, 3]), s: integers(-1, 0) }],
  ['Squeeze', [operator('Squeeze', 't', ['a', 's'], ['c'])], { a: floats([1, 2, 1, 3]), s: integers(-2) }],
  ['Squeeze of all', [operator('Squeeze', 't', ['a'], ['c'])], { a: floats([1, 2, 1, 3]) }],
  [
    'Concat',
    [operator('Concat', 't', ['a', 'b'], ['c'], { axis: int(-2) })],
    { a: floats([2, 3, 2]), b: floats([2, 1, 2], 3) },
  ],
  [
    'Gather',
    [operator('Gather', 't', ['a', 'i'], ['c'], { axis: int(1) })],
    { a: floats([2, 5, 3]), i: integers(4, -5, 2) },
  ],
  [
    'Gather of a scalar index',
    [operator('Gather', 't', ['a', 'i'], ['c'])],
    { a: floats([4, 3]), i: scalar(-1) },
  ],
  [
    'Slice',
    [operator('Slice', 't', ['a', 's', 'e', 'x2', 'p'], ['c'])],
    { a: floats([4, 6]), s: integers(1, -2), e: integers(99, -99), x2: integers(0, 1), p: integers(2, -1) },
  ],
  [
    'Slice to the end',
    [operator('Slice', 't', ['a', 's', 'e'], ['c'])],
    { a: floats([4, 6]), s: integers(-3), e: integers(Number.MAX_SAFE_INTEGER) },
  ],
  [
    'Cast to integers and back',
    [
      operator('Cast', 't', ['a'], ['i'], { to: int(7) }),
      operator('Cast', 'u', ['i'], ['c'], { to: int(1) }),
    ],
    { a: floats([8], 9) },
  ],
  ['scalar Mul', [operator('Mul', 't', ['a', 'b'], ['c'])], { a: floats([2, 3]), b: floats([1], 7) }],
  ['Sub from a scalar', [operator('Sub', 't', ['b', 'a'], ['c'])], { a: floats([2, 3]), b: floats([], 7) }],
  ['Div of equal shapes', [operator('Div', 't', ['a', 'b'], ['c'])], { a: floats([4]), b: floats([4], 3) }],
  [
    'Shape arithmetic',
    [
      operator('Shape', 's', ['a'], ['dims']),
      operator('Div', 'd', ['dims', 'two'], ['half']),
      operator('Add', 'p', ['half', 'two'], ['sum']),
      operator('Cast', 'u', ['sum'], ['c'], { to: int(1) }),
    ],
    { a: floats([5, 8]), two: integers(2) },
  ],
];

describe('constant folding', () => {
  it.each(cases)('%s is folded to what the runtime computes', async (_, constant, initializers) => {
    const nodes = [...constant, operator('Mul', 'use', ['c', 'x'], ['y'])];
    const model = modelOf([1], nodes, initializers, 'y');
    const folded = foldConstants(model);
    expect(folded.nodes.map((node) => node.name)).toEqual(['use']);
    expect([...folded.initializers.keys()]).toEqual(['c']);
    const x = { x: floats([1], -3) };
    expect((await runModel(folded, x)).y).toEqual((await runModel(model, x)).y);
  });

  it('folds the older form, where axes and bounds are attributes', async () => {
    const nodes = [
      operator('Slice', 's', ['a'], ['b'], { starts: ints(1), ends: ints(3), axes: ints(0) }),
      operator('Unsqueeze', 'u', ['b'], ['c'], { axes: ints(1) }),
      operator('Mul', 'use', ['c', 'x'], ['y']),
    ];
    const model = { ...modelOf([1], nodes, { a: floats([4]) }, 'y'), opsets: { '': 9 } };
    const folded = foldConstants(model);
    expect(folded.nodes).toHaveLength(1);
    expect(folded.initializers.get('c')?.shape).toEqual([2, 1]);
    expect((await runModel(folded, { x: floats([1]) })).y).toEqual(
      (await runModel(model, { x: floats([1]) })).y,
    );
  });

  it('truncates integer division towards zero', () => {
    const nodes = [operator('Div', 'd', ['a', 'b'], ['c']), operator('Reshape', 'r', ['x', 'c'], ['y'])];
    const model = modelOf([6], nodes, { a: integers(-7, 7), b: integers(2, 2) }, 'y');
    expect(foldConstants(model).initializers.get('c')).toEqual(integers(-3, 3));
  });

  it('leaves what depends on an input, divides by zero or indexes out of range', () => {
    const nodes = [
      operator('Div', 'zero', ['a', 'b'], ['c']),
      operator('Gather', 'range', ['a', 'far'], ['d']),
      operator('Concat', 'join', ['c', 'd'], ['e'], { axis: int(0) }),
      operator('Shape', 'shape', ['x'], ['f']),
      operator('Add', 'add', ['e', 'f'], ['g']),
      operator('Reshape', 'use', ['x', 'g'], ['y']),
    ];
    const model = modelOf([6], nodes, { a: integers(1), b: integers(0), far: integers(9) }, 'y');
    expect(foldConstants(model).nodes).toEqual(model.nodes);
  });

  it('does not touch a model without constant operators', () => {
    expect(foldConstants(residualModel())).toEqual(residualModel());
  });

  it('takes Identity out, in front of an output too, and keeps the outer names', async () => {
    const nodes = [
      operator('Identity', 'i1', ['x'], ['a']),
      operator('Relu', 'r', ['a'], ['b']),
      operator('Identity', 'i2', ['b'], ['c']),
      operator('Identity', 'i3', ['c'], ['y']),
    ];
    const folded = foldConstants(modelOf([4], nodes, {}, 'y'));
    expect(folded.nodes).toEqual([operator('Relu', 'r', ['x'], ['y'])]);
  });

  it('keeps an Identity that joins an input to an output', () => {
    const model = modelOf([4], [operator('Identity', 'i', ['x'], ['y'])], {}, 'y');
    expect(foldConstants(model)).toEqual(model);
  });

  it('computes the same where one tensor goes to several Identities', async () => {
    const nodes = [
      operator('Relu', 'r', ['x'], ['a']),
      operator('Identity', 'i1', ['a'], ['b']),
      operator('Identity', 'i2', ['a'], ['c']),
      operator('Add', 'add', ['b', 'c'], ['y']),
    ];
    const model = modelOf([4], nodes, {}, 'y');
    const folded = foldConstants(model);
    expect(folded.nodes).toHaveLength(2);
    const x = { x: floats([4]) };
    expect(areClose((await runModel(folded, x)).y ?? [], (await runModel(model, x)).y ?? [1])).toBe(true);
  });
});

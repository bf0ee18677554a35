import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { ProgramBuilder } from '../../../electron/engine/instructions/builder.ts';
import { evaluate } from '../../../electron/engine/instructions/evaluate.ts';
import type { Parameters, Program } from '../../../electron/engine/instructions/program.ts';
import { bind } from '../../../electron/engine/instructions/program.ts';
import type { Draft } from '../../../electron/engine/search/draft.ts';

const same = { strides: [1, 1], dilations: [1, 1], pads: [1, 1, 1, 1], groups: 1 };

/** x [N,8,8,8] → conv w1 8→16, relu, conv w2 16→8, + x, relu: a residual block. */
export function residualBlock(): Draft {
  const b = new ProgramBuilder();
  const x = b.input('x', [-1, 8, 8, 8]);
  const first = b.add('relu', [convolution(b, x, 'w1', 8, 16)], {});
  const second = convolution(b, first, 'w2', 16, 8);
  return withValues(b.build([b.add('relu', [b.add('add', [second, x], {})], {})]));
}

/** x [N,3,8,8] → conv w1 3→12, relu, conv w2 12→16, relu, flatten, matmul w3 → [N,5]. */
export function classifier(): Draft {
  const b = new ProgramBuilder();
  const x = b.input('x', [-1, 3, 8, 8]);
  const first = b.add('relu', [convolution(b, x, 'w1', 3, 12)], {});
  const second = b.add('relu', [convolution(b, first, 'w2', 12, 16)], {});
  const flat = b.add('reshape', [second], { shape: [-1, 16 * 64] });
  const scores = b.add('matmul', [flat, b.parameter('w3', [16 * 64, 5])], {});
  return withValues(b.build([b.add('add', [scores, b.parameter('w3.bias', [5])], {})]));
}

/** One 3×3 convolution w1 8→16 with bias. */
export function oneConvolution(): Draft {
  const b = new ProgramBuilder();
  return withValues(b.build([convolution(b, b.input('x', [-1, 8, 8, 8]), 'w1', 8, 16)]));
}

function convolution(b: ProgramBuilder, x: number, name: string, from: number, to: number): number {
  const bias = b.add('reshape', [b.parameter(`${name}.bias`, [to])], { shape: [1, to, 1, 1] });
  return b.add('add', [b.add('conv', [x, b.parameter(name, [to, from, 3, 3])], same), bias], {});
}

/** The program with seeded values for its parameters. */
export function withValues(program: Program): Draft {
  const rng = xoroshiro128plus(3);
  const parameters = new Map<string, { shape: readonly number[]; data: Float32Array }>();
  for (const i of program.instructions) {
    if (i.op !== 'parameter') continue;
    const { name, shape } = i.attributes;
    const size = shape.reduce((a, d) => a * d, 1);
    parameters.set(name, {
      shape,
      data: Float32Array.from({ length: size }, () => (uniformFloat64(rng) - 0.5) * 0.6),
    });
  }
  return { program, parameters, refits: [] };
}

/** Seeded inputs for a batch of `samples`. */
export function inputs(
  program: Program,
  samples: number,
  seed = 9,
): Map<string, { shape: number[]; data: Float64Array }> {
  const rng = xoroshiro128plus(seed);
  return new Map(
    program.instructions.flatMap((i) => {
      if (i.op !== 'input') return [];
      const shape = bind(i.attributes.shape, samples);
      const data = Float64Array.from(
        { length: shape.reduce((a, d) => a * d, 1) },
        () => uniformFloat64(rng) - 0.3,
      );
      return [[i.attributes.name, { shape, data }] as const];
    }),
  );
}

/** Output 0 of a draft on seeded inputs. */
export function outputOf(draft: { program: Program; parameters: Parameters }, samples = 1): Float64Array {
  return evaluate(draft.program, inputs(draft.program, samples), draft.parameters, samples)[0]!.data;
}

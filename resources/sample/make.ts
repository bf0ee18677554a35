/**
 * Trains the sample network on Fashion-MNIST with Fieldtune's own gradient graphs and writes `model.onnx`:
 * `npm run sample [-- --steps 2400]`. Needs Debian's package `dataset-fashion-mnist`.
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { ProgramBuilder } from '../../electron/engine/instructions/builder.ts';
import { lowerToModel } from '../../electron/engine/instructions/lower.ts';
import type { Program } from '../../electron/engine/instructions/program.ts';
import { writeModel } from '../../electron/engine/onnx/write.ts';
import { localThreads, openSession } from '../../electron/engine/tuning/runtime.ts';
import { makeTrainer } from '../../electron/engine/tuning/trainer.ts';
import { readFashionMnist } from './data-from-debian.ts';

const classes = 10;
const side = 28;
const pixels = side * side;
const rng = xoroshiro128plus(1);

interface Layer {
  readonly kind: 'conv' | 'pool';
  readonly channels: number;
}

const layers: readonly Layer[] = [
  { kind: 'conv', channels: 32 },
  { kind: 'conv', channels: 64 },
  { kind: 'pool', channels: 64 },
  { kind: 'conv', channels: 96 },
  { kind: 'conv', channels: 128 },
  { kind: 'pool', channels: 128 },
  { kind: 'conv', channels: 128 },
  { kind: 'conv', channels: 128 },
];

function network(): Program {
  const b = new ProgramBuilder();
  let x = b.input('image', [-1, 1, side, side]);
  let [channels, n] = [1, 0];
  for (const layer of layers) {
    if (layer.kind === 'pool') {
      x = b.add('maxPool', [x], { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0] });
      continue;
    }
    n++;
    const w = b.parameter(`conv${n}.weight`, [layer.channels, channels, 3, 3]);
    const bias = b.add('reshape', [b.parameter(`conv${n}.bias`, [layer.channels])], {
      shape: [1, layer.channels, 1, 1],
    });
    const y = b.add('conv', [x, w], { strides: [1, 1], dilations: [1, 1], pads: [1, 1, 1, 1], groups: 1 });
    x = b.add('relu', [b.add('add', [y, bias], {})], {});
    channels = layer.channels;
  }
  const pooled = b.add('mean', [x], { axes: [2, 3], keepDims: true });
  const flat = b.add('reshape', [pooled], { shape: [-1, channels] });
  const scores = b.add('matmul', [flat, b.parameter('classifier.weight', [channels, classes])], {});
  return b.build([b.add('add', [scores, b.parameter('classifier.bias', [classes])], {})]);
}

/** He's initialization: normal, variance 2 over the inputs of a unit; biases 0. */
function initialValues(program: Program) {
  const normal = () =>
    Math.sqrt(-2 * Math.log(1 - uniformFloat64(rng))) * Math.cos(2 * Math.PI * uniformFloat64(rng));
  return new Map(
    program.instructions.flatMap((i) => {
      if (i.op !== 'parameter') return [];
      const { name, shape } = i.attributes;
      const size = shape.reduce((a, d) => a * d, 1);
      const inputs = shape.length === 4 ? size / shape[0]! : shape[0]!;
      const deviation = shape.length === 1 ? 0 : Math.sqrt(2 / inputs);
      return [
        [name, { shape, data: Float32Array.from({ length: size }, () => normal() * deviation) }] as const,
      ];
    }),
  );
}

/** One image, shifted by up to two pixels and mirrored half of the time, scaled to 0 … 1. */
function augment(images: Uint8Array, index: number, into: Float32Array, at: number): void {
  const [dx, dy] = [uniformInt(rng, -2, 2), uniformInt(rng, -2, 2)];
  const mirrored = uniformInt(rng, 0, 1) === 1;
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const [sx, sy] = [(mirrored ? side - 1 - x : x) + dx, y + dy];
      const inside = sx >= 0 && sx < side && sy >= 0 && sy < side;
      into[at + y * side + x] = inside ? images[index * pixels + sy * side + sx]! / 255 : 0;
    }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { steps: { type: 'string', default: '2400' }, batch: { type: 'string', default: '32' } },
  });
  const [steps, batch] = [Number(values.steps), Number(values.batch)];
  const read = await readFashionMnist();
  if (!read.ok) throw new Error(read.error);
  const { train, test } = read.value;
  const program = network();
  const threads = localThreads(availableParallelism());
  const trainer = await makeTrainer(program, initialValues(program), {
    batch,
    threads,
    head: 'scores',
    scales: [1],
    weightDecay: 0.01,
  });
  const x = new Float32Array(batch * pixels);
  const started = performance.now();
  let smooth = 0;
  for (let step = 0; step < steps; step++) {
    const target = new Float32Array(batch * classes).fill(0.1 / classes);
    for (let i = 0; i < batch; i++) {
      const index = uniformInt(rng, 0, train.count - 1);
      augment(train.images, index, x, i * pixels);
      target[i * classes + train.labels[index]!]! += 0.9;
    }
    const warm = Math.min(1, (step + 1) / 100);
    const rate = 0.002 * warm * 0.5 * (1 + Math.cos((Math.PI * step) / steps));
    const loss = await trainer.step(x, [target], rate);
    smooth = step === 0 ? loss : 0.98 * smooth + 0.02 * loss;
    if (step % 100 === 99)
      console.log(
        `step ${step + 1}: loss ${smooth.toFixed(3)}, ${((performance.now() - started) / 1000).toFixed(0)} s`,
      );
  }
  const model = lowerToModel(program, trainer.parameters, { opset: 13, batch: null, outputs: ['scores'] });
  const bytes = writeModel({ ...model, graphName: 'fashion_mnist_sample' });
  const session = await openSession(bytes, threads);
  let right = 0;
  for (let first = 0; first < test.count; first += 100) {
    const images = Float32Array.from(
      test.images.subarray(first * pixels, (first + 100) * pixels),
      (v) => v / 255,
    );
    const { scores } = await session.run({ image: { shape: [100, 1, side, side], data: images } });
    for (let i = 0; i < 100; i++) {
      const row = scores!.data.subarray(i * classes, (i + 1) * classes);
      if (row.indexOf(Math.max(...row)) === test.labels[first + i]) right++;
    }
  }
  writeFileSync(join(import.meta.dirname, 'model.onnx'), bytes);
  console.log(
    `${steps} steps of ${batch}: ${((100 * right) / test.count).toFixed(2)} % of ${test.count} test images, ${bytes.length} bytes`,
  );
}

await main();

import { expect, test } from 'vitest';
import { differentiate, parametersOf } from '../../../electron/engine/instructions/differentiate.ts';
import { evaluate } from '../../../electron/engine/instructions/evaluate.ts';
import { lowerToModel } from '../../../electron/engine/instructions/lower.ts';
import { targetName, withLoss } from '../../../electron/engine/tuning/loss.ts';
import { openSession } from '../../../electron/engine/tuning/runtime.ts';
import { classifier, inputs, residualBlock } from '../search/small-nets.ts';

const batch = 3;

test.each([
  ['a classifier by cross-entropy', classifier(), 'scores'],
  ['a residual block by squared difference', residualBlock(), 'values'],
] as const)(
  'the gradient of %s agrees with finite differences in every parameter, and in the runtime',
  async (_name, net, head) => {
    const loss = withLoss(net.program, { head, scales: [1] });
    const names = parametersOf(loss).map((p) => p.name);
    const feeds = inputs(loss, batch, 5);
    const target = feeds.get(targetName(0))!;
    if (head === 'scores')
      target.data.set(target.data.map((_, i) => (i % 5 === Math.floor(i / 5) % 5 ? 0.8 : 0.05)));
    const values = new Map(
      [...net.parameters].map(
        ([n, { shape, data }]) => [n, { shape, data: Float64Array.from(data) }] as const,
      ),
    );
    const gradient = differentiate(loss, names);
    const [, , ...analytic] = evaluate(gradient, feeds, values, batch);
    const step = 1e-6;
    names.forEach((name, n) => {
      const { data } = values.get(name)!;
      const picks = Array.from(
        { length: Math.min(12, data.length) },
        (_, i) => Math.floor((i * data.length) / 12) % data.length,
      );
      for (const i of picks) {
        const v = data[i]!;
        const at = (moved: number) => {
          data[i] = moved;
          return evaluate({ ...loss, outputs: [loss.outputs[0]!] }, feeds, values, batch)[0]!.data[0]!;
        };
        const numeric = (at(v + step) - at(v - step)) / (2 * step);
        data[i] = v;
        expect(Math.abs(analytic[n]!.data[i]! - numeric), `${name} ${i}`).toBeLessThan(
          1e-6 + 1e-4 * Math.abs(numeric),
        );
      }
    });
    const session = await openSession(lowerToModel(gradient, new Map(), { opset: 17, batch }), 1);
    const all = [...feeds, ...values].map(
      ([n, { shape, data }]) => [n, { shape, data: Float32Array.from(data) }] as const,
    );
    const results = await session.run(Object.fromEntries(all));
    await session.release();
    names.forEach((name, n) => {
      const worst = results[`output_${n + 2}`]!.data.reduce(
        (most, v, i) => Math.max(most, Math.abs(v - analytic[n]!.data[i]!)),
        0,
      );
      expect(worst, name).toBeLessThan(1e-4);
    });
  },
);

import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { costOf } from '../instructions/cost.ts';
import { evaluate } from '../instructions/evaluate.ts';
import type { Program } from '../instructions/program.ts';
import { bind } from '../instructions/program.ts';

/** Tells programs that compute the same from those that do not, by their outputs on fixed probes. */
export class Fingerprints {
  readonly #byCost = new Map<string, { readonly program: Program; outputs: Float64Array | null }[]>();

  /** True when an earlier program of the same `scope` computes the same; else remembers this one. */
  isDuplicate(scope: string, program: Program): boolean {
    const { multiplyAdds, parameters } = costOf(program);
    const key = `${scope} ${multiplyAdds} ${parameters}`;
    const peers = this.#byCost.get(key) ?? [];
    this.#byCost.set(key, peers);
    const own = { program, outputs: null as Float64Array | null };
    // Programs of different cost are different to the user; only equals in cost need the probe.
    if (peers.length > 0) {
      own.outputs = probe(program);
      for (const peer of peers) {
        peer.outputs ??= probe(peer.program);
        if (agree(own.outputs, peer.outputs)) return true;
      }
    }
    peers.push(own);
    return false;
  }
}

/** Outputs on seeded inputs and parameters; parameters are seeded in order of appearance, not by name. */
function probe(program: Program): Float64Array {
  const rng = xoroshiro128plus(20231);
  const fill = (size: number) => Float64Array.from({ length: size }, () => uniformFloat64(rng) - 0.5);
  const inputs = new Map<string, { shape: number[]; data: Float64Array }>();
  const parameters = new Map<string, { shape: number[]; data: Float64Array }>();
  for (const instruction of program.instructions) {
    if (instruction.op !== 'input' && instruction.op !== 'parameter') continue;
    const shape = bind(instruction.shape, 1);
    const bound = { shape, data: fill(shape.reduce((a, d) => a * d, 1)) };
    (instruction.op === 'input' ? inputs : parameters).set(instruction.attributes.name, bound);
  }
  return evaluate(program, inputs, parameters, 1)[0]!.data;
}

function agree(a: Float64Array, b: Float64Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  let size = 0;
  for (let i = 0; i < a.length; i++) {
    difference = Math.max(difference, Math.abs(a[i]! - b[i]!));
    size = Math.max(size, Math.abs(b[i]!));
  }
  return difference <= 1e-9 * Math.max(1, size);
}

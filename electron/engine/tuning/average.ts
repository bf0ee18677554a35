import type { Parameters } from '../instructions/program.ts';

/** The mean of parameters over steps of training: no forward pass, one addition a number and step. */
export class RunningAverage {
  readonly #parameters: readonly Float32Array[];
  readonly #sums: Float64Array[] = [];
  #count = 0;

  constructor(parameters: Parameters) {
    this.#parameters = [...parameters.values()].map(({ data }) => data);
  }

  /** Takes in the values as they now are. */
  add(): void {
    this.#count++;
    for (const [n, data] of this.#parameters.entries()) {
      this.#sums[n] ??= new Float64Array(data.length);
      const sum = this.#sums[n];
      for (let i = 0; i < data.length; i++) sum[i]! += data[i]!;
    }
  }

  /** Puts the mean in place of the values; nothing happens where nothing was taken in. */
  apply(): void {
    if (this.#count === 0) return;
    for (const [n, data] of this.#parameters.entries())
      for (let i = 0; i < data.length; i++) data[i] = this.#sums[n]![i]! / this.#count;
  }
}

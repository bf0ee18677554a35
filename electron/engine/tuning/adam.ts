/** Adam's settings (Kingma & Ba, 2015), with decoupled weight decay (Loshchilov & Hutter, 2019). */
export interface AdamSettings {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

/** The settings of the paper, without decay. */
export const adamDefaults: AdamSettings = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 };

/** Optimizer over named parameter arrays, which it changes in place. */
export class Adam {
  readonly #settings: AdamSettings;
  readonly #state: readonly {
    readonly values: Float32Array;
    readonly m: Float32Array;
    readonly v: Float32Array;
    readonly decays: boolean;
  }[];
  #step = 0;

  /** Decay applies to arrays of rank ≥ 2 (weights), not to biases and scales. */
  constructor(
    parameters: readonly { readonly shape: readonly number[]; readonly data: Float32Array }[],
    settings = adamDefaults,
  ) {
    this.#settings = settings;
    this.#state = parameters.map(({ shape, data }) => ({
      values: data,
      m: new Float32Array(data.length),
      v: new Float32Array(data.length),
      decays: shape.length >= 2,
    }));
  }

  /** One step along `gradients` (in the order of the parameters); gradients longer than `clip` in total are shortened. */
  step(gradients: readonly Float32Array[], rate: number, clip = 5): void {
    const { beta1, beta2, epsilon, weightDecay } = this.#settings;
    this.#step++;
    let squared = 0;
    for (const g of gradients) for (let i = 0; i < g.length; i++) squared += g[i]! * g[i]!;
    // A step that is not finite would poison every parameter for good.
    if (!Number.isFinite(squared)) return;
    const scale = Math.min(1, clip / Math.sqrt(squared + 1e-12));
    const correction1 = 1 - beta1 ** this.#step;
    const correction2 = 1 - beta2 ** this.#step;
    const size = rate / correction1;
    this.#state.forEach(({ values, m, v, decays }, n) => {
      const gradient = gradients[n]!;
      const shrink = decays ? 1 - rate * weightDecay : 1;
      for (let i = 0; i < values.length; i++) {
        const g = gradient[i]! * scale;
        const mi = beta1 * m[i]! + (1 - beta1) * g;
        const vi = beta2 * v[i]! + (1 - beta2) * g * g;
        m[i] = mi;
        v[i] = vi;
        values[i] = values[i]! * shrink - (size * mi) / (Math.sqrt(vi / correction2) + epsilon);
      }
    });
  }
}

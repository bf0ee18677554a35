/** Adam's settings (Kingma & Ba, 2015), with decoupled weight decay (Loshchilov & Hutter, 2019). */
export interface AdamSettings {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

/** The settings of the paper, without decay. */
export const adamDefaults: AdamSettings = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 };

interface Learned {
  readonly values: Float32Array;
  readonly m: Float32Array;
  readonly v: Float32Array;
  readonly decays: boolean;
}

/** Optimizer over named parameter arrays, which it changes in place. */
export class Adam {
  readonly #settings: AdamSettings;
  readonly #state: readonly Learned[];
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

  /**
   * One step along `gradients` (in the order of the parameters), each the sum of `parts` gradients; where their
   * mean is longer than `clip` in total, it is shortened.
   */
  step(gradients: readonly Float32Array[], rate: number, clip = 5, parts = 1): void {
    const { beta1, beta2, epsilon, weightDecay } = this.#settings;
    this.#step++;
    let squared = 0;
    for (const gradient of gradients) squared += squaredLength(gradient);
    // A step that is not finite would poison every parameter for good.
    if (!Number.isFinite(squared)) return;
    const length = Math.sqrt(squared) / parts;
    const scale = Math.min(1, clip / (length + 1e-6)) / parts;
    const size = rate / (1 - beta1 ** this.#step);
    const root = 1 / Math.sqrt(1 - beta2 ** this.#step);
    for (let n = 0; n < this.#state.length; n++) {
      const learned = this.#state[n]!;
      const shrink = learned.decays ? 1 - rate * weightDecay : 1;
      descend(learned, gradients[n]!, { scale, beta1, beta2, size, root, epsilon, shrink });
    }
  }
}

function squaredLength(values: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]! * values[i]!;
  return sum;
}

/** The hot loop, alone so that it is compiled for these arrays and nothing else. */
function descend(
  { values, m, v }: Learned,
  gradient: Float32Array,
  constants: {
    readonly scale: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly size: number;
    readonly root: number;
    readonly epsilon: number;
    readonly shrink: number;
  },
): void {
  const { scale, beta1, beta2, size, root, epsilon, shrink } = constants;
  const [rest1, rest2] = [1 - beta1, 1 - beta2];
  for (let i = 0; i < values.length; i++) {
    const g = gradient[i]! * scale;
    const mi = beta1 * m[i]! + rest1 * g;
    const vi = beta2 * v[i]! + rest2 * g * g;
    m[i] = mi;
    v[i] = vi;
    values[i] = values[i]! * shrink - (size * mi) / (Math.sqrt(vi) * root + epsilon);
  }
}

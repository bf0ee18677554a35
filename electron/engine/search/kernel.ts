/** How alike two points are, of a Gaussian process. */
export type Kernel = (a: Float64Array, b: Float64Array) => number;

/** A plane of variance `plane` an axis, and what bends it: variance `bend` over distances whose square is `reach`. */
export const kernelOf =
  (plane: number, bend: number, reach: number): Kernel =>
  (a, b) => {
    let dot = 0;
    let distance = 0;
    for (let i = 0; i < a.length; i++) {
      dot += a[i]! * b[i]!;
      distance += (a[i]! - b[i]!) ** 2;
    }
    return plane * dot + bend * Math.exp(-distance / (2 * reach));
  };

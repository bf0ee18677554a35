/** Prediction of a row whose outputs are not all finite: right for no label, in agreement with nothing. */
export const noPrediction = -1;

/**
 * Index of the largest of each row of outputs [rows, width]; the first among equals. A single output is a
 * yes-or-no of 1 from 0.5 on.
 */
export function top1(outputs: ArrayLike<number>, width: number): Int32Array {
  const rows = rowsOf(outputs.length, width);
  const predictions = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    let best = 0;
    let finite = true;
    for (let i = 0; i < width; i++) {
      const value = outputs[row * width + i] ?? Number.NaN;
      if (!Number.isFinite(value)) finite = false;
      if (value > (outputs[row * width + best] ?? 0)) best = i;
    }
    if (width === 1) best = (outputs[row] ?? 0) >= 0.5 ? 1 : 0;
    predictions[row] = finite ? best : noPrediction;
  }
  return predictions;
}

/** Part of the samples, 0 to 1, on which two lists of predictions (or predictions and labels) are the same. */
export function agreement(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length || a.length === 0) throw new Error(`${a.length} predictions against ${b.length}`);
  let same = 0;
  for (let i = 0; i < a.length; i++) if (a[i] === b[i] && a[i] !== noPrediction) same++;
  return same / a.length;
}

/** Part of the samples, 0 to 1, that are predicted as labelled. */
export const accuracy = (predictions: ArrayLike<number>, labels: ArrayLike<number>): number =>
  agreement(predictions, labels);

/** Whether every row of [rows, width] is a distribution: nothing below 0, a sum of 1 within 0.001. */
export function areProbabilities(outputs: ArrayLike<number>, width: number): boolean {
  const rows = rowsOf(outputs.length, width);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (let i = 0; i < width; i++) {
      const value = outputs[row * width + i] ?? Number.NaN;
      if (!(value >= 0)) return false;
      sum += value;
    }
    if (!(Math.abs(sum - 1) <= 1e-3)) return false;
  }
  return rows > 0;
}

/** How far a student's outputs are from the teacher's, over all rows added so far. */
export interface OutputDifference {
  readonly rows: number;
  /** Part of the rows with the same top-1, 0 to 1. */
  readonly agreement: number;
  /** Mean over rows of the cosine of both outputs; 1 where both are zero. */
  readonly cosine: number;
  /** Largest absolute difference of any value; infinite where one is not finite. */
  readonly largestDifference: number;
  /** Mean over rows of KL(teacher ‖ student), nats. */
  readonly kl: number;
}

/**
 * Compares outputs batch by batch in constant memory. The teacher's first batch decides whether both models give
 * probabilities or logits, since they end alike.
 */
export function makeOutputComparison(width: number): {
  /** Teacher's and student's outputs of one batch, [rows, width] each. */
  add(teacher: Float32Array, student: Float32Array): void;
  result(): OutputDifference;
} {
  let rows = 0;
  let same = 0;
  let cosineSum = 0;
  let klSum = 0;
  let largestDifference = 0;
  let probabilities: boolean | null = null;
  return {
    add(teacher, student) {
      if (teacher.length !== student.length) {
        throw new Error(`${teacher.length} outputs against ${student.length}`);
      }
      probabilities ??= areProbabilities(teacher, width);
      const batchRows = rowsOf(teacher.length, width);
      if (batchRows === 0) return;
      same += agreement(top1(teacher, width), top1(student, width)) * batchRows;
      for (let i = 0; i < teacher.length; i++) {
        const difference = Math.abs((teacher[i] ?? 0) - (student[i] ?? 0));
        if (!(difference <= largestDifference)) {
          largestDifference = Number.isFinite(difference) ? difference : Number.POSITIVE_INFINITY;
        }
      }
      for (let start = 0; start < teacher.length; start += width) {
        const p = teacher.subarray(start, start + width);
        const q = student.subarray(start, start + width);
        cosineSum += cosineOf(p, q);
        klSum += divergence(p, q, probabilities);
      }
      rows += batchRows;
    },
    result() {
      if (rows === 0) throw new Error('No outputs were compared');
      const agreementShare = Math.round(same) / rows;
      return {
        rows,
        agreement: agreementShare,
        cosine: cosineSum / rows,
        largestDifference,
        kl: klSum / rows,
      };
    },
  };
}

function rowsOf(values: number, width: number): number {
  if (!(width > 0) || values % width !== 0) throw new Error(`${values} outputs are no rows of ${width}`);
  return values / width;
}

/** Cosine of the angle between two rows, −1 to 1: 1 where both are zero, 0 where one is or a value is not finite. */
export function cosineOf(a: Float32Array, b: Float32Array): number {
  let dot = 0;
  let squaresA = 0;
  let squaresB = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i] ?? 0;
    const y = b[i] ?? 0;
    dot += x * y;
    squaresA += x * x;
    squaresB += y * y;
  }
  if (squaresA === 0 && squaresB === 0) return 1;
  const cosine = dot / Math.sqrt(squaresA * squaresB);
  return Number.isFinite(cosine) ? Math.max(-1, Math.min(1, cosine)) : 0;
}

function divergence(teacher: Float32Array, student: Float32Array, probabilities: boolean): number {
  const p = logDistribution(teacher, probabilities);
  const q = logDistribution(student, probabilities);
  let sum = 0;
  for (let i = 0; i < p.length; i++) {
    const logP = p[i] ?? 0;
    sum += Math.exp(logP) * (logP - (q[i] ?? 0));
  }
  return Number.isNaN(sum) ? Number.POSITIVE_INFINITY : Math.max(0, sum);
}

function logDistribution(row: Float32Array, probabilities: boolean): Float64Array {
  // A probability of 0 in float32 is one too small to hold, so it is bounded instead of making KL infinite.
  const logits = Float64Array.from(
    row,
    probabilities ? (value) => Math.log(Math.max(value, 1e-12)) : undefined,
  );
  const largest = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - largest), 0);
  const logSum = largest + Math.log(sum);
  return logits.map((logit) => logit - logSum);
}

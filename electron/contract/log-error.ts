/** An error of a logarithm as percent of the value itself: 0.1 → 10.5. */
export const logErrorPercent = (error: number): number => (Math.exp(error) - 1) * 100;

import type { Plan } from './preprocess.ts';

/** From the stored form, told in `stored`, to the model's input: a sentence a step, in English, in order. */
export function describeSteps(stored: readonly string[], plan: Plan): string[] {
  const steps = [...stored];
  const { scale, mean, std } = plan;
  const divisor = Math.round(1 / scale);
  if (scale !== 1)
    steps.push(
      divisor > 1 && Math.abs(divisor * scale - 1) < 1e-9
        ? `Divided by ${divisor}.`
        : `Multiplied by ${number(scale)}.`,
    );
  if (mean.some((value) => value !== 0)) steps.push(`The mean ${perChannel(mean)} is taken off.`);
  if (std.some((value) => value !== 1)) steps.push(`Divided by the standard deviation ${perChannel(std)}.`);
  if (plan.storedChannelsFirst !== plan.wantedChannelsFirst)
    steps.push(
      plan.wantedChannelsFirst
        ? 'Channels are moved from the last axis to the first (NCHW).'
        : 'Channels are moved from the first axis to the last (NHWC).',
    );
  if (steps.length === stored.length) steps.push('The values go in as they are stored.');
  return steps;
}

const number = (value: number): string => String(Number(value.toPrecision(6)));

function perChannel(values: readonly number[]): string {
  const [first = 0] = values;
  return values.every((value) => value === first)
    ? number(first)
    : `${values.map(number).join(', ')} of each channel`;
}

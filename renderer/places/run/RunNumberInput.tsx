import { NumberInput, type NumberInputProps } from '@mantine/core';
import type { ReactNode } from 'react';
import { numberLimits, type RunNumber } from './run-choice.ts';

interface Props
  extends Pick<
    NumberInputProps,
    'label' | 'description' | 'placeholder' | 'className' | 'w' | 'size' | 'aria-label' | 'suffix'
  > {
  readonly name: RunNumber;
  readonly value: number | null;
  readonly onChange: (value: number | null) => void;
  /** How many of the kept unit make one of the shown unit. */
  readonly scale?: number;
  readonly decimals?: number;
  readonly step?: number;
}

/** A field for one of the numbers of a run; null while it holds no number. */
export function RunNumberInput({
  name,
  value,
  onChange,
  scale = 1,
  decimals = 0,
  step = 1,
  ...shown
}: Props): ReactNode {
  const [from, to] = numberLimits[name];
  return (
    <NumberInput
      {...shown}
      value={value === null ? '' : Number((value / scale).toFixed(decimals))}
      onChange={(next) => onChange(typeof next === 'number' ? Number((next * scale).toPrecision(12)) : null)}
      min={Math.ceil((from / scale) * 100) / 100}
      max={to / scale}
      step={step}
      decimalScale={decimals}
      allowNegative={false}
      allowDecimal={decimals > 0}
    />
  );
}

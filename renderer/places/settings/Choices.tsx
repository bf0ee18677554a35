import { NumberInput, SegmentedControl } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import { defaultSettings } from '../../../electron/contract/default-settings.ts';
import type { Settings } from '../../../electron/contract/views.ts';
import { useTexts } from '../../language/language.ts';
import { Row, Section } from './Row.tsx';
import type { EditedSettings } from './use-settings.ts';
import { settingsTexts } from './words.ts';

const themes = ['system', 'light', 'dark', 'contrast'] as const;

/** Language, colours, and the defaults of a run. */
export function Choices({ settings, change }: Pick<EditedSettings, 'settings' | 'change'>): ReactNode {
  const say = useTexts(settingsTexts);
  const languages = [
    { value: 'system', label: say('languageSystem') },
    { value: 'en', label: 'English' },
    { value: 'ja', label: '日本語' },
  ] as const;
  return (
    <>
      <Section name="language">
        <Row
          name="language"
          title={say('language')}
          hint={say('languageHint')}
          reset={
            settings.language === 'system'
              ? null
              : { value: say('languageSystem'), onReset: () => change({ language: 'system' }) }
          }
        >
          <SegmentedControl
            aria-label={say('language')}
            data={languages.map(({ value, label }) => ({
              value,
              label: <span lang={value === 'system' ? undefined : value}>{label}</span>,
            }))}
            value={settings.language}
            onChange={(language) => change({ language })}
          />
        </Row>
      </Section>
      <Section name="appearance">
        <Row
          name="theme"
          title={say('theme')}
          hint={say('themeHint')}
          reset={
            settings.theme === 'system'
              ? null
              : { value: say('theme.system'), onReset: () => change({ theme: 'system' }) }
          }
        >
          <SegmentedControl
            aria-label={say('theme')}
            data={themes.map((value) => ({ value, label: say(`theme.${value}`) }))}
            value={settings.theme}
            onChange={(theme) => change({ theme })}
          />
        </Row>
      </Section>
      <Section name="defaults" hint={say('defaultsHint')}>
        {numbers.map((field) => (
          <NumberRow key={field.name} field={field} settings={settings} change={change} />
        ))}
      </Section>
    </>
  );
}

type NumberName = Exclude<keyof Settings, 'language' | 'theme'>;

interface NumberField {
  readonly name: NumberName;
  readonly from: number;
  readonly to: number;
  readonly step: number;
  readonly decimals: number;
  /** How many of the kept unit make one of the shown unit. */
  readonly scale: number;
  readonly unit: 'points' | 'minutes' | null;
}

const whole = { step: 1, decimals: 0, scale: 1, unit: null } as const;
const numbers: readonly NumberField[] = [
  { name: 'maxAccuracyDrop', from: 0, to: 100, step: 0.1, decimals: 2, scale: 1, unit: 'points' },
  { name: 'budgetSeconds', from: 1, to: 1440, step: 5, decimals: 1, scale: 60, unit: 'minutes' },
  { name: 'threads', from: 1, to: 64, ...whole },
  { name: 'groupSize', from: 1, to: 16, ...whole },
  { name: 'seed', from: 0, to: 2 ** 31, ...whole },
];

/** Time without a key after which a typed number is kept, as leaving its field keeps it at once. */
const settleMs = 700;

function NumberRow({
  field,
  settings,
  change,
}: Pick<EditedSettings, 'settings' | 'change'> & { readonly field: NumberField }) {
  const say = useTexts(settingsTexts);
  const { name, from, to, step, decimals, scale, unit } = field;
  const shown = Number((settings[name] / scale).toFixed(decimals));
  const [typed, setTyped] = useState<number | string>(shown);
  // A reset, or another window, changes the value behind the field.
  useEffect(() => setTyped(shown), [shown]);
  const isNew = typeof typed === 'number' && typed >= from && typed <= to && typed !== shown;
  const toKeep = isNew ? Number((typed * scale).toPrecision(12)) : null;
  useEffect(() => {
    if (toKeep === null) return undefined;
    const timer = setTimeout(() => change({ [name]: toKeep }), settleMs);
    return () => clearTimeout(timer);
  }, [toKeep, name, change]);
  const leave = (): void => {
    if (toKeep !== null) change({ [name]: toKeep });
    else if (typeof typed !== 'number') setTyped(shown);
  };
  const suffix = unit === null ? '' : ` ${say(unit)}`;
  const usual = defaultSettings[name];
  return (
    <Row
      name={name}
      title={say(name)}
      hint={say(`${name}Hint`)}
      reset={
        settings[name] === usual
          ? null
          : {
              value: `${(usual / scale).toFixed(name === 'maxAccuracyDrop' ? 1 : 0)}${suffix}`,
              onReset: () => change({ [name]: usual }),
            }
      }
    >
      <NumberInput
        aria-label={say(name)}
        w={150}
        size="sm"
        min={from}
        max={to}
        step={step}
        decimalScale={decimals}
        allowDecimal={decimals > 0}
        allowNegative={false}
        suffix={suffix}
        value={typed}
        onChange={setTyped}
        onBlur={leave}
        styles={{ input: { textAlign: 'right', paddingInlineEnd: 34, fontVariantNumeric: 'tabular-nums' } }}
      />
    </Row>
  );
}

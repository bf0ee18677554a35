import { useMemo } from 'react';
import { type Language, useLanguage } from './language.ts';

/** Quantities as text with their units, in one language. */
export interface Quantities {
  /** Microseconds as µs, ms or s with three figures: `1.06 ms`. */
  latency(us: number): string;
  /** Seconds as `8 s`, `4 min 12 s` or `1 h 5 min`. */
  duration(seconds: number): string;
  /** Bytes as kB, MB or GB. */
  bytes(count: number): string;
  /** Millijoules as µJ, mJ or J: `12.3 mJ`. */
  energy(millijoules: number): string;
  /** `91.8 %`. */
  percent(value: number, digits?: number): string;
  /** A change in percentage points with its sign: `−0.42 points`. */
  points(value: number): string;
  /** `2.70×`. */
  ratio(value: number): string;
  /** `[2.68, 2.71]`. */
  interval(bounds: readonly [number, number], digits?: number): string;
  /** `481,386`. */
  count(value: number): string;
  /** A count of multiply-adds or parameters, shortened: `4.2 M`. */
  large(value: number): string;
  /** A date with its time of day. */
  date(iso: string): string;
}

const makers = new Map<Language, Quantities>();

/** The quantities of a language. */
export function quantitiesOf(language: Language): Quantities {
  const known = makers.get(language);
  if (known) return known;
  const made = make(language);
  makers.set(language, made);
  return made;
}

/** The quantities in the language of the window. */
export function useQuantities(): Quantities {
  const language = useLanguage();
  return useMemo(() => quantitiesOf(language), [language]);
}

function make(language: Language): Quantities {
  // Making a format takes longer than a thousand uses of it.
  const formats = new Map<number, Intl.NumberFormat>();
  const formatOf = (digits: number): Intl.NumberFormat => {
    const known = formats.get(digits);
    if (known) return known;
    const made = new Intl.NumberFormat(language, {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
      signDisplay: 'negative',
    });
    formats.set(digits, made);
    return made;
  };
  const whole = new Intl.NumberFormat(language);
  const fixed = (value: number, digits: number): string => formatOf(digits).format(value).replace('-', '−');
  const figures = (value: number): string => {
    const size = Math.abs(value);
    return fixed(value, size >= 100 || size === 0 ? 0 : size >= 10 ? 1 : 2);
  };
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  const words = language === 'ja' ? { points: 'ポイント' } : { points: 'points' };
  return {
    latency: (us) => {
      const size = Math.abs(us);
      if (size < 1000) return `${figures(us)} µs`;
      return size < 1e6 ? `${figures(us / 1e3)} ms` : `${figures(us / 1e6)} s`;
    },
    duration: (seconds) => {
      const rounded = Math.round(seconds);
      if (rounded < 60) return `${rounded} s`;
      const minutes = Math.floor(rounded / 60);
      if (minutes < 60) return rounded % 60 === 0 ? `${minutes} min` : `${minutes} min ${rounded % 60} s`;
      return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
    },
    bytes: (count) => {
      if (count < 1000) return `${count} B`;
      if (count < 1e6) return `${figures(count / 1e3)} kB`;
      return count < 1e9 ? `${figures(count / 1e6)} MB` : `${figures(count / 1e9)} GB`;
    },
    energy: (millijoules) => {
      const size = Math.abs(millijoules);
      if (size >= 1000) return `${figures(millijoules / 1000)} J`;
      return size >= 1 ? `${figures(millijoules)} mJ` : `${figures(1000 * millijoules)} µJ`;
    },
    percent: (value, digits = 1) => `${fixed(value, digits)} %`,
    points: (value) => `${value > 0 ? '+' : ''}${fixed(value, 2)} ${words.points}`,
    ratio: (value) => `${fixed(value, 2)}×`,
    interval: ([low, high], digits = 2) => `[${fixed(low, digits)}, ${fixed(high, digits)}]`,
    count: (value) => whole.format(value),
    large: (value) => {
      const size = Math.abs(value);
      if (size < 1e3) return `${value}`;
      if (size < 1e6) return `${figures(value / 1e3)} k`;
      return size < 1e9 ? `${figures(value / 1e6)} M` : `${figures(value / 1e9)} G`;
    },
    date: (iso) => date.format(new Date(iso)),
  };
}

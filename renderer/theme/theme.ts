import { Alert, createTheme, type MantineColorsTuple } from '@mantine/core';

/** Petrol: the one accent of the window. */
const petrol: MantineColorsTuple = [
  '#e8f6f8',
  '#d3e9ed',
  '#a6d3dc',
  '#74bbc9',
  '#4da7b9',
  '#349ab0',
  '#2493ab',
  '#0f7a91',
  '#0f5c6e',
  '#06495a',
];

/** The dark theme's greys, from the text to below the ground, in the hue of window.css. */
const dark: MantineColorsTuple = [
  '#e6eef1',
  '#c9d6dc',
  '#a9bac2',
  '#7d929c',
  '#33424a',
  '#24323a',
  '#182227',
  '#141d21',
  '#10171a',
  '#0b1013',
];

/** The tokens of window.css for the colours that messages have by their meaning. */
const meanings: Readonly<Record<string, string>> = {
  red: 'var(--ft-bad)',
  orange: 'var(--ft-open)',
  green: 'var(--ft-good)',
  gray: 'var(--ft-quiet)',
};

/** What Mantine's components look like here; plain values of ours stand in window.css. */
export const theme = createTheme({
  primaryColor: 'petrol',
  primaryShade: { light: 8, dark: 7 },
  colors: { petrol, dark },
  autoContrast: true,
  respectReducedMotion: true,
  luminanceThreshold: 0.25,
  defaultRadius: 'md',
  cursorType: 'pointer',
  focusRing: 'always',
  fontFamily:
    'system-ui, -apple-system, "Segoe UI", "Noto Sans", "Noto Sans CJK JP", "Hiragino Sans", "Yu Gothic UI", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace',
  headings: { fontWeight: '650', sizes: { h1: { fontSize: '1.5rem' }, h2: { fontSize: '1.125rem' } } },
  components: {
    Alert: Alert.extend({
      vars: (_, { color, variant }) => {
        const meaning = meanings[String(color)] ?? 'var(--ft-accent)';
        if (variant !== 'light') return { root: {} };
        return {
          root: {
            '--alert-bg': `color-mix(in srgb, ${meaning} 9%, var(--ft-surface))`,
            '--alert-color': meaning,
            '--alert-bd': `1px solid color-mix(in srgb, ${meaning} 40%, var(--ft-surface))`,
          },
        };
      },
    }),
  },
});

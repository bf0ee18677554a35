import { createTheme, type MantineColorsTuple } from '@mantine/core';

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

/** What Mantine's components look like here; plain values of ours stand in window.css. */
export const theme = createTheme({
  primaryColor: 'petrol',
  primaryShade: { light: 8, dark: 4 },
  colors: { petrol },
  autoContrast: true,
  respectReducedMotion: true,
  luminanceThreshold: 0.35,
  defaultRadius: 'md',
  cursorType: 'pointer',
  focusRing: 'always',
  fontFamily:
    'system-ui, -apple-system, "Segoe UI", "Noto Sans", "Noto Sans CJK JP", "Hiragino Sans", "Yu Gothic UI", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace',
  headings: { fontWeight: '650', sizes: { h1: { fontSize: '1.5rem' }, h2: { fontSize: '1.125rem' } } },
});

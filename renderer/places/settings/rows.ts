import { type SettingsText, settingsTexts } from './words.ts';

/** The sections of the place in their order, each with its rows and the texts by which those are found. */
export const sections = [
  { name: 'language', rows: [{ name: 'language', words: ['language', 'languageHint', 'languageSystem'] }] },
  {
    name: 'appearance',
    rows: [{ name: 'theme', words: ['theme', 'themeHint', 'theme.light', 'theme.dark', 'theme.contrast'] }],
  },
  {
    name: 'defaults',
    rows: [
      { name: 'maxAccuracyDrop', words: ['maxAccuracyDrop', 'maxAccuracyDropHint'] },
      { name: 'budgetSeconds', words: ['budgetSeconds', 'budgetSecondsHint'] },
      { name: 'threads', words: ['threads', 'threadsHint'] },
      { name: 'groupSize', words: ['groupSize', 'groupSizeHint'] },
      { name: 'seed', words: ['seed', 'seedHint'] },
    ],
  },
  {
    name: 'keys',
    rows: [{ name: 'hostKeys', words: ['hostKeys', 'hostKeysHint', 'fingerprint', 'forget'] }],
  },
  {
    name: 'storage',
    rows: [{ name: 'storageUse', words: ['storageUse', 'storageHint', 'folder', 'clean'] }],
  },
  { name: 'secrets', rows: [{ name: 'secrets', words: ['secretsTitle', 'secretsKept'] }] },
  {
    name: 'shortcuts',
    rows: [
      {
        name: 'shortcuts',
        words: ['keyboard', 'shortcut.places', 'shortcut.palette', 'shortcut.start', 'shortcut.pause'],
      },
    ],
  },
  {
    name: 'diagnostics',
    rows: [
      { name: 'diagnostics', words: ['about', 'aboutHint', 'version', 'platform', 'stateFolder', 'copy'] },
    ],
  },
] as const satisfies readonly Section[];

interface Section {
  readonly name: SettingsText;
  readonly rows: readonly { readonly name: string; readonly words: readonly SettingsText[] }[];
}
export type SectionName = (typeof sections)[number]['name'];
export type RowName = (typeof sections)[number]['rows'][number]['name'];

/** Rows that hold the searched words in English or Japanese; the name of a section finds all of its rows. */
export function findRows(search: string): ReadonlySet<RowName> {
  const wanted = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found = new Set<RowName>();
  for (const { name, rows } of sections)
    for (const row of rows) {
      const keys: readonly SettingsText[] = [name, ...row.words];
      const text = keys
        .map((key) => `${settingsTexts.en[key]} ${settingsTexts.ja[key]}`.toLowerCase())
        .join(' ');
      if (wanted.every((word) => text.includes(word))) found.add(row.name);
    }
  return found;
}

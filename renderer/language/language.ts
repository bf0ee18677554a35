import i18next from 'i18next';
import { useCallback } from 'react';
import { initReactI18next, useTranslation } from 'react-i18next';

/** The languages of the window. */
export const languages = ['en', 'ja'] as const;
export type Language = (typeof languages)[number];

/** The texts of one place or part, in every language; `{{name}}` stands for a value. */
export interface Texts<K extends string> {
  readonly name: string;
  readonly en: Readonly<Record<K, string>>;
  readonly ja: Readonly<Record<K, string>>;
}

/** Declares texts; the Japanese ones must have the same keys as the English ones. */
export function texts<K extends string>(
  name: string,
  en: Readonly<Record<K, string>>,
  ja: Readonly<Record<NoInfer<K>, string>>,
): Texts<K> {
  return { name, en, ja };
}

/** Says a text in the language of the window. */
export type Say<K extends string> = (key: K, values?: Readonly<Record<string, string | number>>) => string;

/** Starts the languages with the system's, until a person's choice is known. */
export async function startLanguages(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: systemLanguage(),
    fallbackLng: 'en',
    keySeparator: false,
    nsSeparator: false,
    resources: {},
    // React escapes what it shows.
    interpolation: { escapeValue: false },
  });
  document.documentElement.lang = i18next.language;
  i18next.on('languageChanged', (language) => {
    document.documentElement.lang = language;
  });
}

/** The first language of the system that the window has. */
function systemLanguage(): Language {
  const known = navigator.languages.map((tag) => languages.find((language) => language === tag.slice(0, 2)));
  return known.find((language) => language !== undefined) ?? 'en';
}

/** Switches the whole window at once. */
export function setLanguage(language: Language | 'system'): void {
  void i18next.changeLanguage(language === 'system' ? systemLanguage() : language);
}

function register<K extends string>(source: Texts<K>): void {
  if (i18next.hasResourceBundle('en', source.name)) return;
  for (const language of languages) i18next.addResourceBundle(language, source.name, source[language]);
}

/** The texts of a place or part in the language of the window. */
export function useTexts<K extends string>(source: Texts<K>): Say<K> {
  register(source);
  const { t } = useTranslation(source.name);
  // i18next's own typing of keys needs all texts in one declaration; here each place brings its own.
  const plain = t as unknown as (key: string, values: object) => string;
  return useCallback((key, values) => plain(key, { ns: source.name, ...values }), [plain, source.name]);
}

/** The language that is shown. */
export function useLanguage(): Language {
  const { i18n: current } = useTranslation();
  return languages.find((language) => language === current.language) ?? 'en';
}

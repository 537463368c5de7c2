/** Words and formats of the reader's language. */
import { createContext, use, useCallback, useContext, useMemo, type ReactNode } from "react";
import { createFormats, type Formats } from "../format";
import { en, type Catalogue, type MessageKey } from "./en";

export type Values = Record<string, string | number>;
export type Translate = (key: MessageKey, values?: Values) => string;

export interface Language {
  locale: string;
  t: Translate;
  /** The message of a computed key, or `otherwise` when the catalogue has none. */
  named: (key: string, otherwise: string) => string;
  /** What a metric means, in the reader's language; `english` is the service's own text. */
  about: (metric: string, english: string) => string;
}

const LanguageContext = createContext<Language | null>(null);
const FormatsContext = createContext<Formats | null>(null);

export function fill(message: string, values: Values = {}): string {
  return message.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

export function createLanguage(
  locale: string,
  catalogue: Catalogue,
  about: Record<string, string>,
): Language {
  return {
    locale,
    t: (key, values) => fill(catalogue[key], values),
    named: (key, otherwise) => (catalogue as Record<string, string>)[key] ?? otherwise,
    about: (metric, english) => about[metric] ?? english,
  };
}

function isGerman(locale: string): boolean {
  return locale.toLowerCase().split("-")[0] === "de";
}

/** The catalogue of `locale`'s language; English for languages without one. */
export async function loadLanguage(locale: string): Promise<Language> {
  if (isGerman(locale)) {
    const { de, about } = await import("./de");
    return createLanguage(locale, de, about);
  }
  return createLanguage(locale, en, {});
}

export function LanguageProvider(props: { language: Language; children: ReactNode }) {
  return <LanguageContext value={props.language}>{props.children}</LanguageContext>;
}

/** Formats need the organisation's time zone, so they are provided once it is known. */
export function FormatsProvider(props: { timeZone: string; children: ReactNode }) {
  const { locale } = useLanguage();
  const formats = useMemo(() => createFormats(locale, props.timeZone), [locale, props.timeZone]);
  return <FormatsContext value={formats}>{props.children}</FormatsContext>;
}

export function useLanguage(): Language {
  const language = useContext(LanguageContext);
  if (!language) throw new Error("LanguageProvider is missing");
  return language;
}

export function useFormats(): Formats {
  const formats = useContext(FormatsContext);
  if (!formats) throw new Error("FormatsProvider is missing");
  return formats;
}

/**
 * The words of a view that is loaded when it is first opened: a hook that gives its `t`. English
 * comes with the view, German when it is spoken; the view must stand inside a Suspense.
 */
export function wordsOf<Key extends string>(
  en: Record<Key, string>,
  german: () => Promise<Record<Key, string>>,
) {
  let de: Promise<Record<Key, string>> | null = null;
  return function useWords(): (key: Key, values?: Values) => string {
    const { locale } = useLanguage();
    const words = isGerman(locale) ? use((de ??= german())) : en;
    return useCallback((key: Key, values?: Values) => fill(words[key], values), [words]);
  };
}

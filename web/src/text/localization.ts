import type { Instrument } from "../gateway/pages";
import type { Language } from "../settings/settings";
import { english, type Texts } from "./english";
import { korean } from "./korean";
import { Numbers } from "./numbers";

/** The texts, number formats and instrument names of a language. */
export interface Localization {
  readonly language: Language;
  readonly texts: Texts;
  readonly numbers: Numbers;
  /** The name of an instrument; its code if the name is not known. */
  name(code: string, instrument: Instrument | undefined): string;
}

export function localize(language: Language): Localization {
  const texts = language === "ko" ? korean : english;
  return {
    language,
    texts,
    numbers: new Numbers(texts.locale),
    name: (code, instrument) =>
      instrument === undefined ? code : language === "en" ? (instrument.englishName ?? instrument.name) : instrument.name,
  };
}

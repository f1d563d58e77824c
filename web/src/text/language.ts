import type { Instrument } from "../gateway/pages";
import type { Language } from "../settings/settings";
import { english, type Texts } from "./english";
import { korean } from "./korean";
import { Numbers } from "./numbers";

/** A language: its texts, and how it writes numbers and names. */
export interface Speech {
  readonly language: Language;
  readonly texts: Texts;
  readonly numbers: Numbers;
  /** The name of an instrument; its code where no name is known. */
  name(code: string, instrument: Instrument | undefined): string;
}

export function speak(language: Language): Speech {
  const texts = language === "ko" ? korean : english;
  return {
    language,
    texts,
    numbers: new Numbers(texts.locale),
    name: (code, instrument) => (instrument === undefined ? code : language === "en" ? (instrument.englishName ?? instrument.name) : instrument.name),
  };
}

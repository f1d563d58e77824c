import { describe, expect, test } from "vitest";
import { english } from "../../src/text/english";
import { korean } from "../../src/text/korean";
import { speak } from "../../src/text/language";

type Text = string | ((...values: readonly string[]) => string);

/** All texts with their place: `gapReason.silence`. */
function textsOf(texts: object, place = ""): Map<string, Text> {
  const found = new Map<string, Text>();
  for (const [name, value] of Object.entries(texts)) {
    if (typeof value === "object") for (const [inner, text] of textsOf(value, `${place}${name}.`)) found.set(inner, text);
    else found.set(place + name, value as Text);
  }
  return found;
}

const told = (text: Text): string => (typeof text === "function" ? text(...Array<string>(text.length).fill("")) : text);

const texts = { en: textsOf(english), ko: textsOf(korean) };
test("Korean has the texts that English has, and no others", () => {
  const kinds = (language: "en" | "ko") => [...texts[language]].map(([name, text]) => `${name}: ${typeof text}`).sort();
  expect(kinds("ko")).toEqual(kinds("en"));
});

describe.each(["en", "ko"] as const)("in %s", (language) => {
  test("no text is empty", () => {
    const empty = [...texts[language]].filter(([, text]) => told(text).trim() === "").map(([name]) => name);
    expect(empty).toEqual([]);
  });

  test("a text that is given values has each of them", () => {
    for (const [name, text] of texts[language]) {
      if (typeof text !== "function") continue;
      const values = Array.from({ length: (texts.en.get(name) as Text).length }, (_, i) => `<${i}>`);
      for (const value of values) expect(text(...values), name).toContain(value);
    }
  });

  test("no text is left in another language", () => {
    if (language === "en") return expect([...texts.en].filter(([, text]) => /[가-힣]/.test(String(text))).map(([name]) => name)).toEqual(["toLanguage", "toLanguageHint", "addHint"]);
    const untranslated = [...texts.ko].filter(([name, text]) => typeof text === "string" && text === texts.en.get(name)).map(([name]) => name);
    expect(untranslated).toEqual(["title", "nxt"]);
  });
});

test("an instrument is named in the language where there is a name, and by its code where there is none", () => {
  const kospi = { kind: "index", code: "0001", name: "종합", englishName: "KOSPI" } as const;
  const samsung = { kind: "stock", code: "005930", name: "삼성전자", englishName: null } as const;
  expect(speak("ko").name("0001", kospi)).toBe("종합");
  expect(speak("en").name("0001", kospi)).toBe("KOSPI");
  expect(speak("en").name("005930", samsung)).toBe("삼성전자");
  expect(speak("ko").name("000660", undefined)).toBe("000660");
});

test("numbers are written as the language writes them", () => {
  expect(speak("ko").numbers.amount(1e8)).toBe("1.00억");
  expect(speak("en").numbers.amount(1e9)).toBe("1.00bn");
});

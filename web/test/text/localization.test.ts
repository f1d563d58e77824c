import { describe, expect, test } from "vitest";
import { english } from "../../src/text/english";
import { korean } from "../../src/text/korean";
import { localize } from "../../src/text/localization";

type Text = string | ((...values: readonly string[]) => string);

/** All texts by path: `gapReason.silence`. */
function textsOf(texts: object, path = ""): Map<string, Text> {
  const found = new Map<string, Text>();
  for (const [name, value] of Object.entries(texts)) {
    if (typeof value === "object") for (const [inner, text] of textsOf(value, `${path}${name}.`)) found.set(inner, text);
    else found.set(path + name, value as Text);
  }
  return found;
}

const filled = (text: Text): string => (typeof text === "function" ? text(...Array<string>(text.length).fill("")) : text);

const texts = { en: textsOf(english), ko: textsOf(korean) };
test("Korean has the texts that English has, and no others", () => {
  const kinds = (language: "en" | "ko") => [...texts[language]].map(([name, text]) => `${name}: ${typeof text}`).sort();
  expect(kinds("ko")).toEqual(kinds("en"));
});

describe.each(["en", "ko"] as const)("in %s", (language) => {
  test("no text is empty", () => {
    const empty = [...texts[language]].filter(([, text]) => filled(text).trim() === "").map(([name]) => name);
    expect(empty).toEqual([]);
  });

  test("a text with parameters contains all of them", () => {
    for (const [name, text] of texts[language]) {
      if (typeof text !== "function") continue;
      const values = Array.from({ length: (texts.en.get(name) as Text).length }, (_, i) => `<${i}>`);
      for (const value of values) expect(text(...values), name).toContain(value);
    }
  });

  test("all texts are translated", () => {
    if (language === "en")
      return expect([...texts.en].filter(([, text]) => /[가-힣]/.test(String(text))).map(([name]) => name)).toEqual([
        "toLanguage",
        "toLanguageHint",
        "addHint",
      ]);
    const untranslated = [...texts.ko]
      .filter(([name, text]) => typeof text === "string" && text === texts.en.get(name))
      .map(([name]) => name);
    expect(untranslated).toEqual(["title", "vi", "nxt", "stockPage.venue.krx", "stockPage.venue.nxt"]);
  });
});

test("an instrument has its name in the language, or its code if it has no name", () => {
  const kospi = { kind: "index", code: "0001", name: "종합", englishName: "KOSPI" } as const;
  const samsung = { kind: "stock", code: "005930", name: "삼성전자", englishName: null } as const;
  expect(localize("ko").name("0001", kospi)).toBe("종합");
  expect(localize("en").name("0001", kospi)).toBe("KOSPI");
  expect(localize("en").name("005930", samsung)).toBe("삼성전자");
  expect(localize("ko").name("000660", undefined)).toBe("000660");
});

test("numbers are formatted for the language", () => {
  expect(localize("ko").numbers.amount(1e8)).toBe("1.00억");
  expect(localize("en").numbers.amount(1e9)).toBe("1.00bn");
});

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Settings } from "../../src/settings/settings";

let stored: string | null;
let darkChanged: () => void;
const screen = { matches: false, addEventListener: (_: string, listener: () => void) => (darkChanged = listener) };

beforeEach(() => {
  stored = null;
  screen.matches = false;
  vi.stubGlobal("localStorage", { getItem: () => stored, setItem: (_: string, text: string) => (stored = text) });
  vi.stubGlobal("matchMedia", () => screen);
  vi.stubGlobal("navigator", { language: "ko-KR" });
});
afterEach(() => vi.unstubAllGlobals());

const all = ({ language, theme, colors }: Settings) => [language, theme, colors];

test("the defaults are the browser's language and theme, and Korean colours", () => {
  expect(all(new Settings(() => undefined))).toEqual(["ko", "light", "korean"]);
  vi.stubGlobal("navigator", { language: "de-DE" });
  screen.matches = true;
  expect(all(new Settings(() => undefined))).toEqual(["en", "dark", "korean"]);
});

test("choices are reported and stored", () => {
  const changed = vi.fn();
  const settings = new Settings(changed);
  settings.choose({ language: "en" });
  settings.choose({ colors: "western", theme: "dark" });
  expect(changed).toHaveBeenCalledTimes(2);
  expect(all(settings)).toEqual(["en", "dark", "western"]);
  expect(all(new Settings(() => undefined))).toEqual(["en", "dark", "western"]);
});

test("the theme follows the system until one is chosen", () => {
  const changed = vi.fn();
  const settings = new Settings(changed);
  screen.matches = true;
  darkChanged();
  expect(settings.theme).toBe("dark");
  expect(changed).toHaveBeenCalledTimes(1);
  settings.choose({ theme: "light" });
  darkChanged();
  expect(settings.theme).toBe("light");
  expect(changed).toHaveBeenCalledTimes(2);
});

test.each(["", "null", "[]", "7", "{", '{"language":"fr","theme":"<b>","colors":7}', '{"__proto__":{"language":"en"}}'])(
  "invalid stored settings (%s) are ignored",
  (text) => {
    stored = text;
    expect(all(new Settings(() => undefined))).toEqual(["ko", "light", "korean"]);
  },
);

test("settings work without storage", () => {
  const refuse = (): never => {
    throw new DOMException("denied", "SecurityError");
  };
  vi.stubGlobal("localStorage", { getItem: refuse, setItem: refuse });
  const settings = new Settings(() => undefined);
  settings.choose({ theme: "dark" });
  expect(all(settings)).toEqual(["ko", "dark", "korean"]);
});

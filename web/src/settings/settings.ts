export type Language = "ko" | "en";
export type Theme = "light" | "dark";
/** In Korea red is up and blue is down; in the West green is up and red is down. */
export type Colors = "korean" | "western";

const storageKey = "kisfeed.settings";

interface Choices {
  language?: Language;
  theme?: Theme;
  colors?: Colors;
}

/** The viewer's settings. Stored in the browser, not in the address, so that a shared view does not change them. */
export class Settings {
  private chosen: Choices = read();
  private readonly prefersDark = matchMedia("(prefers-color-scheme: dark)");

  constructor(private readonly onChanged: () => void) {
    this.prefersDark.addEventListener("change", () => this.chosen.theme === undefined && this.onChanged());
  }

  get language(): Language {
    return this.chosen.language ?? (navigator.language.toLowerCase().startsWith("ko") ? "ko" : "en");
  }

  get theme(): Theme {
    return this.chosen.theme ?? (this.prefersDark.matches ? "dark" : "light");
  }

  get colors(): Colors {
    return this.chosen.colors ?? "korean";
  }

  choose(choices: Choices): void {
    this.chosen = { ...this.chosen, ...choices };
    try {
      localStorage.setItem(storageKey, JSON.stringify(this.chosen));
    } catch {
      // Storage is disabled; the settings are valid until the page is closed.
    }
    this.onChanged();
  }
}

function read(): Choices {
  try {
    const stored = JSON.parse(localStorage.getItem(storageKey) ?? "{}") as Record<string, unknown>;
    const chosen: Choices = {};
    if (stored["language"] === "ko" || stored["language"] === "en") chosen.language = stored["language"];
    if (stored["theme"] === "light" || stored["theme"] === "dark") chosen.theme = stored["theme"];
    if (stored["colors"] === "korean" || stored["colors"] === "western") chosen.colors = stored["colors"];
    return chosen;
  } catch {
    return {};
  }
}

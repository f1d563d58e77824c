export type Language = "ko" | "en";
export type Theme = "light" | "dark";
/** Whose colours: in Korea red is up and blue is down, in the West green is up and red is down. */
export type Colors = "korean" | "western";

const storeName = "kisfeed.settings";

interface Chosen {
  language?: Language;
  theme?: Theme;
  colors?: Colors;
}

/** How somebody likes the page. Kept in the browser, and not in the address: a view that is shared is looked at as its viewer likes it. */
export class Settings {
  private chosen: Chosen = read();
  private readonly prefersDark = matchMedia("(prefers-color-scheme: dark)");

  constructor(private readonly changed: () => void) {
    this.prefersDark.addEventListener("change", () => this.chosen.theme === undefined && this.changed());
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

  choose(what: Chosen): void {
    this.chosen = { ...this.chosen, ...what };
    try {
      localStorage.setItem(storeName, JSON.stringify(this.chosen));
    } catch {
      // A browser that keeps nothing shows the page all the same.
    }
    this.changed();
  }
}

function read(): Chosen {
  try {
    const stored = JSON.parse(localStorage.getItem(storeName) ?? "{}") as Record<string, unknown>;
    const chosen: Chosen = {};
    if (stored["language"] === "ko" || stored["language"] === "en") chosen.language = stored["language"];
    if (stored["theme"] === "light" || stored["theme"] === "dark") chosen.theme = stored["theme"];
    if (stored["colors"] === "korean" || stored["colors"] === "western") chosen.colors = stored["colors"];
    return chosen;
  } catch {
    return {};
  }
}

import type { Source } from "../gateway/pages";
import type { StreamState } from "../gateway/stream";
import type { Settings } from "../settings/settings";
import type { Localization } from "../text/localization";
import { element, setText } from "./dom";

export type ConnectionState = StreamState | "signin" | "recorded";

/** The head of the page: source of the data, state of the connection, and settings. */
export class Header {
  readonly root: HTMLElement;
  private readonly source = element("span", { id: "source", class: "badge" });
  /** Where the page adds the states of the data, and controls. */
  readonly states: HTMLElement;
  readonly tools: HTMLElement;
  private readonly connection = element("span", { id: "connection", class: "badge" });

  constructor(
    private readonly localization: Localization,
    settings: Settings,
  ) {
    const { texts } = localization;
    const button = (id: string, text: string, hint: string, click: () => void): HTMLButtonElement => {
      const created = element("button", { id, type: "button", title: hint }, text);
      created.addEventListener("click", click);
      return created;
    };
    const language = button("language", texts.toLanguage, texts.toLanguageHint, () =>
      settings.choose({ language: settings.language === "ko" ? "en" : "ko" }),
    );
    language.lang = settings.language === "ko" ? "en" : "ko";
    this.source.hidden = true;
    this.states = element("div", { class: "states" }, this.source, this.connection);
    this.tools = element(
      "div",
      { class: "tools", role: "group" },
      button("colors", settings.colors === "korean" ? texts.western : texts.korean, texts.colorsHint, () =>
        settings.choose({ colors: settings.colors === "korean" ? "western" : "korean" }),
      ),
      button("theme", settings.theme === "dark" ? texts.toLight : texts.toDark, texts.themeHint, () =>
        settings.choose({ theme: settings.theme === "dark" ? "light" : "dark" }),
      ),
      language,
    );
    this.root = element(
      "header",
      { class: "page-head" },
      element("div", { class: "brand" }, element("h1", {}, texts.title), element("p", {}, texts.subtitle)),
      this.states,
      this.tools,
    );
  }

  showSource(source: Source): void {
    const { texts } = this.localization;
    this.source.hidden = false;
    this.source.dataset["source"] = source;
    setText(this.source, texts.source[source]);
    this.source.title = texts.sourceHint[source];
  }

  showConnection(state: ConnectionState): void {
    this.connection.dataset["state"] = state;
    setText(this.connection, this.localization.texts.connection[state]);
  }
}

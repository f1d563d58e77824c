import type { Source } from "../gateway/pages";
import type { StreamState } from "../gateway/stream";
import type { Settings } from "../settings/settings";
import type { Speech } from "../text/language";
import { element, setText } from "./dom";

export type ConnectionState = StreamState | "signin";

/** The head of the page: where the data come from, how the connection is, and how somebody likes the page. */
export class Header {
  readonly root: HTMLElement;
  private readonly source = element("span", { id: "source", class: "badge" });
  private readonly connection = element("span", { id: "connection", class: "badge" });

  constructor(
    private readonly speech: Speech,
    settings: Settings,
  ) {
    const { texts } = speech;
    const button = (id: string, text: string, hint: string, click: () => void): HTMLButtonElement => {
      const made = element("button", { id, type: "button", title: hint }, text);
      made.addEventListener("click", click);
      return made;
    };
    const language = button("language", texts.toLanguage, texts.toLanguageHint, () => settings.choose({ language: settings.language === "ko" ? "en" : "ko" }));
    language.lang = settings.language === "ko" ? "en" : "ko";
    this.source.hidden = true;
    this.root = element(
      "header",
      { class: "page-head" },
      element("div", { class: "brand" }, element("h1", {}, texts.title), element("p", {}, texts.subtitle)),
      element("div", { class: "states" }, this.source, this.connection),
      element(
        "div",
        { class: "tools", role: "group" },
        button("colors", settings.colors === "korean" ? texts.western : texts.korean, texts.colorsHint, () =>
          settings.choose({ colors: settings.colors === "korean" ? "western" : "korean" }),
        ),
        button("theme", settings.theme === "dark" ? texts.toLight : texts.toDark, texts.themeHint, () => settings.choose({ theme: settings.theme === "dark" ? "light" : "dark" })),
        language,
      ),
    );
  }

  showSource(source: Source): void {
    const { texts } = this.speech;
    this.source.hidden = false;
    this.source.dataset["source"] = source;
    setText(this.source, texts.source[source]);
    this.source.title = texts.sourceHint[source];
  }

  showConnection(state: ConnectionState): void {
    this.connection.dataset["state"] = state;
    setText(this.connection, this.speech.texts.connection[state]);
  }
}

import type { Speech } from "../text/language";
import { element } from "./dom";

export type Weight = "good" | "bad" | "plain";

/** Writes what has happened in a language. */
export type Said = (speech: Speech) => string;

const shownFor = 12_000;

/** Tells what has just happened, to those who see it and to those who hear it. What is bad stays until something else is told. */
export class News {
  readonly root = element("div", { id: "news", role: "status", "aria-live": "polite" });
  private said: Said | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private speech: Speech) {}

  tell(said: Said, weight: Weight): void {
    clearTimeout(this.timer);
    this.root.dataset["weight"] = weight;
    this.said = said;
    this.show();
    if (weight !== "bad") this.timer = setTimeout(() => this.clear(), shownFor);
  }

  /** Says what it shows in another language. */
  translate(speech: Speech): void {
    if (speech.language === this.speech.language) return;
    this.speech = speech;
    this.show();
  }

  clear(): void {
    this.said = null;
    this.root.replaceChildren();
    delete this.root.dataset["weight"];
  }

  private show(): void {
    if (this.said !== null) this.root.replaceChildren(element("p", {}, this.said(this.speech)));
  }
}

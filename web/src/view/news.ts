import { element } from "./dom";

export type Weight = "good" | "bad" | "plain";

const shownFor = 12_000;

/** Tells what has just happened, to those who see it and to those who hear it. What is bad stays until something else is told. */
export class News {
  readonly root = element("div", { id: "news", role: "status", "aria-live": "polite" });
  private timer: ReturnType<typeof setTimeout> | undefined;

  tell(text: string, weight: Weight): void {
    clearTimeout(this.timer);
    this.root.dataset["weight"] = weight;
    this.root.replaceChildren(element("p", {}, text));
    if (weight !== "bad") this.timer = setTimeout(() => this.clear(), shownFor);
  }

  clear(): void {
    this.root.replaceChildren();
    delete this.root.dataset["weight"];
  }
}

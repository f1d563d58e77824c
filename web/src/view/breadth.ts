import type { IndexRecord } from "../gateway/items";
import type { Localization } from "../text/localization";
import { element, setAttribute, setText } from "./dom";

/** The numbers of advancing and declining issues of a market, as one bar. */
export class Breadth {
  readonly root: HTMLElement;
  private readonly bar = element("div", { class: "breadth-bar", role: "img" });
  private readonly parts: readonly { readonly name: Kind; readonly segment: HTMLElement; readonly count: HTMLElement }[];

  constructor(private readonly localization: Localization) {
    this.bar.setAttribute("aria-label", localization.texts.breadth);
    this.parts = kinds.map((name) => {
      const segment = element("span", { class: "segment", "data-kind": name });
      this.bar.append(segment);
      return { name, segment, count: element("b", {}, "–") };
    });
    const legend = this.parts.map(({ name, count }) =>
      element("li", { "data-kind": name }, element("span", {}, localization.texts[name]), count),
    );
    this.root = element("div", { class: "breadth" }, this.bar, element("ul", { "aria-hidden": "true" }, ...legend));
  }

  draw(record: IndexRecord): void {
    const { numbers, texts } = this.localization;
    const counts = this.parts.map(({ name }) => countOf(record, name) ?? 0);
    const labels: string[] = [];
    this.parts.forEach(({ name, segment, count }, i) => {
      const grow = String(counts[i]);
      if (segment.style.flexGrow !== grow) segment.style.flexGrow = grow;
      const text = numbers.whole(countOf(record, name));
      setText(count, text);
      labels.push(`${texts[name]} ${text}`);
    });
    setAttribute(this.bar, "aria-label", `${texts.breadth}: ${labels.join(", ")}`);
  }
}

type Kind = "upperLimit" | "advancing" | "unchanged" | "declining" | "lowerLimit";
const kinds: readonly Kind[] = ["upperLimit", "advancing", "unchanged", "declining", "lowerLimit"];

function countOf(record: IndexRecord, kind: Kind): number | null {
  return record[`${kind}Count`];
}

import type { Stretch } from "./chart/chart-frame";
import type { ChartForm } from "./chart/price-chart";
import type { Context } from "./context";
import { element, order } from "./dom";
import { IndexCard } from "./index-card";
import { makeSwitch } from "./switch";

type Range = "day" | "hour" | "tenMinutes";

const stretches: Readonly<Record<Range, Stretch>> = { day: null, hour: 3600, tenMinutes: 600 };

/** The indices that are watched, a card each. */
export class IndexPanel {
  readonly root: HTMLElement;
  private readonly cards = new Map<string, IndexCard>();
  private readonly grid = element("div", { class: "cards" });
  private readonly empty: HTMLElement;
  private form: ChartForm = "line";
  private stretch: Stretch = null;

  constructor(private readonly context: Context) {
    const { texts } = context.speech;
    this.empty = element("p", { class: "empty" }, texts.emptyIndexes);
    const forms = makeSwitch<ChartForm>(
      texts.chartForm,
      [
        ["line", texts.line],
        ["candles", texts.candles],
      ],
      this.form,
      (form) => this.set(form, this.stretch),
    );
    const ranges = makeSwitch<Range>(
      texts.range,
      [
        ["day", texts.allDay],
        ["hour", texts.hour],
        ["tenMinutes", texts.tenMinutes],
      ],
      "day",
      (range) => this.set(this.form, stretches[range]),
    );
    this.root = element(
      "section",
      { id: "indexes", "aria-labelledby": "indexes-title" },
      element("header", { class: "panel-head" }, element("h2", { id: "indexes-title" }, texts.indexes), element("div", { class: "tools" }, forms, ranges)),
      this.grid,
      this.empty,
    );
  }

  /** Shows the indices of these targets, in their order. */
  show(targets: readonly string[]): void {
    for (const [target, card] of this.cards) {
      if (targets.includes(target)) continue;
      card.dispose();
      card.root.remove();
      this.cards.delete(target);
    }
    for (const target of targets) {
      const index = this.context.market.indexes.get(target);
      if (index === undefined || this.cards.has(target)) continue;
      const card = new IndexCard(this.context, target, target.slice(target.indexOf(":") + 1), index, this.form, this.stretch);
      this.cards.set(target, card);
    }
    order(
      this.grid,
      targets.flatMap((target) => this.cards.get(target)?.root ?? []),
    );
    this.empty.hidden = this.cards.size > 0;
  }

  dispose(): void {
    for (const card of this.cards.values()) card.dispose();
  }

  private set(form: ChartForm, stretch: Stretch): void {
    this.form = form;
    this.stretch = stretch;
    for (const card of this.cards.values()) card.set(form, stretch);
  }
}

import type { VisibleRange } from "./chart/base-chart";
import type { ChartType } from "./chart/price-chart";
import { partsOf } from "../watch/target";
import type { Context } from "./context";
import { element, reorder } from "./dom";
import { IndexCard } from "./index-card";
import { makeSwitch } from "./switch";

type Range = "day" | "hour" | "tenMinutes";

const rangeSeconds: Readonly<Record<Range, VisibleRange>> = { day: null, hour: 3600, tenMinutes: 600 };

/** The watched indices, with a card for each. Hidden while none is watched. */
export class IndexPanel {
  readonly root: HTMLElement;
  private readonly cards = new Map<string, IndexCard>();
  private readonly grid = element("div", { class: "cards" });
  private chartType: ChartType = "line";
  private range: VisibleRange = null;

  constructor(private readonly context: Context) {
    const { texts } = context.localization;
    const chartTypes = makeSwitch<ChartType>(
      texts.chartTypeLabel,
      [
        ["line", texts.line],
        ["candles", texts.candles],
      ],
      this.chartType,
      (chartType) => this.set(chartType, this.range),
    );
    const ranges = makeSwitch<Range>(
      texts.range,
      [
        ["day", texts.allDay],
        ["hour", texts.hour],
        ["tenMinutes", texts.tenMinutes],
      ],
      "day",
      (range) => this.set(this.chartType, rangeSeconds[range]),
    );
    this.root = element(
      "section",
      { id: "indexes", "aria-labelledby": "indexes-title" },
      element(
        "header",
        { class: "panel-head" },
        element("h2", { id: "indexes-title" }, texts.indexes),
        element("div", { class: "tools" }, chartTypes, ranges),
      ),
      this.grid,
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
      const card = new IndexCard(this.context, target, partsOf(target).key, index, this.chartType, this.range);
      this.cards.set(target, card);
    }
    reorder(
      this.grid,
      targets.flatMap((target) => this.cards.get(target)?.root ?? []),
    );
    this.root.hidden = this.cards.size === 0;
  }

  dispose(): void {
    for (const card of this.cards.values()) card.dispose();
  }

  private set(chartType: ChartType, range: VisibleRange): void {
    this.chartType = chartType;
    this.range = range;
    for (const card of this.cards.values()) card.set(chartType, range);
  }
}

import { clockText } from "../market/market-time";
import type { Index } from "../market/market";
import { Breadth } from "./breadth";
import type { VisibleRange } from "./chart/base-chart";
import { PriceChart, type ChartType } from "./chart/price-chart";
import type { Context } from "./context";
import { arrowOf, element, flash, setAttribute, setDirection, setText } from "./dom";

/** Milliseconds between two updates of a chart's description for screen readers. */
const descriptionInterval = 10_000;

const factNames = ["open", "high", "low", "turnover", "volume"] as const;

/** The unit of an index's accumulated value: millions of KRW. */
const valueUnit = 1_000_000;

/** The unit of an index's accumulated volume: thousands of shares. */
const volumeUnit = 1_000;

/** Of the values and the chart together, so that both show the same instant. */
const paintInterval = 300;

/** One index: its value, its chart, and its advancing and declining issues. */
export class IndexCard {
  readonly root: HTMLElement;
  private readonly price = element("strong", { "data-field": "price" }, "–");
  private readonly change = element("span", { "data-field": "change" }, "");
  private readonly rate = element("span", { "data-field": "changeRate" }, "");
  private readonly time = element("span", { class: "clock", "data-field": "time" }, "");
  private readonly quote: HTMLElement;
  private readonly facts = new Map<string, HTMLElement>();
  private readonly breadth: Breadth;
  private readonly figure = element("figure", { class: "chart", role: "img" });
  private readonly waiting: HTMLElement;
  private chart: PriceChart | null = null;
  private count = -1;
  private chartCount = -1;
  private lastPrice: number | null = null;
  private gapState = "";
  private describedAt = -descriptionInterval;
  private readonly name: string;

  constructor(
    private readonly context: Context,
    target: string,
    code: string,
    private readonly index: Index,
    private chartType: ChartType,
    private range: VisibleRange,
  ) {
    const { localization, directory } = context;
    const { texts } = localization;
    this.name = localization.name(code, directory.find(code));
    this.breadth = new Breadth(localization);
    this.quote = element("p", { class: "quote" }, this.price, element("span", { class: "moves" }, this.change, this.rate));
    const facts = factNames.flatMap((fact) => {
      const value = element("dd", { "data-field": fact }, "–");
      this.facts.set(fact, value);
      return [element("div", {}, element("dt", {}, texts[fact]), value)];
    });
    this.figure.setAttribute("aria-label", `${this.name}: ${context.noData}`);
    this.waiting = element("p", { class: "waiting" }, context.noData);
    this.figure.append(this.waiting);
    this.root = element(
      "article",
      { class: "card index", "data-key": target, "aria-label": this.name },
      element("header", {}, element("h3", {}, this.name, element("small", {}, code)), this.time),
      this.quote,
      this.figure,
      element("dl", { class: "facts" }, ...facts),
      this.breadth.root,
    );
    context.painter.add(this, paintInterval);
  }

  set(chartType: ChartType, range: VisibleRange): void {
    this.chartType = chartType;
    this.range = range;
    this.chart?.set(chartType, range);
    this.chartCount = -1;
  }

  paint(): void {
    this.paintGaps();
    if (this.index.count !== this.count) {
      this.count = this.index.count;
      this.paintValues();
    }

    this.paintChart();
  }

  dispose(): void {
    this.context.painter.remove(this);
    this.chart?.dispose();
  }

  private paintValues(): void {
    const { index } = this;
    const { latest } = index;
    if (latest === null) return;
    const { numbers } = this.context.localization;
    const previousPrice = this.lastPrice;
    this.lastPrice = latest.price;
    if (
      setText(this.price, numbers.fixed(latest.price, 2)) &&
      previousPrice !== null &&
      latest.price !== null &&
      previousPrice !== latest.price
    )
      flash(this.price, latest.price > previousPrice ? this.context.palette.upSoft : this.context.palette.downSoft);
    setDirection(this.quote, latest.change);
    const arrow = arrowOf(latest.change);
    setText(this.change, `${arrow} ${numbers.fixed(latest.change === null ? null : Math.abs(latest.change), 2)}`);
    setText(this.rate, numbers.percent(latest.changeRate));
    setText(this.time, index.latestTime === null ? "" : clockText(index.latestTime));
    const previousClose = latest.price === null || latest.change === null ? null : latest.price - latest.change;
    for (const fact of ["open", "high", "low"] as const) {
      const cell = this.facts.get(fact)!;
      const value = latest[fact];
      setText(cell, numbers.fixed(value, 2));
      setDirection(cell, value === null || previousClose === null ? null : value - previousClose);
    }
    setText(this.facts.get("turnover")!, numbers.amount(latest.accumulatedValue === null ? null : latest.accumulatedValue * valueUnit));
    setText(this.facts.get("volume")!, numbers.amount(latest.accumulatedVolume === null ? null : latest.accumulatedVolume * volumeUnit));
    this.breadth.draw(latest);
  }

  private paintChart(): void {
    const { latest, count } = this.index;
    const series = this.index.seriesOf("price");
    if (count === this.chartCount || series.line.all.length === 0) return;
    this.chartCount = count;
    if (this.chart === null) {
      this.waiting.remove();
      const container = element("div", { class: "plot", "aria-hidden": "true" });
      this.figure.append(container);
      this.chart = new PriceChart(container, this.context.palette, this.context.localization.texts.locale, this.chartType, this.range);
    }
    const previousClose = latest === null || latest.price === null || latest.change === null ? null : latest.price - latest.change;
    this.chart.draw(series, this.index.gaps, previousClose);
    this.updateDescription();
  }

  private paintGaps(): void {
    const { gaps } = this.index;
    const state = `${gaps.revision}`;
    if (state === this.gapState) return;
    this.gapState = state;
    this.chartCount = -1;
    this.figure.dataset["gaps"] = String(gaps.all.length);
    this.figure.dataset["gapOpen"] = String(gaps.open !== undefined);
    this.root.classList.toggle("interrupted", gaps.open !== undefined);
    this.describedAt = -descriptionInterval;
  }

  private updateDescription(): void {
    const now = performance.now();
    if (now - this.describedAt < descriptionInterval) return;
    this.describedAt = now;
    const { texts, numbers } = this.context.localization;
    const cells = this.index.seriesOf("price").line.all;
    const from = clockText(cells[0]!.time);
    const to = clockText(this.index.latestTime ?? cells.at(-1)!.time);
    setAttribute(
      this.figure,
      "aria-label",
      texts.chartOf(this.name, from, to, numbers.fixed(this.lastPrice, 2), this.index.gaps.all.length),
    );
  }
}

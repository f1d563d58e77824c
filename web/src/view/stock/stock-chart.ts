import { candlesOf, type Candle } from "../../market/candles";
import { clockText } from "../../market/market-time";
import type { Mark, Stock } from "../../market/stock";
import { CandleChart } from "../chart/candle-chart";
import type { Context } from "../context";
import { element, setAttribute, setDirection, setText } from "../dom";
import { makeSwitch } from "../switch";

const paintInterval = 400;
const intervals = ["1", "3", "5", "15", "30"] as const;
type Interval = (typeof intervals)[number];

/** Milliseconds between two updates of the chart's description for screen readers. */
const descriptionInterval = 10_000;

/** The candles of a stock's day with volume, gaps, and marks of what interrupted trading. */
export class StockChart {
  readonly root: HTMLElement;
  private readonly figure = element("figure", { class: "chart", role: "img", id: "stock-chart" });
  private readonly legend = element("p", { class: "legend-line", "aria-hidden": "true", "data-field": "candle" });
  private readonly waiting: HTMLElement;
  private readonly name: string;
  private chart: CandleChart | null = null;
  private interval: Interval = "1";
  private candles: readonly Candle[] = [];
  private hovered: number | null = null;
  private state = "";
  private describedAt = -descriptionInterval;
  private describedFrom = 0;

  constructor(
    private readonly context: Context,
    private readonly stock: Stock,
  ) {
    const { localization, directory } = context;
    const { texts } = localization;
    this.name = localization.name(stock.code, directory.find(stock.code));
    const choices = makeSwitch<Interval>(
      texts.stockPage.intervalLabel,
      intervals.map((interval) => [interval, texts.stockPage.minutes(Number(interval))] as const),
      this.interval,
      (interval) => {
        this.interval = interval;
        this.state = "";
      },
    );
    const fit = element("button", { type: "button", id: "fit" }, texts.stockPage.fit);
    fit.addEventListener("click", () => this.chart?.fit());
    this.waiting = element("p", { class: "waiting" }, context.noData);
    this.figure.append(this.waiting);
    this.figure.setAttribute("aria-label", `${this.name}: ${context.noData}`);
    this.root = element(
      "section",
      { class: "card chart-card", "data-view": "chart", "aria-labelledby": "chart-title" },
      element("header", {}, element("h3", { id: "chart-title" }, texts.stockPage.chart), element("div", { class: "tools" }, choices, fit)),
      this.legend,
      this.figure,
    );
    context.painter.add(this, paintInterval);
  }

  paint(): void {
    const { trade, allMarks } = this.stock;
    const state = `${trade.count}:${trade.gaps.revision}:${this.interval}:${allMarks.length}:${allMarks.at(-1)?.time ?? ""}`;
    if (state === this.state) return;
    this.state = state;
    const prices = trade.seriesOf("price").bars;
    const volumes = trade.seriesOf("accumulatedVolume").bars;
    this.figure.dataset["gaps"] = String(trade.gaps.all.length);
    this.figure.dataset["gapOpen"] = String(trade.gaps.open !== undefined);
    if (prices.all.length === 0) return;
    const minutes = Number(this.interval);
    this.candles = candlesOf(prices, volumes, minutes);
    this.figure.dataset["candles"] = String(this.candles.length);
    this.figure.dataset["marks"] = allMarks.map((mark) => this.textOf(mark)).join();
    this.paintLegend();
    this.describe();
    // Another view is shown on a narrow screen, and a chart without a size has no range.
    if (this.figure.offsetParent === null) this.state = "";
    else this.draw(minutes, `${prices.revision}:${volumes.revision}`);
  }

  dispose(): void {
    this.chart?.dispose();
  }

  private draw(minutes: number, revision: string): void {
    const { trade, allMarks, previousClose } = this.stock;
    const { palette } = this.context;
    this.chart ??= this.makeChart();
    this.chart.draw(this.candles, minutes, revision, trade.gaps, previousClose);
    this.chart.setMarks(allMarks.map((mark) => ({ time: mark.time, text: this.textOf(mark), color: palette.second })));
  }

  private makeChart(): CandleChart {
    const { texts, numbers } = this.context.localization;
    const container = element("div", { class: "plot", "aria-hidden": "true" });
    this.waiting.remove();
    this.figure.append(container);
    return new CandleChart(
      container,
      this.context.palette,
      texts.locale,
      (price) => numbers.whole(price),
      (volume) => numbers.amount(volume),
      (time) => {
        this.hovered = time;
        this.paintLegend();
      },
    );
  }

  private paintLegend(): void {
    const { texts, numbers } = this.context.localization;
    const candle = this.candles.findLast(({ time }) => this.hovered === null || time <= this.hovered);
    if (candle === undefined) return;
    const { open, high, low, close, volume } = candle;
    const text = texts.stockPage.candle(
      numbers.plain(open),
      numbers.plain(high),
      numbers.plain(low),
      numbers.plain(close),
      numbers.whole(volume),
    );
    setText(this.legend, `${clockText(candle.time).slice(0, 5)}  ${text}`);
    setDirection(this.legend, close - open);
  }

  private textOf({ kind, code }: Mark): string {
    const { texts } = this.context.localization;
    const { stockPage } = texts;
    switch (kind) {
      case "vi":
        return texts.vi;
      case "viEnd":
        return stockPage.viEnd;
      case "halt":
        return stockPage.haltStart;
      case "haltEnd":
        return stockPage.haltEnd;
      case "operation":
        return stockPage.operation[code ?? ""] ?? code ?? "";
    }
  }

  private describe(): void {
    const now = performance.now();
    const first = this.candles[0]!.time;
    if (now - this.describedAt < descriptionInterval && first === this.describedFrom) return;
    this.describedAt = now;
    this.describedFrom = first;
    const { texts, numbers } = this.context.localization;
    const { trade } = this.stock;
    setAttribute(
      this.figure,
      "aria-label",
      texts.chartOf(
        this.name,
        clockText(first).slice(0, 5),
        clockText(trade.latestTime ?? first).slice(0, 5),
        numbers.plain(trade.latest?.price ?? this.candles.at(-1)!.close),
        trade.gaps.all.length,
      ),
    );
  }
}

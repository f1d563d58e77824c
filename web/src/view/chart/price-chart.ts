import { BaselineSeries, CandlestickSeries, type IChartApi, type ISeriesApi, type UTCTimestamp } from "lightweight-charts";
import type { Course } from "../../market/course";
import type { Gaps } from "../../market/gaps";
import type { Cell } from "../../market/thinned-line";
import type { Palette } from "../palette";
import { BarFeed } from "./bar-feed";
import { makeChart, showStretch, type Stretch } from "./chart-frame";
import { GapShade } from "./gap-shade";
import { LineFeed } from "./line-feed";

export type ChartForm = "line" | "candles";

const minute = 60;

/** The course of a price over the day: as a line above and below the previous close, or as candles of a minute. */
export class PriceChart {
  private readonly chart: IChartApi;
  private readonly shade: GapShade;
  private line: { readonly series: ISeriesApi<"Baseline">; readonly feed: LineFeed<"Baseline"> } | null = null;
  private candles: { readonly series: ISeriesApi<"Candlestick">; readonly feed: BarFeed } | null = null;
  private gapRevision = -1;
  private places = -1;

  constructor(
    place: HTMLElement,
    private readonly palette: Palette,
    locale: string,
    private form: ChartForm,
    private stretch: Stretch,
  ) {
    this.chart = makeChart(place, palette, locale);
    this.shade = new GapShade(palette);
    this.build();
  }

  set(form: ChartForm, stretch: Stretch): void {
    this.stretch = stretch;
    this.places = -1;
    if (form === this.form) return;
    this.form = form;
    this.build();
  }

  /** @param base The previous close. */
  draw(course: Course, gaps: Gaps, base: number | null): void {
    if (this.line !== null && base !== null) this.line.series.applyOptions({ baseValue: { type: "price", price: base } });
    this.line?.feed.draw(course.line);
    this.candles?.feed.draw(course.bars);
    const step = this.line === null ? minute : course.line.stepSeconds;
    if (this.gapRevision !== gaps.revision || gaps.open !== undefined) {
      this.gapRevision = gaps.revision;
      this.shade.set(gaps.all, step);
    }
    const first = course.line.all[0]?.time ?? 0;
    const last = course.line.all.at(-1)?.time ?? 0;
    const places = this.line === null ? Math.floor(last / minute) - Math.floor(first / minute) + 1 : course.line.all.length;
    if (places === this.places) return;
    this.places = places;
    this.shade.set(gaps.all, step);
    showStretch(this.chart, places, step, this.stretch);
  }

  dispose(): void {
    this.chart.remove();
  }

  private build(): void {
    const { palette } = this;
    if (this.line !== null) this.chart.removeSeries(this.line.series);
    if (this.candles !== null) this.chart.removeSeries(this.candles.series);
    this.line = null;
    this.candles = null;
    this.gapRevision = -1;
    this.places = -1;
    const common = { priceLineVisible: false, lastValueVisible: true, priceFormat: { type: "price", precision: 2, minMove: 0.01 } as const };
    if (this.form === "line") {
      const series = this.chart.addSeries(BaselineSeries, {
        ...common,
        lineWidth: 2,
        topLineColor: palette.up,
        topFillColor1: palette.upSoft,
        topFillColor2: "transparent",
        bottomLineColor: palette.down,
        bottomFillColor1: "transparent",
        bottomFillColor2: palette.downSoft,
      });
      series.attachPrimitive(this.shade);
      this.line = { series, feed: new LineFeed(series, linePoint) };
    } else {
      const series = this.chart.addSeries(CandlestickSeries, {
        ...common,
        upColor: palette.up,
        borderUpColor: palette.up,
        wickUpColor: palette.up,
        downColor: palette.down,
        borderDownColor: palette.down,
        wickDownColor: palette.down,
      });
      series.attachPrimitive(this.shade);
      this.candles = { series, feed: new BarFeed(series) };
    }
  }
}

const invisible = "rgba(0, 0, 0, 0)";

/** A stretch of a line has the colours of the point that it begins at. */
function linePoint(cell: Cell, time: UTCTimestamp) {
  if (cell.value === null) return { time };
  if (!cell.breaksBehind) return { time, value: cell.value };
  return {
    time,
    value: cell.value,
    topLineColor: invisible,
    topFillColor1: invisible,
    topFillColor2: invisible,
    bottomLineColor: invisible,
    bottomFillColor1: invisible,
    bottomFillColor2: invisible,
  };
}

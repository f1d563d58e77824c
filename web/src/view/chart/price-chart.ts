import { BaselineSeries, CandlestickSeries, type IChartApi, type ISeriesApi, type UTCTimestamp } from "lightweight-charts";
import type { ValueSeries } from "../../market/value-series";
import type { Gaps } from "../../market/gaps";
import type { Cell } from "../../market/downsampled-line";
import type { Palette } from "../palette";
import { BarSeriesUpdater, candleData, type Bar } from "./bar-series-updater";
import { candleColors, makeChart, showRange, type VisibleRange } from "./base-chart";
import { GapShading } from "./gap-shading";
import { LineSeriesUpdater } from "./line-series-updater";

export type ChartType = "line" | "candles";

const minute = 60;

/** A price over the day: as a line above and below the previous close, or as one-minute candles. */
export class PriceChart {
  private readonly chart: IChartApi;
  private readonly shading: GapShading;
  private line: { readonly series: ISeriesApi<"Baseline">; readonly updater: LineSeriesUpdater<"Baseline"> } | null = null;
  private candles: { readonly series: ISeriesApi<"Candlestick">; readonly updater: BarSeriesUpdater<"Candlestick", Bar> } | null = null;
  private gapRevision = -1;
  private points = -1;

  constructor(
    container: HTMLElement,
    private readonly palette: Palette,
    locale: string,
    private type: ChartType,
    private range: VisibleRange,
  ) {
    this.chart = makeChart(container, palette, locale);
    this.shading = new GapShading(palette);
    this.build();
  }

  set(type: ChartType, range: VisibleRange): void {
    this.range = range;
    this.points = -1;
    if (type === this.type) return;
    this.type = type;
    this.build();
  }

  /** @param base The previous close. */
  draw(values: ValueSeries, gaps: Gaps, previousClose: number | null): void {
    if (this.line !== null && previousClose !== null) this.line.series.applyOptions({ baseValue: { type: "price", price: previousClose } });
    this.line?.updater.draw(values.line);
    this.candles?.updater.draw(values.bars.all, values.bars.revision, minute);
    const step = this.line === null ? minute : values.line.stepSeconds;
    if (this.gapRevision !== gaps.revision || gaps.open !== undefined) {
      this.gapRevision = gaps.revision;
      this.shading.set(gaps.all, step);
    }
    const first = values.line.all[0]?.time ?? 0;
    const last = values.line.all.at(-1)?.time ?? 0;
    const points = this.line === null ? Math.floor(last / minute) - Math.floor(first / minute) + 1 : values.line.all.length;
    if (points === this.points) return;
    this.points = points;
    this.shading.set(gaps.all, step);
    showRange(this.chart, points, step, this.range);
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
    this.points = -1;
    const common = {
      priceLineVisible: false,
      lastValueVisible: true,
      priceFormat: { type: "price", precision: 2, minMove: 0.01 } as const,
    };
    if (this.type === "line") {
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
      series.attachPrimitive(this.shading);
      this.line = { series, updater: new LineSeriesUpdater(series, linePoint) };
    } else {
      const series = this.chart.addSeries(CandlestickSeries, {
        ...common,
        ...candleColors(palette),
      });
      series.attachPrimitive(this.shading);
      this.candles = { series, updater: new BarSeriesUpdater(series, candleData) };
    }
  }
}

const invisible = "rgba(0, 0, 0, 0)";

/** A segment of a line has the colours of its first point. */
function linePoint(cell: Cell, time: UTCTimestamp) {
  if (cell.value === null) return { time };
  if (!cell.breaksAfter) return { time, value: cell.value };
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

import {
  CandlestickSeries,
  HistogramSeries,
  LineStyle,
  createSeriesMarkers,
  type IChartApi,
  type IPriceLine,
  type ISeriesApi,
  type ISeriesMarkersPluginApi,
  type SeriesMarker,
  type Time,
  type UTCTimestamp,
} from "lightweight-charts";
import type { Candle } from "../../market/candles";
import type { Gaps } from "../../market/gaps";
import type { Palette } from "../palette";
import { BarSeriesUpdater, candleData } from "./bar-series-updater";
import { candleColors, makeChart } from "./base-chart";
import { GapShading } from "./gap-shading";

/** Candles that are shown at first; earlier ones can be scrolled to. */
const shownCandles = 130;
const rightOffset = 5;

/** Something that happened, at its place above the candles. */
export interface ChartMark {
  readonly time: number;
  readonly text: string;
  readonly color: string;
}

/** The candles of a day with their volume. It can be dragged and zoomed. */
export class CandleChart {
  private readonly chart: IChartApi;
  private readonly candles: ISeriesApi<"Candlestick">;
  private readonly candleUpdater: BarSeriesUpdater<"Candlestick", Candle>;
  private readonly volumeUpdater: BarSeriesUpdater<"Histogram", Candle>;
  private readonly shading: GapShading;
  private readonly markers: ISeriesMarkersPluginApi<Time>;
  private baseLine: IPriceLine | null = null;
  private base: number | null = null;
  private seconds = 0;
  private gapState = "";
  private markState = "";

  /**
   * @param format Formats a price.
   * @param onHover Called with the time of the candle below the pointer, and with null if there is none.
   */
  constructor(
    container: HTMLElement,
    private readonly palette: Palette,
    locale: string,
    format: (price: number) => string,
    formatVolume: (volume: number) => string,
    onHover: (time: number | null) => void,
  ) {
    this.chart = makeChart(container, palette, locale);
    this.chart.applyOptions({
      handleScroll: { mouseWheel: false, pressedMouseMove: true, horzTouchDrag: true, vertTouchDrag: false },
      handleScale: { mouseWheel: true, pinch: true, axisPressedMouseMove: true, axisDoubleClickReset: true },
      timeScale: { rightOffset, secondsVisible: false, minBarSpacing: 0.5 },
      rightPriceScale: { scaleMargins: { top: 0.08, bottom: 0.26 } },
    });
    const volumes = this.chart.addSeries(HistogramSeries, {
      priceScaleId: "volume",
      priceFormat: { type: "custom", formatter: formatVolume, minMove: 1 },
      priceLineVisible: false,
      lastValueVisible: false,
    });
    this.chart.priceScale("volume").applyOptions({ scaleMargins: { top: 0.8, bottom: 0 } });
    this.candles = this.chart.addSeries(CandlestickSeries, {
      ...candleColors(palette),
      priceFormat: { type: "custom", formatter: format, minMove: 1 },
      priceLineStyle: LineStyle.Dotted,
    });
    this.candleUpdater = new BarSeriesUpdater(this.candles, candleData);
    this.volumeUpdater = new BarSeriesUpdater(volumes, (candle) => this.volumeData(candle));
    this.shading = new GapShading(palette);
    this.candles.attachPrimitive(this.shading);
    this.markers = createSeriesMarkers(this.candles, []);
    this.chart.subscribeCrosshairMove(({ time }) => onHover((time as number | undefined) ?? null));
  }

  /**
   * Draws what has changed.
   * @param minutes The minutes of a candle.
   * @param revision Changes whenever anything but the last candle does.
   */
  draw(candles: readonly Candle[], minutes: number, revision: string, gaps: Gaps, previousClose: number | null): void {
    const seconds = minutes * 60;
    this.candleUpdater.draw(candles, revision, seconds);
    this.volumeUpdater.draw(candles, revision, seconds);
    if (seconds !== this.seconds) this.showNewest(candles, seconds);
    this.seconds = seconds;
    this.drawGaps(gaps, candles.length);
    this.drawBase(previousClose);
  }

  setMarks(marks: readonly ChartMark[]): void {
    const state = `${this.seconds}|${marks.map(({ time, text }) => `${time}${text}`).join()}`;
    if (state === this.markState) return;
    this.markState = state;
    this.markers.setMarkers(
      marks.map(({ time, text, color }): SeriesMarker<Time> => ({
        time: (time - (time % this.seconds)) as UTCTimestamp,
        position: "aboveBar",
        shape: "arrowDown",
        color,
        text,
      })),
    );
  }

  /** Shows the whole day. */
  fit(): void {
    this.chart.timeScale().fitContent();
  }

  dispose(): void {
    this.chart.remove();
  }

  private showNewest(candles: readonly Candle[], seconds: number): void {
    const first = candles[0];
    if (first === undefined) return;
    const points = (candles.at(-1)!.time - first.time) / seconds + 1;
    this.chart.timeScale().setVisibleLogicalRange({ from: Math.max(0, points - shownCandles) - 1, to: Math.max(points, 30) + rightOffset });
  }

  private drawGaps(gaps: Gaps, candles: number): void {
    const state = `${gaps.revision}:${this.seconds}:${candles}`;
    if (state === this.gapState) return;
    this.gapState = state;
    this.shading.set(gaps.all, this.seconds);
  }

  private drawBase(price: number | null): void {
    if (price === this.base) return;
    this.base = price;
    if (this.baseLine !== null) this.candles.removePriceLine(this.baseLine);
    this.baseLine =
      price === null
        ? null
        : this.candles.createPriceLine({
            price,
            color: this.palette.text,
            lineWidth: 1,
            lineStyle: LineStyle.Dashed,
            axisLabelVisible: false,
            title: "",
          });
  }

  private volumeData({ time, open, close, volume }: Candle) {
    const { upSoft, downSoft } = this.palette;
    return volume === null
      ? { time: time as UTCTimestamp }
      : { time: time as UTCTimestamp, value: volume, color: close < open ? downSoft : upSoft };
  }
}

import { CrosshairMode, LineStyle, TickMarkType, createChart, type IChartApi, type UTCTimestamp } from "lightweight-charts";
import { clockText } from "../../market/market-time";
import type { Palette } from "../palette";

/** The last seconds that a chart shows; null for the whole day. */
export type VisibleRange = number | null;

/** Creates an empty chart in the page's colours that resizes with its container. It cannot be dragged: wheel and touch scroll the page. */
export function makeChart(container: HTMLElement, palette: Palette, locale: string): IChartApi {
  return createChart(container, {
    autoSize: true,
    layout: {
      background: { color: "transparent" },
      textColor: palette.text,
      fontFamily: palette.font,
      fontSize: 11,
      attributionLogo: false, // The page's footer has the attribution: the logo's inline style violates the page's Content-Security-Policy.
    },
    grid: { vertLines: { color: palette.grid }, horzLines: { color: palette.grid } },
    crosshair: {
      mode: CrosshairMode.Magnet,
      vertLine: { labelVisible: true, style: LineStyle.Dotted },
      horzLine: { style: LineStyle.Dotted },
    },
    rightPriceScale: { borderVisible: false, entireTextOnly: true, scaleMargins: { top: 0.08, bottom: 0.08 } },
    timeScale: {
      borderVisible: false,
      timeVisible: true,
      secondsVisible: true,
      rightOffset: 1,
      minBarSpacing: 0.01,
      lockVisibleTimeRangeOnResize: true,
      tickMarkFormatter: (time: UTCTimestamp, type: TickMarkType) =>
        type === TickMarkType.TimeWithSeconds ? clockText(time) : clockText(time).slice(0, 5),
    },
    localization: { locale, timeFormatter: (time: UTCTimestamp) => clockText(time) },
    handleScroll: false,
    handleScale: false,
  });
}

/** The colours of candles. */
export function candleColors({ up, down }: Palette) {
  return { upColor: up, borderUpColor: up, wickUpColor: up, downColor: down, borderDownColor: down, wickDownColor: down };
}

/** Sets the visible range of a chart, which ends at its last point. */
export function showRange(chart: IChartApi, points: number, stepSeconds: number, range: VisibleRange): void {
  if (range === null || range / stepSeconds >= points) chart.timeScale().fitContent();
  else chart.timeScale().setVisibleLogicalRange({ from: points - range / stepSeconds, to: points });
}

import { CrosshairMode, LineStyle, TickMarkType, createChart, type IChartApi, type UTCTimestamp } from "lightweight-charts";
import { clockText } from "../../market/market-time";
import type { Palette } from "../palette";

/** Seconds that a chart shows; null for all of the day. */
export type Stretch = number | null;

/** An empty chart in the page's colours that goes with the size of its place. It is looked at, not dragged about: the wheel and the finger scroll the page. */
export function makeChart(place: HTMLElement, palette: Palette, locale: string): IChartApi {
  return createChart(place, {
    autoSize: true,
    layout: {
      background: { color: "transparent" },
      textColor: palette.text,
      fontFamily: palette.font,
      fontSize: 11,
      attributionLogo: false, // The foot of the page has it: the logo brings a style of its own, which the page's policy does not let in.
    },
    grid: { vertLines: { color: palette.grid }, horzLines: { color: palette.grid } },
    crosshair: { mode: CrosshairMode.Magnet, vertLine: { labelVisible: true, style: LineStyle.Dotted }, horzLine: { style: LineStyle.Dotted } },
    rightPriceScale: { borderVisible: false, entireTextOnly: true, scaleMargins: { top: 0.08, bottom: 0.08 } },
    timeScale: {
      borderVisible: false,
      timeVisible: true,
      secondsVisible: true,
      rightOffset: 1,
      minBarSpacing: 0.01,
      lockVisibleTimeRangeOnResize: true,
      tickMarkFormatter: (time: UTCTimestamp, type: TickMarkType) => (type === TickMarkType.TimeWithSeconds ? clockText(time) : clockText(time).slice(0, 5)),
    },
    localization: { locale, timeFormatter: (time: UTCTimestamp) => clockText(time) },
    handleScroll: false,
    handleScale: false,
  });
}

/** Shows the end of a chart, or all of it. */
export function showStretch(chart: IChartApi, places: number, stepSeconds: number, stretch: Stretch): void {
  if (stretch === null || stretch / stepSeconds >= places) chart.timeScale().fitContent();
  else chart.timeScale().setVisibleLogicalRange({ from: places - stretch / stepSeconds, to: places });
}

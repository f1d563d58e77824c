import { LineSeries, type IChartApi, type ISeriesApi, type UTCTimestamp } from "lightweight-charts";
import type { Gaps } from "../../market/gaps";
import type { Cell, ThinnedLine } from "../../market/thinned-line";
import type { Palette } from "../palette";
import { makeChart, showStretch } from "./chart-frame";
import { GapShade } from "./gap-shade";
import { LineFeed } from "./line-feed";

interface Drawn {
  readonly series: ISeriesApi<"Line">;
  readonly feed: LineFeed<"Line">;
  readonly shade: GapShade;
}

/** Two courses over the day on one axis. Either may be missing. */
export class LinesChart {
  private readonly chart: IChartApi;
  private readonly drawn: readonly Drawn[];

  constructor(place: HTMLElement, palette: Palette, locale: string, format: (value: number) => string) {
    this.chart = makeChart(place, palette, locale);
    this.drawn = [palette.first, palette.second].map((color, i) => {
      const series = this.chart.addSeries(LineSeries, {
        color,
        lineWidth: 2,
        lineStyle: i === 0 ? 0 : 2, // Dashed, so that the two are told apart without colours too.
        priceLineVisible: false,
        priceFormat: { type: "custom", formatter: format, minMove: 1 },
      });
      const shade = new GapShade(palette);
      series.attachPrimitive(shade);
      return { series, feed: new LineFeed(series, linePoint), shade };
    });
    this.drawn[0]!.series.createPriceLine({ price: 0, color: palette.text, lineWidth: 1, lineStyle: 1, axisLabelVisible: false, title: "" });
  }

  draw(...lines: readonly (readonly [ThinnedLine, Gaps] | undefined)[]): void {
    // An axis has a place for each time that either line has: on one grid they are all as far apart as they were.
    const step = Math.max(...lines.map((line) => line?.[0].stepSeconds ?? 0));
    let isNew = false;
    let places = 0;
    this.drawn.forEach(({ feed, shade }, i) => {
      const line = lines[i];
      if (line === undefined) return;
      line[0].coarsen(step);
      isNew = feed.draw(line[0]) || isNew;
      shade.set(line[1].all, line[0].stepSeconds);
      places = Math.max(places, line[0].all.length);
    });
    if (isNew) showStretch(this.chart, places, 1, null);
  }

  dispose(): void {
    this.chart.remove();
  }
}

function linePoint(cell: Cell, time: UTCTimestamp) {
  if (cell.value === null) return { time };
  return cell.breaksBehind ? { time, value: cell.value, color: "rgba(0, 0, 0, 0)" } : { time, value: cell.value };
}

import { LineSeries, type IChartApi, type ISeriesApi, type UTCTimestamp } from "lightweight-charts";
import type { Gaps } from "../../market/gaps";
import type { Cell, DownsampledLine } from "../../market/downsampled-line";
import type { Palette } from "../palette";
import { makeChart, showRange } from "./base-chart";
import { GapShading } from "./gap-shading";
import { LineSeriesUpdater } from "./line-series-updater";

interface ChartLine {
  readonly series: ISeriesApi<"Line">;
  readonly updater: LineSeriesUpdater<"Line">;
}

/** Two lines over the day on one axis. Either may be missing. */
export class LinesChart {
  private readonly chart: IChartApi;
  private readonly chartLines: readonly ChartLine[];
  private readonly shading: GapShading;

  constructor(container: HTMLElement, palette: Palette, locale: string, format: (value: number) => string) {
    this.shading = new GapShading(palette);
    this.chart = makeChart(container, palette, locale);
    this.chartLines = [palette.first, palette.second].map((color, i) => {
      const series = this.chart.addSeries(LineSeries, {
        color,
        lineWidth: 2,
        lineStyle: i === 0 ? 0 : 2, // Dashed, so that the lines are distinguishable without colours.
        priceLineVisible: false,
        priceFormat: { type: "custom", formatter: format, minMove: 1 },
      });
      return { series, updater: new LineSeriesUpdater(series, linePoint) };
    });
    this.chartLines[0]!.series.attachPrimitive(this.shading);
    this.chartLines[0]!.series.createPriceLine({
      price: 0,
      color: palette.text,
      lineWidth: 1,
      lineStyle: 1,
      axisLabelVisible: false,
      title: "",
    });
  }

  draw(...lines: readonly (readonly [DownsampledLine, Gaps] | undefined)[]): void {
    // The axis has a point for each time of either line: a common grid keeps them equally spaced.
    const step = Math.max(...lines.map((line) => line?.[0].stepSeconds ?? 0));
    let isNew = false;
    let points = 0;
    this.chartLines.forEach(({ updater }, i) => {
      const line = lines[i];
      if (line === undefined) return;
      line[0].coarsen(step);
      isNew = updater.draw(line[0]) || isNew;
      points = Math.max(points, line[0].all.length);
    });
    this.shading.set(
      lines.flatMap((line) => line?.[1].all ?? []),
      step,
    );
    if (isNew) showRange(this.chart, points, 1, null);
  }

  dispose(): void {
    this.chart.remove();
  }
}

function linePoint(cell: Cell, time: UTCTimestamp) {
  if (cell.value === null) return { time };
  return cell.breaksAfter ? { time, value: cell.value, color: "rgba(0, 0, 0, 0)" } : { time, value: cell.value };
}

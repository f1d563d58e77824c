import type { CandlestickData, ISeriesApi, SeriesDataItemTypeMap, Time, UTCTimestamp } from "lightweight-charts";

/** The prices of a period. */
export interface Bar {
  /** The start of the period. */
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** Updates a series of a chart that has a point for each period. Periods without data are whitespace, so that a gap keeps its width. */
export class BarSeriesUpdater<TSeries extends "Candlestick" | "Histogram", TBar extends Bar> {
  private seconds = 0;
  private revision: number | string = -1;
  private drawn = 0;

  constructor(
    private readonly series: ISeriesApi<TSeries>,
    private readonly point: (bar: TBar) => SeriesDataItemTypeMap<Time>[TSeries],
  ) {}

  /**
   * @param revision Changes whenever anything but the last bar does.
   * @param seconds The length of a period.
   */
  draw(bars: readonly TBar[], revision: number | string, seconds: number): void {
    const whitespaceBefore = (i: number): SeriesDataItemTypeMap<Time>[TSeries][] => {
      const points: SeriesDataItemTypeMap<Time>[TSeries][] = [];
      const bar = bars[i]!;
      for (let time = (bars[i - 1]?.time ?? bar.time) + seconds; time < bar.time; time += seconds)
        points.push({ time: time as UTCTimestamp } as SeriesDataItemTypeMap<Time>[TSeries]);
      return points;
    };
    if (seconds !== this.seconds || revision !== this.revision || bars.length < this.drawn) {
      this.series.setData(bars.flatMap((bar, i) => [...whitespaceBefore(i), this.point(bar)]));
    } else {
      for (let i = Math.max(0, this.drawn - 1); i < bars.length; i++) {
        if (i >= this.drawn) for (const point of whitespaceBefore(i)) this.series.update(point);
        this.series.update(this.point(bars[i]!));
      }
    }
    this.seconds = seconds;
    this.revision = revision;
    this.drawn = bars.length;
  }
}

export function candleData({ time, open, high, low, close }: Bar): CandlestickData<UTCTimestamp> {
  return { time: time as UTCTimestamp, open, high, low, close };
}

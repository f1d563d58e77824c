import type { CandlestickData, ISeriesApi, UTCTimestamp, WhitespaceData } from "lightweight-charts";
import type { MinuteBar, MinuteBars } from "../../market/minute-bars";

const minute = 60;

/** Updates a candlestick series of a chart. Minutes without data are whitespace, so that a gap keeps its width. */
export class BarSeriesUpdater {
  private revision = -1;
  private drawn = 0;

  constructor(private readonly series: ISeriesApi<"Candlestick">) {}

  draw(bars: MinuteBars): void {
    const all = bars.all;
    if (bars.revision !== this.revision || all.length < this.drawn) {
      this.series.setData(all.flatMap((bar, i) => [...whitespaceBefore(all[i - 1], bar), candle(bar)]));
    } else {
      for (let i = Math.max(0, this.drawn - 1); i < all.length; i++) {
        const bar = all[i]!;
        if (i >= this.drawn) for (const point of whitespaceBefore(all[i - 1], bar)) this.series.update(point);
        this.series.update(candle(bar));
      }
    }
    this.revision = bars.revision;
    this.drawn = all.length;
  }
}

function candle({ time, open, high, low, close }: MinuteBar): CandlestickData<UTCTimestamp> {
  return { time: time as UTCTimestamp, open, high, low, close };
}

function whitespaceBefore(before: MinuteBar | undefined, bar: MinuteBar): WhitespaceData<UTCTimestamp>[] {
  const points: WhitespaceData<UTCTimestamp>[] = [];
  for (let time = (before?.time ?? bar.time) + minute; time < bar.time; time += minute) points.push({ time: time as UTCTimestamp });
  return points;
}

import type { CandlestickData, ISeriesApi, UTCTimestamp, WhitespaceData } from "lightweight-charts";
import type { MinuteBar, MinuteBars } from "../../market/minute-bars";

const minute = 60;

/** Hands minutes to a series of a chart. Minutes without data stand as empty places, so that a stretch is as wide as it lasted. */
export class BarFeed {
  private revision = -1;
  private drawn = 0;

  constructor(private readonly series: ISeriesApi<"Candlestick">) {}

  draw(bars: MinuteBars): void {
    const all = bars.all;
    if (bars.revision !== this.revision || all.length < this.drawn) {
      this.series.setData(all.flatMap((bar, i) => [...empty(all[i - 1], bar), candle(bar)]));
    } else {
      for (let i = Math.max(0, this.drawn - 1); i < all.length; i++) {
        const bar = all[i]!;
        if (i >= this.drawn) for (const place of empty(all[i - 1], bar)) this.series.update(place);
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

function empty(before: MinuteBar | undefined, bar: MinuteBar): WhitespaceData<UTCTimestamp>[] {
  const places: WhitespaceData<UTCTimestamp>[] = [];
  for (let time = (before?.time ?? bar.time) + minute; time < bar.time; time += minute) places.push({ time: time as UTCTimestamp });
  return places;
}

import type { MinuteBars } from "./minute-bars";

/** Prices and volume of some minutes. */
export interface Candle {
  /** The start of the first minute. */
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Null if it is not known. */
  readonly volume: number | null;
}

/**
 * Joins minutes into candles.
 * @param volumes The volume of the day at each trade: what a minute added is its high minus its low.
 */
export function candlesOf(prices: MinuteBars, volumes: MinuteBars, minutes: number): readonly Candle[] {
  const length = minutes * 60;
  const volumeAt = new Map(volumes.all.map(({ time, high, low }) => [time, high - low]));
  const candles: Candle[] = [];
  for (const bar of prices.all) {
    const time = bar.time - (bar.time % length);
    const volume = volumeAt.get(bar.time) ?? null;
    const last = candles.at(-1);
    if (last?.time !== time) {
      candles.push({ time, open: bar.open, high: bar.high, low: bar.low, close: bar.close, volume });
      continue;
    }
    candles[candles.length - 1] = {
      time,
      open: last.open,
      high: Math.max(last.high, bar.high),
      low: Math.min(last.low, bar.low),
      close: bar.close,
      volume: last.volume === null || volume === null ? (last.volume ?? volume) : last.volume + volume,
    };
  }
  return candles;
}

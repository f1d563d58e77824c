import { expect, test } from "vitest";
import { candlesOf } from "../../src/market/candles";
import { MinuteBars } from "../../src/market/minute-bars";
import { at, secondsAt } from "./records";

function barsOf(...values: readonly (readonly [string, number, number?])[]): MinuteBars {
  const bars = new MinuteBars();
  for (const [clock, value, before] of values) bars.add(secondsAt(clock), value, false, before);
  return bars;
}

const prices = barsOf(["09:00:00", 10], ["09:00:30", 14], ["09:01:00", 9], ["09:02:10", 12], ["09:05:00", 20]);
const volumes = barsOf(["09:00:00", 100, 0], ["09:00:30", 110, 100], ["09:01:00", 115, 110], ["09:05:00", 200, 190]);

test("minutes have the volume that they added", () => {
  expect(candlesOf(prices, volumes, 1)).toEqual([
    { time: secondsAt("09:00:00"), open: 10, high: 14, low: 10, close: 14, volume: 110 },
    { time: secondsAt("09:01:00"), open: 9, high: 9, low: 9, close: 9, volume: 5 },
    { time: secondsAt("09:02:00"), open: 12, high: 12, low: 12, close: 12, volume: null },
    { time: secondsAt("09:05:00"), open: 20, high: 20, low: 20, close: 20, volume: 10 },
  ]);
});

test("several minutes are one candle", () => {
  expect(candlesOf(prices, volumes, 5)).toEqual([
    { time: secondsAt("09:00:00"), open: 10, high: 14, low: 9, close: 12, volume: 115 },
    { time: secondsAt("09:05:00"), open: 20, high: 20, low: 20, close: 20, volume: 10 },
  ]);
});

test("a history and newer trades of its last minute add up once", () => {
  const own = barsOf(["09:01:20", 130, 125], ["09:01:40", 150, 130]);
  const bar = (clock: string, low: number, high: number) => ({ start: at(clock), open: low, high, low, close: high });
  own.seed([bar("09:00:00", 0, 110), bar("09:01:00", 110, 130)]);
  expect(candlesOf(own, own, 1).map(({ volume }) => volume)).toEqual([110, 40]);
});

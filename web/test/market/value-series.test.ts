import { expect, test } from "vitest";
import { ValueSeries } from "../../src/market/value-series";
import { at } from "./records";

const bar = (clock: string, open: number, high: number, low: number, close: number) => ({ start: at(clock), open, high, low, close });
const lineOf = (series: ValueSeries): string =>
  series.line.all
    .flatMap(({ time, value }) => (value === null ? [] : [`${new Date(time * 1000).toISOString().slice(14, 19)}=${value}`]))
    .join(" ");

test("a past minute goes over its low and high, not straight from open to close", () => {
  const series = new ValueSeries(240);
  series.seed("price", [bar("09:00:00", 100, 150, 90, 140), bar("09:01:00", 141, 160, 120, 130), bar("09:02:00", 131, 131, 131, 131)], []);
  expect(lineOf(series)).toBe("00:00=100 00:19=90 00:39=150 00:59=140 01:00=141 01:19=160 01:39=120 01:59=130 02:00=131");
});

test("a minute that has no other values than its open and close is a straight line", () => {
  const series = new ValueSeries(240);
  series.seed("price", [bar("09:00:00", 100, 140, 100, 140), bar("09:01:00", 140, 140, 140, 140)], []);
  expect(lineOf(series)).toBe("00:00=100 00:59=140 01:00=140");
});

test("the values between the edges of a gap stay on their side of it", () => {
  const series = new ValueSeries(240);
  const gap = {
    from: Date.parse("2026-11-23T09:00:30Z") / 1000,
    to: Date.parse("2026-11-23T09:01:10Z") / 1000,
    reason: "silence",
    isOwn: false,
  };
  series.seed(
    "price",
    [bar("09:00:00", 100, 150, 90, 140), bar("09:01:00", 200, 230, 190, 210), bar("09:02:00", 210, 210, 210, 210)],
    [gap],
  );
  expect(lineOf(series)).toBe("00:00=100 00:10=90 00:20=150 00:30=140 01:10=200 01:26=190 01:42=230 01:59=210 02:00=210");
});

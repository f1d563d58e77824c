import { expect, test } from "vitest";
import { DelayMeter } from "../../src/market/delay";

const nine = Date.parse("2026-11-23T09:00:00+09:00");
const add = (meter: DelayMeter, ...seconds: readonly number[]): void => {
  for (const delay of seconds) meter.add("2026-11-23T09:00:00+09:00", new Date(nine + delay * 1000).toISOString());
};

test("nothing has come, so nothing is known", () => {
  expect(new DelayMeter().read()).toBeNull();
});

test("half of the records came within the median, and 19 of 20 within the other", () => {
  const meter = new DelayMeter();
  add(meter, ...Array.from({ length: 100 }, (_, i) => (99 - i) / 100));
  expect(meter.read()).toEqual({ median: 0.5, p95: 0.95, isRelative: false });
});

test("one record is all of them", () => {
  const meter = new DelayMeter();
  add(meter, 0.25);
  expect(meter.read()).toEqual({ median: 0.25, p95: 0.25, isRelative: false });
});

test("a clock that goes a little ahead is shown as it is", () => {
  const meter = new DelayMeter();
  add(meter, -0.5);
  expect(meter.read()?.median).toBe(-0.5);
});

test.each([36_000, -36_000])("another clock (%i s) counts from the shortest delay", (offset) => {
  const meter = new DelayMeter();
  add(meter, offset, offset + 1, offset + 2);
  expect(meter.read()).toEqual({ median: 1, p95: 2, isRelative: true });
});

test("old records are forgotten", () => {
  const meter = new DelayMeter(4);
  add(meter, 100, 100, 100, 100, 1, 1, 1, 1);
  expect(meter.read()?.p95).toBe(1);
});

test("a record without a time, or with one that cannot be read, says nothing", () => {
  const meter = new DelayMeter();
  meter.add(null, "2026-11-23T09:00:00+09:00");
  meter.add("soon", "2026-11-23T09:00:00+09:00");
  meter.add("2026-11-23T09:00:00+09:00", "");
  expect(meter.read()).toBeNull();
});

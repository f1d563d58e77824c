import { expect, test } from "vitest";
import { DelayMeter } from "../../src/market/delay";

const nineOClock = Date.parse("2026-11-23T09:00:00+09:00");
const add = (meter: DelayMeter, ...seconds: readonly number[]): void => {
  for (const delay of seconds) meter.add("2026-11-23T09:00:00+09:00", new Date(nineOClock + delay * 1000).toISOString());
};

test("without records the delay is null", () => {
  expect(new DelayMeter().read()).toBeNull();
});

test("reads median and 95th percentile", () => {
  const meter = new DelayMeter();
  add(meter, ...Array.from({ length: 100 }, (_, i) => (99 - i) / 100));
  expect(meter.read()).toEqual({ median: 0.5, p95: 0.95, isRelative: false });
});

test("a single record determines both values", () => {
  const meter = new DelayMeter();
  add(meter, 0.25);
  expect(meter.read()).toEqual({ median: 0.25, p95: 0.25, isRelative: false });
});

test("a slightly negative delay is not corrected", () => {
  const meter = new DelayMeter();
  add(meter, -0.5);
  expect(meter.read()?.median).toBe(-0.5);
});

test.each([36_000, -36_000])("with another clock (%i s) the shortest delay is subtracted", (offset) => {
  const meter = new DelayMeter();
  add(meter, offset, offset + 1, offset + 2);
  expect(meter.read()).toEqual({ median: 1, p95: 2, isRelative: true });
});

test("only the newest records count", () => {
  const meter = new DelayMeter(4);
  add(meter, 100, 100, 100, 100, 1, 1, 1, 1);
  expect(meter.read()?.p95).toBe(1);
});

test("records without a valid time are ignored", () => {
  const meter = new DelayMeter();
  meter.add(null, "2026-11-23T09:00:00+09:00");
  meter.add("soon", "2026-11-23T09:00:00+09:00");
  meter.add("2026-11-23T09:00:00+09:00", "");
  expect(meter.read()).toBeNull();
});

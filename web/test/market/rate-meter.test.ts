import { expect, test } from "vitest";
import { RateMeter } from "../../src/market/rate-meter";

const after = (...readings: readonly (readonly [number, number])[]): RateMeter => {
  const meter = new RateMeter(10_000);
  for (const [at, count] of readings) meter.add(at, count);
  return meter;
};

test("the rate is null before two readings at different times", () => {
  expect(after().perSecond).toBeNull();
  expect(after([0, 100]).perSecond).toBeNull();
  expect(after([0, 100], [0, 100]).perSecond).toBeNull();
});

test("the rate is the difference over the time", () => {
  expect(after([1_000, 100], [3_000, 150]).perSecond).toBe(25);
  expect(after([1_000, 100], [3_000, 100]).perSecond).toBe(0);
});

test("the rate covers the last ten seconds", () => {
  const readings = Array.from({ length: 31 }, (_, i) => [i * 1_000, i < 15 ? 0 : (i - 15) * 40] as const);
  expect(after(...readings).perSecond).toBe(40);
});

test("the rate covers at least the last two readings", () => {
  expect(after([0, 0], [60_000, 60], [120_000, 180]).perSecond).toBe(2);
});

test("a counter that decreases restarts the measurement", () => {
  expect(after([0, 5_000], [1_000, 10]).perSecond).toBeNull();
  expect(after([0, 5_000], [1_000, 10], [2_000, 20]).perSecond).toBe(10);
});

import { expect, test } from "vitest";
import { clockText, marketSeconds, startsDay } from "../../src/market/market-time";
import { at, secondsAt } from "./records";

test.each([
  ["2026-11-23T09:04:31+09:00", "09:04:31"],
  ["2026-11-23T09:04:31.9999999+09:00", "09:04:31"],
  ["2026-11-23T00:04:31Z", "09:04:31"],
  ["2026-11-23T23:59:59+09:00", "23:59:59"],
])("%s is %s in Korea in every time zone", (timestamp, clock) => {
  expect(clockText(marketSeconds(timestamp)!)).toBe(clock);
});

test.each([null, "", "soon", "2026-11-23T99:00:00+09:00"])("%s is not a valid time", (timestamp) => {
  expect(marketSeconds(timestamp)).toBeNull();
});

test("times increase over days", () => {
  expect(marketSeconds(at("00:00:00", "2026-11-24"))! - marketSeconds(at("23:59:59"))!).toBe(1);
  expect(marketSeconds(at("09:00:00"))).toBe(secondsAt("09:00:00"));
});

test.each([
  ["2026-11-24", "00:00:00", true],
  ["2026-11-23", "23:59:59", false],
  ["2026-11-23", "15:30:00", false],
  ["2026-11-23", "14:30:00", false],
  ["2026-11-23", "14:29:59", true],
  ["2026-11-22", "15:30:00", true],
])("a record of %s %s after one of 23 November 15:30 starts a new day: %s", (date, clock, startsNewDay) => {
  expect(startsDay(secondsAt(clock, date), secondsAt("15:30:00"))).toBe(startsNewDay);
});

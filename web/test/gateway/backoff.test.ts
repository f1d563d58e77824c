import { expect, test } from "vitest";
import { Backoff } from "../../src/gateway/backoff";

const delays = (backoff: Backoff, count: number): number[] => Array.from({ length: count }, () => backoff.next());

test("waits twice as long each time, up to the limit", () => {
  expect(delays(new Backoff(500, 10_000, () => 0), 7)).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
});

test("waits up to half as much again by chance", () => {
  expect(delays(new Backoff(500, 10_000, () => 0.5), 2)).toEqual([625, 1250]);
});

test("begins anew after a success", () => {
  const backoff = new Backoff(500, 10_000, () => 0);
  delays(backoff, 4);
  backoff.reset();
  expect(backoff.next()).toBe(500);
});

test("stays at the limit however long nothing succeeds", () => {
  const backoff = new Backoff(500, 10_000, () => 0);
  expect(delays(backoff, 2000).at(-1)).toBe(10_000);
});

import { expect, test } from "vitest";
import { Backoff } from "../../src/gateway/backoff";

const delays = (backoff: Backoff, count: number): number[] => Array.from({ length: count }, () => backoff.next());

test("the delay doubles up to the limit", () => {
  expect(delays(new Backoff(500, 10_000, () => 0), 7)).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
});

test("the delay is up to 50 % longer at random", () => {
  expect(delays(new Backoff(500, 10_000, () => 0.5), 2)).toEqual([625, 1250]);
});

test("the delay starts again after a reset", () => {
  const backoff = new Backoff(500, 10_000, () => 0);
  delays(backoff, 4);
  backoff.reset();
  expect(backoff.next()).toBe(500);
});

test("the delay stays at the limit", () => {
  const backoff = new Backoff(500, 10_000, () => 0);
  expect(delays(backoff, 2000).at(-1)).toBe(10_000);
});

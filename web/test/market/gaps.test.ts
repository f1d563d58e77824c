import { expect, test } from "vitest";
import { mergeSpans } from "../../src/market/gaps";

const span = (from: number, to: number | null) => ({ from, to });

test("gaps that overlap are one", () => {
  expect(mergeSpans([span(10, 20), span(1, 3), span(15, 30), span(30, 31), span(2, 2)])).toEqual([span(1, 3), span(10, 31)]);
});

test("an open gap contains all later ones", () => {
  expect(mergeSpans([span(5, null), span(7, 9), span(1, 2)])).toEqual([span(1, 2), span(5, null)]);
  expect(mergeSpans([span(1, 4), span(2, null)])).toEqual([span(1, null)]);
  expect(mergeSpans([])).toEqual([]);
});

import { expect, test } from "vitest";
import { stepsOf, type Cell } from "../../src/market/downsampled-line";
import { ValueSeries } from "../../src/market/value-series";

import { at } from "./records";

const cell = (time: number, value: number | null, breaksAfter = false): Cell => ({ time, value, breaksAfter });
const text = (cells: readonly Cell[]): string =>
  stepsOf(cells)
    .map((run) => run.map(({ time, value }) => `${time}=${value}`).join(" "))
    .join(" | ");

test("a value holds until the next one", () => {
  expect(text([cell(1, 10), cell(5, 20), cell(6, null), cell(9, 15)])).toBe("1=10 5=10 5=20 9=20 9=15");
});

test("missing data leave the line open", () => {
  expect(text([cell(1, 10), cell(2, 12, true), cell(3, null), cell(7, 20), cell(8, 20)])).toBe("1=10 2=10 2=12 | 7=20 8=20 8=20");
  expect(text([])).toBe("");
  expect(text([cell(1, null), cell(2, 5, true)])).toBe("2=5");
});

test("the minutes before the page was opened have no slopes", () => {
  const series = new ValueSeries(240);
  series.seed(
    "price",
    ["09:00:00", "09:01:00"].map((clock, i) => ({ start: at(clock), open: 100 + i, high: 150, low: 90, close: 140 + i })),
    [],
  );
  for (const run of stepsOf(series.line.all))
    run.slice(1).forEach(({ time, value }, i) => expect(time === run[i]!.time || value === run[i]!.value).toBe(true));
});

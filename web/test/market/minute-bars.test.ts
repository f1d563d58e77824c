import { describe, expect, test } from "vitest";
import type { HistoryBar } from "../../src/gateway/pages";
import { MinuteBars, type MinuteBar } from "../../src/market/minute-bars";
import { forSeeds, Random } from "../random";

const nine = 9 * 3600;

interface Value {
  readonly time: number;
  readonly value: number;
}

/** Bars made anew from all values in the order in which they came. A late one moves no close, and makes no minute. */
function modelOf(values: readonly Value[]): readonly MinuteBar[] {
  const bars: MinuteBar[] = [];
  let newest = -Infinity;
  for (const { time, value } of values) {
    const start = Math.floor(time / 60) * 60;
    const at = bars.findIndex((bar) => bar.time === start);
    const bar = bars[at];
    if (bar !== undefined) bars[at] = { ...bar, high: Math.max(bar.high, value), low: Math.min(bar.low, value), close: time >= newest ? value : bar.close };
    else if (time >= newest) bars.push({ time: start, open: value, high: value, low: value, close: value });
    newest = Math.max(newest, time);
  }
  return bars;
}

function addTo(bars: MinuteBars, values: readonly Value[]): void {
  let newest = -Infinity;
  for (const { time, value } of values) {
    bars.add(time, value, time < newest);
    newest = Math.max(newest, time);
  }
}

function valuesOf(random: Random, count: number, start = nine): Value[] {
  let time = start;
  return Array.from({ length: count }, () => {
    time += random.whole(0, random.chance(0.1) ? 200 : 20);
    return { time: random.chance(0.15) ? Math.max(start, time - random.whole(1, 300)) : time, value: random.whole(-50, 50) };
  });
}

/** As the gateway tells bars: in Korea's time. */
const historyOf = (bars: readonly MinuteBar[]): HistoryBar[] =>
  bars.map(({ time, open, high, low, close }) => ({ start: new Date(time * 1000).toISOString().replace(".000Z", "+09:00"), open, high, low, close }));

test("by chance, with late values, they are what the model says", () => {
  forSeeds(300, (random) => {
    const values = valuesOf(random, 120);
    const bars = new MinuteBars();
    addTo(bars, values);
    expect(bars.all).toEqual(modelOf(values));
  });
});

test("by chance, seeding in the middle makes no difference to having seen it all", () => {
  forSeeds(300, (random) => {
    const all = valuesOf(random, 100).sort((a, b) => a.time - b.time);
    const opened = random.whole(0, 99);
    const asked = random.whole(opened, 99);
    const bars = new MinuteBars();
    addTo(bars, all.slice(opened, asked + 1));
    bars.seed(historyOf(modelOf(all.slice(0, random.whole(opened, asked) + 1))));
    addTo(bars, all.slice(asked + 1));
    expect(bars.all).toEqual(modelOf(all));
  });
});

test("by chance, who redraws the last bar alone while the revision stays sees all that changes", () => {
  forSeeds(200, (random) => {
    const bars = new MinuteBars();
    let drawn: MinuteBar[] = [];
    let revision = -1;
    let newest = -Infinity;
    for (const { time, value } of valuesOf(random, 100)) {
      bars.add(time, value, time < newest);
      newest = Math.max(newest, time);
      if (random.chance(0.5)) continue;
      const from = bars.revision === revision ? Math.max(0, drawn.length - 1) : 0;
      drawn = [...drawn.slice(0, from), ...bars.all.slice(from).map((bar) => ({ ...bar }))];
      revision = bars.revision;
      expect(drawn).toEqual(bars.all);
    }
  });
});

describe("seeding", () => {
  const bar = (time: number, open: number, high: number, low: number, close: number): MinuteBar => ({ time, open, high, low, close });

  test("has the beginning of the minute from the gateway and its end from what came", () => {
    const bars = new MinuteBars();
    bars.add(nine + 30, 5);
    bars.seed(historyOf([bar(nine, 3, 4, 2, 4)]));
    expect(bars.all).toEqual([bar(nine, 3, 5, 2, 5)]);
  });

  test("has the end of a minute from the gateway that this page saw the beginning of alone", () => {
    const bars = new MinuteBars();
    bars.add(nine + 1, 5); // Here this page's connection was lost.
    bars.add(nine + 130, 6);
    bars.seed(historyOf([bar(nine, 5, 9, 4, 8), bar(nine + 60, 8, 8, 7, 7), bar(nine + 120, 7, 7, 6, 6)]));
    expect(bars.all).toEqual([bar(nine, 5, 9, 4, 8), bar(nine + 60, 8, 8, 7, 7), bar(nine + 120, 7, 7, 6, 6)]);
  });

  test("leaves out a bar whose time cannot be read", () => {
    const bars = new MinuteBars();
    bars.seed([{ start: "soon", open: 1, high: 1, low: 1, close: 1 }, ...historyOf([bar(nine, 3, 4, 2, 4)])]);
    expect(bars.all).toEqual([bar(nine, 3, 4, 2, 4)]);
  });
});

test("a day anew has no bars", () => {
  const bars = new MinuteBars();
  bars.add(nine, 1);
  const { revision } = bars;
  bars.clear();
  expect(bars.all).toEqual([]);
  expect(bars.revision).not.toBe(revision);
});

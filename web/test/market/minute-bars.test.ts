import { describe, expect, test } from "vitest";
import type { HistoryBar } from "../../src/gateway/pages";
import { MinuteBars, type MinuteBar } from "../../src/market/minute-bars";
import { forSeeds, Random } from "../random";

const nineOClock = 9 * 3600;

interface Value {
  readonly time: number;
  readonly value: number;
}

/** The expected bars of all values in order of arrival. A late value changes no close and starts no minute. */
function modelOf(values: readonly Value[]): readonly MinuteBar[] {
  const bars: MinuteBar[] = [];
  let newest = -Infinity;
  for (const { time, value } of values) {
    const start = Math.floor(time / 60) * 60;
    const at = bars.findIndex((bar) => bar.time === start);
    const bar = bars[at];
    if (bar !== undefined)
      bars[at] = { ...bar, high: Math.max(bar.high, value), low: Math.min(bar.low, value), close: time >= newest ? value : bar.close };
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

function valuesOf(random: Random, count: number, start = nineOClock): Value[] {
  let time = start;
  return Array.from({ length: count }, () => {
    time += random.whole(0, random.chance(0.1) ? 200 : 20);
    return { time: random.chance(0.15) ? Math.max(start, time - random.whole(1, 300)) : time, value: random.whole(-50, 50) };
  });
}

/** Bars as in the gateway's history, in Korean time. */
const historyOf = (bars: readonly MinuteBar[]): HistoryBar[] =>
  bars.map(({ time, open, high, low, close }) => ({
    start: new Date(time * 1000).toISOString().replace(".000Z", "+09:00"),
    open,
    high,
    low,
    close,
  }));

test("random values, some of them late, give the bars of the model", () => {
  forSeeds(300, (random) => {
    const values = valuesOf(random, 120);
    const bars = new MinuteBars();
    addTo(bars, values);
    expect(bars.all).toEqual(modelOf(values));
  });
});

test("inserting a history gives the same bars as receiving all values", () => {
  forSeeds(300, (random) => {
    const all = valuesOf(random, 100).sort((a, b) => a.time - b.time);
    const firstReceived = random.whole(0, 99);
    const historyAt = random.whole(firstReceived, 99);
    const bars = new MinuteBars();
    addTo(bars, all.slice(firstReceived, historyAt + 1));
    bars.seed(historyOf(modelOf(all.slice(0, random.whole(firstReceived, historyAt) + 1))));
    addTo(bars, all.slice(historyAt + 1));
    expect(bars.all).toEqual(modelOf(all));
  });
});

test("redrawing only the last bar while the revision is unchanged misses nothing", () => {
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

describe("a history", () => {
  const bar = (time: number, open: number, high: number, low: number, close: number): MinuteBar => ({ time, open, high, low, close });

  test("provides the start of the current minute; records provide its end", () => {
    const bars = new MinuteBars();
    bars.add(nineOClock + 30, 5);
    bars.seed(historyOf([bar(nineOClock, 3, 4, 2, 4)]));
    expect(bars.all).toEqual([bar(nineOClock, 3, 5, 2, 5)]);
  });

  test("provides the end of a minute of which this page received only the start", () => {
    const bars = new MinuteBars();
    bars.add(nineOClock + 1, 5); // Then the page's connection was lost.
    bars.add(nineOClock + 130, 6);
    bars.seed(historyOf([bar(nineOClock, 5, 9, 4, 8), bar(nineOClock + 60, 8, 8, 7, 7), bar(nineOClock + 120, 7, 7, 6, 6)]));
    expect(bars.all).toEqual([bar(nineOClock, 5, 9, 4, 8), bar(nineOClock + 60, 8, 8, 7, 7), bar(nineOClock + 120, 7, 7, 6, 6)]);
  });

  test("with an invalid time is skipped", () => {
    const bars = new MinuteBars();
    bars.seed([{ start: "soon", open: 1, high: 1, low: 1, close: 1 }, ...historyOf([bar(nineOClock, 3, 4, 2, 4)])]);
    expect(bars.all).toEqual([bar(nineOClock, 3, 4, 2, 4)]);
  });
});

test("clear removes all bars", () => {
  const bars = new MinuteBars();
  bars.add(nineOClock, 1);
  const { revision } = bars;
  bars.clear();
  expect(bars.all).toEqual([]);
  expect(bars.revision).not.toBe(revision);
});

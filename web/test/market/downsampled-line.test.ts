import { describe, expect, test } from "vitest";
import { DownsampledLine, type Cell } from "../../src/market/downsampled-line";
import { forSeeds, Random } from "../random";

const nineOClock = 9 * 3600;
const steps = [1, 5, 10, 30, 60, 300, 600, 1800, 3600];

/** A value, or a break after the previous value. */
type Event = { readonly time: number; readonly value: number } | "break";

function apply(line: DownsampledLine, events: readonly Event[]): void {
  for (const event of events) {
    if (event === "break") line.break();
    else line.add(event.time, event.value);
  }
}

/** The expected cells after all events. */
function modelOf(events: readonly Event[], maxCells: number): readonly Cell[] {
  const values = events.filter((event) => event !== "break");
  const first = values[0];
  const last = values.at(-1);
  if (first === undefined || last === undefined) return [];
  const placeOf = (time: number, step: number): number => Math.floor(time / step);
  const step = steps.find((candidate) => placeOf(last.time, candidate) - placeOf(first.time, candidate) < maxCells)!;
  const cells: Cell[] = [];
  for (let place = placeOf(first.time, step); place <= placeOf(last.time, step); place++) {
    const within = values.filter(({ time }) => placeOf(time, step) === place);
    const end = within.at(-1);
    cells.push({
      time: place * step,
      value: end?.value ?? null,
      breaksAfter: end !== undefined && events[events.indexOf(end) + 1] === "break",
    });
  }
  return cells;
}

function eventsOf(random: Random, count: number, start = nineOClock): Event[] {
  const events: Event[] = [];
  const maxInterval = [1, 3, 20, 90][random.whole(0, 3)]!;
  for (let i = 0, time = start + random.whole(0, 100); i < count; i++) {
    if (random.chance(0.1)) events.push("break");
    time += random.chance(0.02) ? random.whole(0, 3000) : random.whole(0, maxInterval);
    if (time >= start + 12 * 3600) break;
    events.push({ time, value: random.whole(-500, 500) / 100 });
  }
  return events;
}

describe("random values", () => {
  test("give the cells of the model, and no more than the maximum", () => {
    forSeeds(400, (random) => {
      const maxCells = random.whole(13, 60);
      const events = eventsOf(random, random.whole(1, 200));
      const line = new DownsampledLine(maxCells);
      apply(line, events);
      expect(line.all).toEqual(modelOf(events, maxCells));
      expect(line.all.length).toBeLessThanOrEqual(maxCells);
    });
  });

  test("give a grid without holes that ends with the last value", () => {
    forSeeds(200, (random) => {
      const line = new DownsampledLine(random.whole(13, 60));
      for (const event of eventsOf(random, 150)) {
        apply(line, [event]);
        if (event === "break") continue;
        expect(line.all.at(-1)).toEqual({ time: event.time - (event.time % line.stepSeconds), value: event.value, breaksAfter: false });
      }
      const first = Math.floor((line.all[0]?.time ?? 0) / line.stepSeconds);
      expect(line.all.map(({ time }) => time)).toEqual(line.all.map((_, i) => (first + i) * line.stepSeconds));
    });
  });

  test("can be redrawn from the last cell on while the revision is unchanged", () => {
    forSeeds(200, (random) => {
      const line = new DownsampledLine(random.whole(13, 40));
      let drawn: Cell[] = [];
      let revision = -1;
      for (const event of eventsOf(random, 150)) {
        if (random.chance(0.05)) line.removeBreak();
        apply(line, [event]);
        if (random.chance(0.7)) continue;
        drawn =
          line.revision === revision
            ? [...drawn.slice(0, -1), ...line.all.slice(Math.max(0, drawn.length - 1)).map((cell) => ({ ...cell }))]
            : line.all.map((cell) => ({ ...cell }));
        revision = line.revision;
        expect(drawn).toEqual(line.all);
      }
    });
  });

  test("give the same line when inserted later as a history", () => {
    forSeeds(300, (random) => {
      const maxCells = random.whole(13, 60);
      const before = eventsOf(random, random.whole(0, 40));
      const points = before.filter((event) => event !== "break");
      const start = (points.at(-1)?.time ?? nineOClock) + 60;
      const live = eventsOf(random, random.whole(0, 8), start);
      const breaks = before.flatMap((event, i) => {
        const last = before.slice(0, i).findLast((earlier) => earlier !== "break");
        return event === "break" && last !== undefined ? [last.time] : [];
      });
      const line = new DownsampledLine(maxCells);
      apply(line, live);
      line.seed(points, breaks);
      // Breaks are not compared: within one step the value follows the break.
      expect(line.all.map(({ time, value }) => [time, value])).toEqual(
        modelOf([...before, ...live], maxCells).map(({ time, value }) => [time, value]),
      );
    });
  });
});

describe("a break", () => {
  const line = (...events: readonly Event[]): readonly Cell[] => {
    const created = new DownsampledLine(10);
    apply(created, events);
    return created.all;
  };

  test("stays after its value when the steps become longer", () => {
    const cells = line({ time: nineOClock, value: 1 }, "break", { time: nineOClock + 30, value: 2 }, { time: nineOClock + 200, value: 3 });
    expect(cells.filter(({ value }) => value !== null)).toEqual([
      { time: nineOClock, value: 1, breaksAfter: true },
      { time: nineOClock + 30, value: 2, breaksAfter: false },
      { time: nineOClock + 180, value: 3, breaksAfter: false },
    ]);
  });

  test("before the first value is ignored, and a repeated one too", () => {
    expect(
      line("break", { time: nineOClock, value: 1 }, "break", "break", { time: nineOClock + 1, value: 2 }).map(
        ({ breaksAfter }) => breaksAfter,
      ),
    ).toEqual([true, false]);
  });

  test("is removed by a value within the same step", () => {
    expect(line({ time: nineOClock, value: 1 }, "break", { time: nineOClock, value: 2 })).toEqual([
      { time: nineOClock, value: 2, breaksAfter: false },
    ]);
  });

  test("can be removed", () => {
    const created = new DownsampledLine(10);
    apply(created, [{ time: nineOClock, value: 1 }, "break"]);
    const { revision } = created;
    created.removeBreak();
    expect(created.all).toEqual([{ time: nineOClock, value: 1, breaksAfter: false }]);
    expect(created.revision).not.toBe(revision);
  });

  test("in the history is inserted after its value", () => {
    const created = new DownsampledLine(100);
    apply(created, [{ time: nineOClock + 30, value: 4 }, "break", { time: nineOClock + 31, value: 5 }]);
    created.seed(
      [
        { time: nineOClock, value: 1 },
        { time: nineOClock + 10, value: 2 },
      ],
      [nineOClock + 10, nineOClock],
    );
    expect(created.all.filter(({ breaksAfter }) => breaksAfter).map(({ time }) => time)).toEqual([
      nineOClock,
      nineOClock + 10,
      nineOClock + 30,
    ]);
  });
});

test("a value of an earlier step changes nothing", () => {
  const line = new DownsampledLine(10);
  apply(line, [
    { time: nineOClock, value: 1 },
    { time: nineOClock + 5, value: 2 },
    { time: nineOClock + 3, value: 9 },
  ]);
  expect(line.all.filter(({ value }) => value !== null).map(({ value }) => value)).toEqual([1, 2]);
});

test("a history is inserted only before the first value", () => {
  const line = new DownsampledLine(100);
  line.add(nineOClock + 10, 1);
  line.seed(
    [
      { time: nineOClock, value: 2 },
      { time: nineOClock + 10, value: 3 },
      { time: nineOClock + 20, value: 4 },
    ],
    [],
  );
  expect(line.all.filter(({ value }) => value !== null)).toMatchObject([
    { time: nineOClock, value: 2 },
    { time: nineOClock + 10, value: 1 },
  ]);
});

test("clear restores the finest step", () => {
  const line = new DownsampledLine(20);
  apply(line, [
    { time: nineOClock, value: 1 },
    { time: nineOClock + 7200, value: 2 },
  ]);
  expect(line.stepSeconds).toBe(600);
  line.clear();
  expect(line.all).toEqual([]);
  expect(line.stepSeconds).toBe(1);
});

test("coarsen merges cells and keeps the longer step", () => {
  const line = new DownsampledLine(1_000);
  for (let time = 0; time < 20; time++) line.add(time, time);
  const before = line.revision;
  line.coarsen(5);
  expect(line.all.map(({ time, value }) => [time, value])).toEqual([
    [0, 4],
    [5, 9],
    [10, 14],
    [15, 19],
  ]);
  expect(line.stepSeconds).toBe(5);
  expect(line.revision).not.toBe(before);
  line.coarsen(1);
  expect(line.stepSeconds).toBe(5);
  line.add(21, 21);
  expect(line.all.at(-1)).toMatchObject({ time: 20, value: 21 });
});

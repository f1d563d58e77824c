import { describe, expect, test } from "vitest";
import { ThinnedLine, type Cell } from "../../src/market/thinned-line";
import { forSeeds, Random } from "../random";

const nine = 9 * 3600;
const steps = [1, 5, 10, 30, 60, 300, 600, 1800, 3600];

/** A value, or a break behind what was before. */
type Event = { readonly time: number; readonly value: number } | "break";

function play(line: ThinnedLine, events: readonly Event[]): void {
  for (const event of events) {
    if (event === "break") line.break();
    else line.add(event.time, event.value);
  }
}

/** What a line should be, made anew from everything that happened. */
function modelOf(events: readonly Event[], most: number): readonly Cell[] {
  const values = events.filter((event) => event !== "break");
  const first = values[0];
  const last = values.at(-1);
  if (first === undefined || last === undefined) return [];
  const placeOf = (time: number, step: number): number => Math.floor(time / step);
  const step = steps.find((candidate) => placeOf(last.time, candidate) - placeOf(first.time, candidate) < most)!;
  const cells: Cell[] = [];
  for (let place = placeOf(first.time, step); place <= placeOf(last.time, step); place++) {
    const within = values.filter(({ time }) => placeOf(time, step) === place);
    const end = within.at(-1);
    cells.push({ time: place * step, value: end?.value ?? null, breaksBehind: end !== undefined && events[events.indexOf(end) + 1] === "break" });
  }
  return cells;
}

function eventsOf(random: Random, count: number, start = nine): Event[] {
  const events: Event[] = [];
  const longest = [1, 3, 20, 90][random.whole(0, 3)]!;
  for (let i = 0, time = start + random.whole(0, 100); i < count; i++) {
    if (random.chance(0.1)) events.push("break");
    time += random.chance(0.02) ? random.whole(0, 3000) : random.whole(0, longest);
    if (time >= start + 12 * 3600) break;
    events.push({ time, value: random.whole(-500, 500) / 100 });
  }
  return events;
}

describe("by chance", () => {
  test("it is what the model says, and never has more cells than allowed", () => {
    forSeeds(400, (random) => {
      const most = random.whole(13, 60);
      const events = eventsOf(random, random.whole(1, 200));
      const line = new ThinnedLine(most);
      play(line, events);
      expect(line.all).toEqual(modelOf(events, most));
      expect(line.all.length).toBeLessThanOrEqual(most);
    });
  });

  test("its cells stand on the grid without holes, and the last value is the last that was given", () => {
    forSeeds(200, (random) => {
      const line = new ThinnedLine(random.whole(13, 60));
      for (const event of eventsOf(random, 150)) {
        play(line, [event]);
        if (event === "break") continue;
        expect(line.all.at(-1)).toEqual({ time: event.time - (event.time % line.stepSeconds), value: event.value, breaksBehind: false });
      }
      const first = Math.floor((line.all[0]?.time ?? 0) / line.stepSeconds);
      expect(line.all.map(({ time }) => time)).toEqual(line.all.map((_, i) => (first + i) * line.stepSeconds));
    });
  });

  test("who redraws the end alone while the revision stays sees all that changes", () => {
    forSeeds(200, (random) => {
      const line = new ThinnedLine(random.whole(13, 40));
      let drawn: Cell[] = [];
      let revision = -1;
      for (const event of eventsOf(random, 150)) {
        if (random.chance(0.05)) line.mend();
        play(line, [event]);
        if (random.chance(0.7)) continue;
        drawn = line.revision === revision ? [...drawn.slice(0, -1), ...line.all.slice(Math.max(0, drawn.length - 1)).map((cell) => ({ ...cell }))] : line.all.map((cell) => ({ ...cell }));
        revision = line.revision;
        expect(drawn).toEqual(line.all);
      }
    });
  });

  test("seeding is as if all had come in order", () => {
    forSeeds(300, (random) => {
      const most = random.whole(13, 60);
      const before = eventsOf(random, random.whole(0, 40));
      const points = before.filter((event) => event !== "break");
      const start = (points.at(-1)?.time ?? nine) + 60;
      const live = eventsOf(random, random.whole(0, 8), start);
      const breaks = before.flatMap((event, i) => {
        const last = before.slice(0, i).findLast((earlier) => earlier !== "break");
        return event === "break" && last !== undefined ? [last.time] : [];
      });
      const line = new ThinnedLine(most);
      play(line, live);
      line.seed(points, breaks);
      // Within one second a value comes behind the break, as the model has it for longer steps too.
      expect(line.all.map(({ time, value }) => [time, value])).toEqual(modelOf([...before, ...live], most).map(({ time, value }) => [time, value]));
    });
  });
});

describe("a break", () => {
  const line = (...events: readonly Event[]): readonly Cell[] => {
    const made = new ThinnedLine(10);
    play(made, events);
    return made.all;
  };

  test("stays behind the last value before it when the steps become longer", () => {
    const cells = line({ time: nine, value: 1 }, "break", { time: nine + 30, value: 2 }, { time: nine + 200, value: 3 });
    expect(cells.filter(({ value }) => value !== null)).toEqual([
      { time: nine, value: 1, breaksBehind: true },
      { time: nine + 30, value: 2, breaksBehind: false },
      { time: nine + 180, value: 3, breaksBehind: false },
    ]);
  });

  test("before the first value is none, and twice is once", () => {
    expect(line("break", { time: nine, value: 1 }, "break", "break", { time: nine + 1, value: 2 }).map(({ breaksBehind }) => breaksBehind)).toEqual([true, false]);
  });

  test("is nothing that can be drawn where a value comes within the same step", () => {
    expect(line({ time: nine, value: 1 }, "break", { time: nine, value: 2 })).toEqual([{ time: nine, value: 2, breaksBehind: false }]);
  });

  test("is mended where nothing was missing", () => {
    const made = new ThinnedLine(10);
    play(made, [{ time: nine, value: 1 }, "break"]);
    const { revision } = made;
    made.mend();
    expect(made.all).toEqual([{ time: nine, value: 1, breaksBehind: false }]);
    expect(made.revision).not.toBe(revision);
  });

  test("of before the page looked stands where data were lost", () => {
    const made = new ThinnedLine(100);
    play(made, [{ time: nine + 30, value: 4 }, "break", { time: nine + 31, value: 5 }]);
    made.seed(
      [
        { time: nine, value: 1 },
        { time: nine + 10, value: 2 },
      ],
      [nine + 10, nine],
    );
    expect(made.all.filter(({ breaksBehind }) => breaksBehind).map(({ time }) => time)).toEqual([nine, nine + 10, nine + 30]);
  });
});

test("a value of an earlier step changes nothing", () => {
  const line = new ThinnedLine(10);
  play(line, [
    { time: nine, value: 1 },
    { time: nine + 5, value: 2 },
    { time: nine + 3, value: 9 },
  ]);
  expect(line.all.filter(({ value }) => value !== null).map(({ value }) => value)).toEqual([1, 2]);
});

test("what happened before is never put behind the first value that came", () => {
  const line = new ThinnedLine(100);
  line.add(nine + 10, 1);
  line.seed(
    [
      { time: nine, value: 2 },
      { time: nine + 10, value: 3 },
      { time: nine + 20, value: 4 },
    ],
    [],
  );
  expect(line.all.filter(({ value }) => value !== null)).toMatchObject([
    { time: nine, value: 2 },
    { time: nine + 10, value: 1 },
  ]);
});

test("a day anew has steps as fine as the first", () => {
  const line = new ThinnedLine(20);
  play(line, [
    { time: nine, value: 1 },
    { time: nine + 7200, value: 2 },
  ]);
  expect(line.stepSeconds).toBe(600);
  line.clear();
  expect(line.all).toEqual([]);
  expect(line.stepSeconds).toBe(1);
});

test("a line can be made as coarse as another, and goes on from there", () => {
  const line = new ThinnedLine(1_000);
  for (let time = 0; time < 20; time++) line.add(time, time);
  const before = line.revision;
  line.coarsen(5);
  expect(line.all.map(({ time, value }) => [time, value])).toEqual([[0, 4], [5, 9], [10, 14], [15, 19]]);
  expect(line.stepSeconds).toBe(5);
  expect(line.revision).not.toBe(before);
  line.coarsen(1);
  expect(line.stepSeconds).toBe(5);
  line.add(21, 21);
  expect(line.all.at(-1)).toMatchObject({ time: 20, value: 21 });
});

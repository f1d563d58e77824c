import { beforeEach, describe, expect, test } from "vitest";
import type { IndexRecord } from "../../src/gateway/items";
import type { HistoryPage } from "../../src/gateway/pages";
import { TrackedKey } from "../../src/market/tracked-key";
import { at, indexRecord, secondsAt } from "./records";

let index: TrackedKey<IndexRecord>;
beforeEach(() => (index = new TrackedKey({ price: (record) => record.price }, 5000)));

const add = (...records: readonly (readonly [string, number | null])[]): void => {
  for (const [clock, price] of records) index.add(indexRecord(at(clock), price));
};

/** The values of the line by time, with `|` for breaks. */
const lineText = (): string =>
  index
    .seriesOf("price")
    .line.all.flatMap(({ time, value, breaksAfter }) => (value === null ? [] : [`${clockOf(time)}=${value}${breaksAfter ? " |" : ""}`]))
    .join(" ");
const clockOf = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(11, 19);
const spansText = (): readonly string[] =>
  index.gaps.all.map(({ from, to, reason }) => `${clockOf(from)}-${to === null ? "" : clockOf(to)} ${reason}`);

const history = (bars: Readonly<Record<string, number>>, gaps: HistoryPage["gaps"] = [], date?: string): HistoryPage => ({
  trId: "H0UPCNT0",
  key: "0001",
  series: {
    price: Object.entries(bars).map(([clock, value]) => ({ start: at(clock, date), open: value, high: value, low: value, close: value })),
  },
  gaps,
});
const gap = (from: string, to: string | null, reason = "connectionLost", edges: { before?: number; after?: number } = {}) => ({
  from: at(from),
  to: to === null ? null : at(to),
  reason,
  before: edges.before === undefined ? {} : { price: edges.before },
  after: edges.after === undefined ? {} : { price: edges.after },
});

describe("records", () => {
  test("update line, bars and latest record", () => {
    add(["09:00:00", 1], ["09:00:07", 2], ["09:01:00", 3]);
    expect(lineText()).toBe("09:00:00=1 09:00:07=2 09:01:00=3");
    expect(index.seriesOf("price").bars.all.map(({ close }) => close)).toEqual([2, 3]);
    expect(index.latest?.price).toBe(3);
    expect(index.latestTime).toBe(secondsAt("09:01:00"));
    expect(index.count).toBe(3);
  });

  test("without a value add no point", () => {
    add(["09:00:00", 1], ["09:00:01", null]);
    expect(lineText()).toBe("09:00:00=1");
    expect(index.latest?.price).toBeNull();
  });

  test("that are late change neither line, close nor latest record, and end no gap", () => {
    add(["09:00:10", 1], ["09:00:40", 2]);
    index.beginGap("silence");
    add(["09:00:20", 9]);
    expect(lineText()).toBe("09:00:10=1 09:00:40=2 |");
    expect(index.seriesOf("price").bars.all).toMatchObject([{ high: 9, close: 2 }]);
    expect([index.latestTime, index.latest?.price]).toEqual([secondsAt("09:00:40"), 2]);
    expect(index.gaps.open?.reason).toBe("silence");
  });

  test("of a recording that restarts within the hour start a new day after several of them", () => {
    add(["09:00:00", 1], ["09:02:30", 2]);
    add(["09:00:00", 1], ["09:00:01", 1], ["09:00:02", 1], ["09:00:03", 1], ["09:02:31", 3]);
    expect(lineText()).toBe("09:00:00=1 09:02:30=2 09:02:31=3");
    add(["09:00:00", 4], ["09:00:01", 5], ["09:00:02", 6], ["09:00:03", 7], ["09:00:04", 8], ["09:00:05", 9]);
    expect(lineText()).toBe("09:00:04=8 09:00:05=9");
    expect([index.latestTime, index.latest?.price]).toEqual([secondsAt("09:00:05"), 9]);
  });

  test("without a time are not part of the day and do not end it", () => {
    add(["09:00:00", 1]);
    index.add(indexRecord(null, 5));
    add(["09:00:01", 2]);
    expect(lineText()).toBe("09:00:00=1 09:00:01=2");
    expect(index.count).toBe(3);
  });

  test.each([
    ["the next day", at("00:00:01", "2026-11-24"), true],
    ["a replay that starts over", at("13:59:59"), true],
    ["a late record", at("14:00:00"), false],
  ])("of %s start a new day or not", (_, timestamp, startsDay) => {
    add(["14:59:59", 1]);
    index.beginGap("silence");
    add(["15:00:00", 2]);
    index.add(indexRecord(timestamp, 3));
    expect(index.seriesOf("price").line.all.some(({ value }) => value === 1)).toBe(!startsDay);
    expect(index.seriesOf("price").bars.all[0]?.open).toBe(startsDay ? 3 : 1);
    expect(spansText()).toHaveLength(startsDay ? 0 : 1);
  });
});

describe("gaps", () => {
  test("extend from the last record before to the first record after, and break the line", () => {
    add(["09:00:00", 1]);
    index.beginGap("connectionLost");
    index.beginGap("silence");
    expect(index.gaps.open).toMatchObject({ from: secondsAt("09:00:00"), reason: "connectionLost" });
    add(["09:00:30", 2], ["09:00:31", 3]);
    expect(spansText()).toEqual(["09:00:00-09:00:30 connectionLost"]);
    expect(lineText()).toBe("09:00:00=1 | 09:00:30=2 09:00:31=3");
  });

  test.each([
    ["09:10:00", "09:10:00"],
    ["08:59:59", "09:00:00"],
    ["10:00:00", "09:00:00"],
  ])("begin with the latest record of any key (%s) on the same day", (latest, start) => {
    add(["09:00:00", 1]);
    index.beginGap("connectionLost", false, secondsAt(latest));
    expect(spansText()).toEqual([`${start}- connectionLost`]);
  });

  test("extend the line to the latest record of any key", () => {
    add(["09:00:00", 1]);
    index.beginGap("connectionLost", false, secondsAt("09:00:20"));
    add(["09:00:25", 2]);
    expect(lineText()).toBe("09:00:00=1 09:00:20=1 | 09:00:25=2");
  });

  test("do not begin before the first record", () => {
    index.beginGap("connectionLost");
    add(["09:00:00", 1]);
    expect(spansText()).toEqual([]);
  });

  test("of the page's own connection are cancelled if nothing was missed", () => {
    add(["09:00:00", 1]);
    index.beginGap("ownConnection", true);
    expect(index.gaps.open?.isOwn).toBe(true);
    index.cancelOwnGap();
    add(["09:00:05", 2]);
    expect(spansText()).toEqual([]);
    expect(lineText()).toBe("09:00:00=1 09:00:05=2");
  });

  test("reported by the gateway are not cancelled", () => {
    add(["09:00:00", 1]);
    index.beginGap("ownConnection", true);
    index.beginGap("connectionLost");
    index.cancelOwnGap();
    add(["09:00:05", 2]);
    expect(spansText()).toEqual(["09:00:00-09:00:05 connectionLost"]);
    expect(lineText()).toBe("09:00:00=1 | 09:00:05=2");
  });

  test("are limited in number", () => {
    for (let i = 0; i < 300; i++) {
      index.add(indexRecord(new Date(Date.parse(at("09:00:00")) + i * 1000).toISOString(), i));
      index.beginGap(`${i}`);
    }
    expect(index.gaps.all).toHaveLength(200);
    expect(index.gaps.all.at(-1)).toMatchObject({ reason: "299", to: null });
  });
});

describe("a history", () => {
  test("is inserted before the records by minute, without the close of the current minute", () => {
    add(["09:02:30", 5]);
    index.seed(history({ "09:00:00": 1, "09:01:00": 2, "09:02:00": 3 }));
    expect(lineText()).toBe("09:00:00=1 09:00:59=1 09:01:00=2 09:01:59=2 09:02:00=3 09:02:30=5");
  });

  test("contributes gaps that break the line", () => {
    add(["09:04:30", 5]);
    index.seed(history({ "09:00:00": 1, "09:03:00": 3, "09:04:00": 4 }, [gap("09:00:20", "09:03:10")]));
    expect(spansText()).toEqual(["09:00:20-09:03:10 connectionLost"]);
    expect(lineText()).toBe("09:00:00=1 09:00:20=1 | 09:03:10=3 09:03:59=3 09:04:00=4 09:04:30=5");
  });

  test("is drawn up to the edges of a gap, even within a minute", () => {
    add(["09:04:30", 5]);
    index.seed(
      history({ "09:00:00": 1, "09:02:00": 2, "09:04:00": 4 }, [
        gap("09:00:20", "09:00:40", "connectionLost", { before: 1.1, after: 1.2 }),
        gap("09:02:20", "09:04:10", "silence", { before: 2.1, after: 4.1 }),
      ]),
    );
    expect(lineText()).toBe("09:00:00=1 09:00:20=1.1 | 09:00:40=1.2 09:00:59=1 09:02:00=2 09:02:20=2.1 | 09:04:10=4.1 09:04:30=5");
  });

  test("does not break the line at gaps within one second", () => {
    add(["09:02:30", 5]);
    index.seed(
      history({ "09:00:00": 1, "09:01:00": 2, "09:02:00": 3 }, [
        gap("09:00:15", "09:00:15", "connectionLost", { before: 1.1, after: 1.2 }),
        gap("09:00:40", "09:00:41", "connectionLost", { before: 1.3, after: 1.4 }),
      ]),
    );
    expect(lineText()).toBe("09:00:00=1 09:00:15=1.2 09:00:40=1.3 | 09:00:41=1.4 09:00:59=1 09:01:00=2 09:01:59=2 09:02:00=3 09:02:30=5");
    expect(spansText()).toEqual(["09:00:15-09:00:15 connectionLost", "09:00:40-09:00:41 connectionLost"]);
  });

  test("may contain an open gap, which the next record closes", () => {
    index.seed(history({ "09:00:00": 1, "09:01:00": 2 }, [gap("09:01:20", null, "notRegistered")]));
    expect(spansText()).toEqual(["09:01:20- notRegistered"]);
    add(["09:30:00", 3], ["09:30:01", 4]);
    expect(spansText()).toEqual(["09:01:20-09:30:00 notRegistered"]);
    expect(lineText()).toBe("09:00:00=1 09:00:59=1 09:01:00=2 09:01:20=2 | 09:30:00=3 09:30:01=4");
  });

  test("may contain an open gap that has ended meanwhile", () => {
    add(["09:30:00", 3], ["09:30:01", 4]);
    index.seed(history({ "09:00:00": 1, "09:01:00": 2 }, [gap("09:01:20", null, "notRegistered")]));
    add(["09:30:02", 5]);
    expect(spansText()).toEqual(["09:01:20-09:30:00 notRegistered"]);
    expect(lineText()).toBe("09:00:00=1 09:00:59=1 09:01:00=2 09:01:20=2 | 09:30:00=3 09:30:01=4 09:30:02=5");
  });

  test("restores a gap that a repeated record seemed to end", () => {
    add(["09:00:00", 1]);
    index.beginGap("ownConnection", true);
    add(["09:00:00", 1]); // A repetition of the last record before the gap.
    add(["09:05:00", 2]);
    index.seed(history({ "09:00:00": 1, "09:05:00": 2 }, [gap("09:00:00", "09:05:00", "notRegistered")]));
    expect(spansText()).toEqual(["09:00:00-09:05:00 notRegistered"]);
    expect(lineText()).toBe("09:00:00=1 | 09:05:00=2");
  });

  test("does not reopen a gap that a record ends", () => {
    add(["09:00:00", 1]);
    index.beginGap("ownConnection", true);
    index.seed(history({ "09:00:00": 1, "09:05:00": 2 }, [gap("09:01:00", "09:02:00"), gap("09:05:30", null)]));
    expect(index.gaps.open?.reason).toBe("ownConnection");
    add(["09:06:00", 3]);
    expect(index.gaps.open).toBeUndefined();
    expect(spansText()).toEqual(["09:00:00-09:06:00 ownConnection"]);
  });

  test("adds an adjacent gap, but not one that is known", () => {
    add(["09:00:00", 1]);
    index.beginGap("silence");
    add(["09:01:00", 2], ["09:05:00", 3]);
    index.seed(history({ "09:00:00": 1, "09:05:00": 3 }, [gap("09:00:00", "09:01:00"), gap("09:01:00", "09:05:00")]));
    expect(spansText()).toEqual(["09:00:00-09:01:00 silence", "09:01:00-09:05:00 connectionLost"]);
    expect(lineText()).toBe("09:00:00=1 | 09:01:00=2 | 09:05:00=3");
  });

  test("that is inserted twice changes nothing", () => {
    add(["09:02:30", 5]);
    const morning = history({ "09:00:00": 1, "09:01:00": 2, "09:02:00": 3 }, [gap("09:00:20", "09:01:10")]);
    index.seed(morning);
    const [line, bars] = [lineText(), structuredClone(index.seriesOf("price").bars.all)];
    index.seed(morning);
    expect(lineText()).toBe(line);
    expect(index.seriesOf("price").bars.all).toEqual(bars);
    expect(spansText()).toHaveLength(1);
  });

  test("is replaced by a newer one before the first record", () => {
    index.seed(history({ "09:00:00": 1, "09:01:00": 2, "09:02:00": 3 }, [gap("09:02:10", null)]));
    index.seed(history({ "09:00:00": 1, "09:01:00": 2, "09:02:00": 3, "09:03:00": 4, "09:04:00": 5 }, [gap("09:02:10", "09:03:05")]));
    expect(lineText()).toBe("09:00:00=1 09:00:59=1 09:01:00=2 09:01:59=2 09:02:00=3 09:02:10=3 | 09:03:05=4 09:03:59=4 09:04:00=5");
    expect(spansText()).toEqual(["09:02:10-09:03:05 connectionLost"]);
  });

  test("later than the newest record is ignored (a replay has started over)", () => {
    add(["09:00:05", 1]);
    index.seed(history({ "09:00:00": 1, "10:00:00": 2, "15:30:00": 3 }, [gap("10:00:10", "10:00:20"), gap("15:30:10", null)]));
    add(["09:01:05", 4]);
    expect(lineText()).toBe("09:00:00=1 09:00:05=1 09:01:05=4");
    expect(index.seriesOf("price").bars.all.map(({ time, close }) => `${clockOf(time)}=${close}`)).toEqual(["09:00:00=1", "09:01:00=4"]);
    expect(spansText()).toEqual([]);
  });

  test("of the previous day is ignored", () => {
    add(["09:00:05", 1]);
    index.seed(
      history(
        { "15:28:00": 7, "15:29:00": 8, "15:30:00": 9 },
        [{ from: at("15:28:10", "2026-11-22"), to: at("15:28:20", "2026-11-22"), reason: "silence", before: {}, after: {} }],
        "2026-11-22",
      ),
    );
    expect(lineText()).toBe("09:00:05=1");
    expect(index.seriesOf("price").bars.all).toHaveLength(1);
    expect(spansText()).toEqual([]);
  });

  test.each([
    ["the next day", "2026-11-24"],
    ["a replay that starts over", "2026-11-23"],
  ])("is discarded if the first record is of %s", (_, date) => {
    index.seed(history({ "15:28:00": 7, "15:29:00": 8, "15:30:00": 9 }));
    index.add(indexRecord(at("09:00:00", date), 1));
    expect(lineText()).toBe("09:00:00=1");
    expect(index.seriesOf("price").bars.all).toMatchObject([{ open: 1, close: 1 }]);
  });

  test("without the series is ignored", () => {
    add(["09:00:05", 1]);
    index.seed({ trId: "H0UPCNT0", key: "0001", series: {}, gaps: [] });
    expect(lineText()).toBe("09:00:05=1");
  });
});

import { beforeEach, describe, expect, test } from "vitest";
import type { IndexRecord } from "../../src/gateway/items";
import type { HistoryPage } from "../../src/gateway/pages";
import { Followed } from "../../src/market/followed";
import { at, indexRecord, secondsAt } from "./records";

let index: Followed<IndexRecord>;
beforeEach(() => (index = new Followed({ price: (record) => record.price }, 5000)));

const take = (...records: readonly (readonly [string, number | null])[]): void => {
  for (const [clock, price] of records) index.take(indexRecord(at(clock), price));
};

/** Values of the line by time, and `|` where it is interrupted. */
const lineText = (): string =>
  index
    .course("price")
    .line.all.flatMap(({ time, value, breaksBehind }) => (value === null ? [] : [`${clockOf(time)}=${value}${breaksBehind ? " |" : ""}`]))
    .join(" ");
const clockOf = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(11, 19);
const spansText = (): readonly string[] => index.gaps.all.map(({ from, to, reason }) => `${clockOf(from)}-${to === null ? "" : clockOf(to)} ${reason}`);

const history = (bars: Readonly<Record<string, number>>, gaps: HistoryPage["gaps"] = [], date?: string): HistoryPage => ({
  trId: "H0UPCNT0",
  key: "0001",
  series: { price: Object.entries(bars).map(([clock, value]) => ({ start: at(clock, date), open: value, high: value, low: value, close: value })) },
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
  test("make the line, the bars, and what is shown as the newest", () => {
    take(["09:00:00", 1], ["09:00:07", 2], ["09:01:00", 3]);
    expect(lineText()).toBe("09:00:00=1 09:00:07=2 09:01:00=3");
    expect(index.course("price").bars.all.map(({ close }) => close)).toEqual([2, 3]);
    expect(index.latest?.price).toBe(3);
    expect(index.latestTime).toBe(secondsAt("09:01:00"));
    expect(index.count).toBe(3);
  });

  test("without a value leave a hole and no zero", () => {
    take(["09:00:00", 1], ["09:00:01", null]);
    expect(lineText()).toBe("09:00:00=1");
    expect(index.latest?.price).toBeNull();
  });

  test("that come late move neither the line, nor a close, nor what is newest, and end no gap", () => {
    take(["09:00:10", 1], ["09:00:40", 2]);
    index.miss("silence");
    take(["09:00:20", 9]);
    expect(lineText()).toBe("09:00:10=1 09:00:40=2 |");
    expect(index.course("price").bars.all).toMatchObject([{ high: 9, close: 2 }]);
    expect([index.latestTime, index.latest?.price]).toEqual([secondsAt("09:00:40"), 2]);
    expect(index.gaps.open?.reason).toBe("silence");
  });

  test("of a recorded day that begins again within the hour begin it anew by their number", () => {
    take(["09:00:00", 1], ["09:02:30", 2]);
    take(["09:00:00", 1], ["09:00:01", 1], ["09:00:02", 1], ["09:00:03", 1], ["09:02:31", 3]);
    expect(lineText()).toBe("09:00:00=1 09:02:30=2 09:02:31=3");
    take(["09:00:00", 4], ["09:00:01", 5], ["09:00:02", 6], ["09:00:03", 7], ["09:00:04", 8], ["09:00:05", 9]);
    expect(lineText()).toBe("09:00:04=8 09:00:05=9");
    expect([index.latestTime, index.latest?.price]).toEqual([secondsAt("09:00:05"), 9]);
  });

  test("without a time have no place in the day, and do not end it", () => {
    take(["09:00:00", 1]);
    index.take(indexRecord(null, 5));
    take(["09:00:01", 2]);
    expect(lineText()).toBe("09:00:00=1 09:00:01=2");
    expect(index.count).toBe(3);
  });

  test.each([
    ["the next day", at("00:00:01", "2026-11-24"), true],
    ["a replay that starts over", at("13:59:59"), true],
    ["something late", at("14:00:00"), false],
  ])("of %s begin the day anew, or do not", (_, timestamp, isNew) => {
    take(["14:59:59", 1]);
    index.miss("silence");
    take(["15:00:00", 2]);
    index.take(indexRecord(timestamp, 3));
    expect(index.course("price").line.all.some(({ value }) => value === 1)).toBe(!isNew);
    expect(index.course("price").bars.all[0]?.open).toBe(isNew ? 3 : 1);
    expect(spansText()).toHaveLength(isNew ? 0 : 1);
  });
});

describe("gaps", () => {
  test("are from the last record before to the first behind, and interrupt the line", () => {
    take(["09:00:00", 1]);
    index.miss("connectionLost");
    index.miss("silence");
    expect(index.gaps.open).toMatchObject({ from: secondsAt("09:00:00"), reason: "connectionLost" });
    take(["09:00:30", 2], ["09:00:31", 3]);
    expect(spansText()).toEqual(["09:00:00-09:00:30 connectionLost"]);
    expect(lineText()).toBe("09:00:00=1 | 09:00:30=2 09:00:31=3");
  });

  test.each([
    ["09:10:00", "09:10:00"],
    ["08:59:59", "09:00:00"],
    ["10:00:00", "09:00:00"],
  ])("begin where any key was heard of last (%s), if that is of the same day", (latest, begun) => {
    take(["09:00:00", 1]);
    index.miss("connectionLost", false, secondsAt(latest));
    expect(spansText()).toEqual([`${begun}- connectionLost`]);
  });

  test("are drawn up to, where any key was heard of later", () => {
    take(["09:00:00", 1]);
    index.miss("connectionLost", false, secondsAt("09:00:20"));
    take(["09:00:25", 2]);
    expect(lineText()).toBe("09:00:00=1 09:00:20=1 | 09:00:25=2");
  });

  test("are none before the first record", () => {
    index.miss("connectionLost");
    take(["09:00:00", 1]);
    expect(spansText()).toEqual([]);
  });

  test("of this page's own go where nothing was missed", () => {
    take(["09:00:00", 1]);
    index.miss("ownConnection", true);
    expect(index.gaps.open?.isOwn).toBe(true);
    index.missedNothing();
    take(["09:00:05", 2]);
    expect(spansText()).toEqual([]);
    expect(lineText()).toBe("09:00:00=1 09:00:05=2");
  });

  test("that the gateway tells stay where nothing was missed on this page's way", () => {
    take(["09:00:00", 1]);
    index.miss("ownConnection", true);
    index.miss("connectionLost");
    index.missedNothing();
    take(["09:00:05", 2]);
    expect(spansText()).toEqual(["09:00:00-09:00:05 connectionLost"]);
    expect(lineText()).toBe("09:00:00=1 | 09:00:05=2");
  });

  test("are kept up to a number", () => {
    for (let i = 0; i < 300; i++) {
      index.take(indexRecord(new Date(Date.parse(at("09:00:00")) + i * 1000).toISOString(), i));
      index.miss(`${i}`);
    }
    expect(index.gaps.all).toHaveLength(200);
    expect(index.gaps.all.at(-1)).toMatchObject({ reason: "299", to: null });
  });
});

describe("what happened before", () => {
  test("stands in front of what came, minute by minute, without the minute that goes on", () => {
    take(["09:02:30", 5]);
    index.seed(history({ "09:00:00": 1, "09:01:00": 2, "09:02:00": 3 }));
    expect(lineText()).toBe("09:00:00=1 09:00:59=1 09:01:00=2 09:01:59=2 09:02:00=3 09:02:30=5");
  });

  test("has its gaps, and no line goes through them", () => {
    take(["09:04:30", 5]);
    index.seed(history({ "09:00:00": 1, "09:03:00": 3, "09:04:00": 4 }, [gap("09:00:20", "09:03:10")]));
    expect(spansText()).toEqual(["09:00:20-09:03:10 connectionLost"]);
    expect(lineText()).toBe("09:00:00=1 09:00:20=1 | 09:03:10=3 09:03:59=3 09:04:00=4 09:04:30=5");
  });

  test("is drawn up to the edges of a gap, also within a minute", () => {
    take(["09:04:30", 5]);
    index.seed(
      history({ "09:00:00": 1, "09:02:00": 2, "09:04:00": 4 }, [
        gap("09:00:20", "09:00:40", "connectionLost", { before: 1.1, after: 1.2 }),
        gap("09:02:20", "09:04:10", "silence", { before: 2.1, after: 4.1 }),
      ]),
    );
    expect(lineText()).toBe("09:00:00=1 09:00:20=1.1 | 09:00:40=1.2 09:00:59=1 09:02:00=2 09:02:20=2.1 | 09:04:10=4.1 09:04:30=5");
  });

  test("is drawn around gaps within one second", () => {
    take(["09:02:30", 5]);
    index.seed(
      history({ "09:00:00": 1, "09:01:00": 2, "09:02:00": 3 }, [
        gap("09:00:15", "09:00:15", "connectionLost", { before: 1.1, after: 1.2 }),
        gap("09:00:40", "09:00:41", "connectionLost", { before: 1.3, after: 1.4 }),
      ]),
    );
    expect(lineText()).toBe("09:00:00=1 09:00:15=1.2 09:00:40=1.3 | 09:00:41=1.4 09:00:59=1 09:01:00=2 09:01:59=2 09:02:00=3 09:02:30=5");
    expect(spansText()).toEqual(["09:00:15-09:00:15 connectionLost", "09:00:40-09:00:41 connectionLost"]);
  });

  test("has a gap that goes on, until a record comes", () => {
    index.seed(history({ "09:00:00": 1, "09:01:00": 2 }, [gap("09:01:20", null, "notRegistered")]));
    expect(spansText()).toEqual(["09:01:20- notRegistered"]);
    take(["09:30:00", 3], ["09:30:01", 4]);
    expect(spansText()).toEqual(["09:01:20-09:30:00 notRegistered"]);
    expect(lineText()).toBe("09:00:00=1 09:00:59=1 09:01:00=2 09:01:20=2 | 09:30:00=3 09:30:01=4");
  });

  test("has a gap that went on when it was asked for, and has ended since", () => {
    take(["09:30:00", 3], ["09:30:01", 4]);
    index.seed(history({ "09:00:00": 1, "09:01:00": 2 }, [gap("09:01:20", null, "notRegistered")]));
    take(["09:30:02", 5]);
    expect(spansText()).toEqual(["09:01:20-09:30:00 notRegistered"]);
    expect(lineText()).toBe("09:00:00=1 09:00:59=1 09:01:00=2 09:01:20=2 | 09:30:00=3 09:30:01=4 09:30:02=5");
  });

  test("has a gap that a record of before it seemed to end at once", () => {
    take(["09:00:00", 1]);
    index.miss("ownConnection", true);
    take(["09:00:00", 1]); // The gateway's last one, from before the gap.
    take(["09:05:00", 2]);
    index.seed(history({ "09:00:00": 1, "09:05:00": 2 }, [gap("09:00:00", "09:05:00", "notRegistered")]));
    expect(spansText()).toEqual(["09:00:00-09:05:00 notRegistered"]);
    expect(lineText()).toBe("09:00:00=1 | 09:05:00=2");
  });

  test("does not keep a gap open that a record ends", () => {
    take(["09:00:00", 1]);
    index.miss("ownConnection", true);
    index.seed(history({ "09:00:00": 1, "09:05:00": 2 }, [gap("09:01:00", "09:02:00"), gap("09:05:30", null)]));
    expect(index.gaps.open?.reason).toBe("ownConnection");
    take(["09:06:00", 3]);
    expect(index.gaps.open).toBeUndefined();
    expect(spansText()).toEqual(["09:00:00-09:06:00 ownConnection"]);
  });

  test("has a gap behind one that is known here, and not the one that is", () => {
    take(["09:00:00", 1]);
    index.miss("silence");
    take(["09:01:00", 2], ["09:05:00", 3]);
    index.seed(history({ "09:00:00": 1, "09:05:00": 3 }, [gap("09:00:00", "09:01:00"), gap("09:01:00", "09:05:00")]));
    expect(spansText()).toEqual(["09:00:00-09:01:00 silence", "09:01:00-09:05:00 connectionLost"]);
    expect(lineText()).toBe("09:00:00=1 | 09:01:00=2 | 09:05:00=3");
  });

  test("twice is once", () => {
    take(["09:02:30", 5]);
    const morning = history({ "09:00:00": 1, "09:01:00": 2, "09:02:00": 3 }, [gap("09:00:20", "09:01:10")]);
    index.seed(morning);
    const [line, bars] = [lineText(), structuredClone(index.course("price").bars.all)];
    index.seed(morning);
    expect(lineText()).toBe(line);
    expect(index.course("price").bars.all).toEqual(bars);
    expect(spansText()).toHaveLength(1);
  });

  test("gives way to what happened since, as long as nothing has come here", () => {
    index.seed(history({ "09:00:00": 1, "09:01:00": 2, "09:02:00": 3 }, [gap("09:02:10", null)]));
    index.seed(history({ "09:00:00": 1, "09:01:00": 2, "09:02:00": 3, "09:03:00": 4, "09:04:00": 5 }, [gap("09:02:10", "09:03:05")]));
    expect(lineText()).toBe("09:00:00=1 09:00:59=1 09:01:00=2 09:01:59=2 09:02:00=3 09:02:10=3 | 09:03:05=4 09:03:59=4 09:04:00=5");
    expect(spansText()).toEqual(["09:02:10-09:03:05 connectionLost"]);
  });

  test("is nothing that lies in the future of the newest record, as of a replay that has started over meanwhile", () => {
    take(["09:00:05", 1]);
    index.seed(history({ "09:00:00": 1, "10:00:00": 2, "15:30:00": 3 }, [gap("10:00:10", "10:00:20"), gap("15:30:10", null)]));
    take(["09:01:05", 4]);
    expect(lineText()).toBe("09:00:00=1 09:00:05=1 09:01:05=4");
    expect(index.course("price").bars.all.map(({ time, close }) => `${clockOf(time)}=${close}`)).toEqual(["09:00:00=1", "09:01:00=4"]);
    expect(spansText()).toEqual([]);
  });

  test("is nothing of the day before", () => {
    take(["09:00:05", 1]);
    index.seed(history({ "15:28:00": 7, "15:29:00": 8, "15:30:00": 9 }, [{ from: at("15:28:10", "2026-11-22"), to: at("15:28:20", "2026-11-22"), reason: "silence", before: {}, after: {} }], "2026-11-22"));
    expect(lineText()).toBe("09:00:05=1");
    expect(index.course("price").bars.all).toHaveLength(1);
    expect(spansText()).toEqual([]);
  });

  test.each([
    ["the next day", "2026-11-24"],
    ["a replay that starts over", "2026-11-23"],
  ])("goes where the first record that comes is of %s", (_, date) => {
    index.seed(history({ "15:28:00": 7, "15:29:00": 8, "15:30:00": 9 }));
    index.take(indexRecord(at("09:00:00", date), 1));
    expect(lineText()).toBe("09:00:00=1");
    expect(index.course("price").bars.all).toMatchObject([{ open: 1, close: 1 }]);
  });

  test("without a series of the name is no reason to fail", () => {
    take(["09:00:05", 1]);
    index.seed({ trId: "H0UPCNT0", key: "0001", series: {}, gaps: [] });
    expect(lineText()).toBe("09:00:05=1");
  });
});

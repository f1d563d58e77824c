import { beforeEach, describe, expect, test } from "vitest";
import type { AnyRecord } from "../../src/gateway/items";
import { Market } from "../../src/market/market";
import { at, bondRecord, indexRecord, orderRecord, programRecord, secondsAt } from "./records";

let market: Market;
beforeEach(() => (market = new Market()));

const add = (...records: readonly AnyRecord[]): void => {
  for (const record of records) market.apply({ kind: "record", record });
};
const gapOf = (trId: string, key: string) =>
  ({
    kind: "gap",
    id: undefined,
    gap: { trId, key, from: null, to: null, reason: "connectionLost", frames: null, missedVolume: null },
  }) as const;

test("a record is added only to its key", () => {
  market.track("H0UPCNT0", "0001");
  market.track("H0UPCNT0", "1001");
  market.track("H0BJCNT0", "KR103502GA34");
  for (const trId of ["H0UNPGM0", "H0NXPGM0"]) market.track(trId, "005930");
  add(indexRecord(at("09:00:00"), 1), bondRecord(at("09:00:00"), 10_000, 3.1));
  ["H0UNPGM0", "H0NXPGM0"].forEach((trId, i) => add(programRecord(trId, at("09:00:00"), i)));
  expect(market.indexes.get("H0UPCNT0:0001")?.latest?.price).toBe(1);
  expect(market.indexes.get("H0UPCNT0:1001")?.latest).toBeNull();
  const bond = market.bonds.get("H0BJCNT0:KR103502GA34");
  expect([bond?.seriesOf("price").line.all.at(-1)?.value, bond?.seriesOf("yield").line.all.at(-1)?.value]).toEqual([10_000, 3.1]);
  expect([...market.programs.values()].map(({ latest }) => latest?.netValue)).toEqual([0, 1]);
  expect(market.records).toBe(4);
});

test("a record of an untracked key is counted and ignored, whatever the key", () => {
  for (const key of ["9999", "__proto__", "constructor", "<img src=x>", ""]) add(indexRecord(at("09:00:00"), 1, key));
  add({ ...indexRecord(at("09:00:00"), 1), trId: "H0XXXXX0" });
  expect(market.records).toBe(6);
  expect(market.indexes.size).toBe(0);
});

test("tracking a key twice keeps its state; untracking discards it", () => {
  market.track("H0UPCNT0", "0001");
  add(indexRecord(at("09:00:00"), 1));
  market.track("H0UPCNT0", "0001");
  expect(market.find("H0UPCNT0", "0001")?.count).toBe(1);
  market.untrack("H0UPCNT0", "0001");
  expect(market.find("H0UPCNT0", "0001")).toBeUndefined();
  market.track("H0UPCNT0", "0001");
  expect(market.find("H0UPCNT0", "0001")?.count).toBe(0);
});

test("a feed that this page does not show is not tracked", () => {
  market.track("H0IFCNI0", "DEMO");
  market.track("H0XXXXX0", "0001");
  expect([market.indexes.size, market.bonds.size, market.programs.size]).toEqual([0, 0, 0]);
});

test("order notices of both environments are added to the orders", () => {
  add(orderRecord({ orderNumber: "1" }), orderRecord({ orderNumber: "2", trId: "H0IFCNI9" }));
  expect(market.orders.all.map(({ record }) => record.orderNumber)).toEqual(["2", "1"]);
});

test("an interruption begins with the latest record of any key, a gap with the latest of its own key", () => {
  market.track("H0UPCNT0", "0001");
  market.track("H0UPCNT0", "1001");
  add(indexRecord(at("09:00:00"), 1), indexRecord(at("09:00:05"), 1, "1001"));
  market.apply({
    kind: "interruption",
    id: undefined,
    interruption: { trId: "H0UPCNT0", key: "0001", at: at("09:00:09"), reason: "silence" },
  });
  expect(market.find("H0UPCNT0", "0001")?.gaps.open).toMatchObject({ reason: "silence", from: secondsAt("09:00:05") });
  expect(market.find("H0UPCNT0", "1001")?.gaps.open).toBeUndefined();
  market.apply(gapOf("H0UPCNT0", "9999"));
  market.track("H0UPCNT0", "2001");
  add(indexRecord(at("09:00:01"), 1, "2001"));
  market.apply(gapOf("H0UPCNT0", "2001"));
  expect(market.find("H0UPCNT0", "2001")?.gaps.open).toMatchObject({ reason: "connectionLost", from: secondsAt("09:00:01") });
});

test("malformed records are counted", () => {
  market.apply({ kind: "malformed", id: undefined, malformed: { error: "not valid UTF-8", trId: null, key: null } });
  expect(market.malformed).toBe(1);
});

test("snapshots do not affect the delay", () => {
  add({ ...indexRecord(at("09:00:00"), 1), snapshot: true });
  expect(market.delay.read()).toBeNull();
  add(indexRecord(at("09:00:00"), 1));
  expect(market.delay.read()).not.toBeNull();
});

describe("the page's own connection", () => {
  beforeEach(() => {
    market.track("H0UPCNT0", "0001");
    market.track("H0BJCNT0", "KR103502GA34");
    add(indexRecord(at("09:00:00"), 1), bondRecord(at("09:00:00"), 10_000, 3.1));
    market.onOwnConnectionLost();
  });
  const open = () =>
    [market.find("H0UPCNT0", "0001"), market.find("H0BJCNT0", "KR103502GA34")].map((tracked) => tracked?.gaps.open?.reason);

  test("opens a gap for every key when lost", () => {
    expect(open()).toEqual(["ownConnection", "ownConnection"]);
  });

  test("cancels the gaps when resumed", () => {
    market.onOwnConnectionResumed();
    expect(open()).toEqual([undefined, undefined]);
  });

  const interruption = { trId: "H0BJCNT0", key: "KR103502GA34", at: at("09:00:09"), reason: "connectionLost" };

  test.each([
    ["a gap", gapOf("H0BJCNT0", "KR103502GA34")] as const,
    ["an interruption", { kind: "interruption", id: undefined, interruption }] as const,
  ])("keeps the start of a gap when the gateway reports %s after records of other keys", (_, item) => {
    add(indexRecord(at("09:01:30"), 1));
    market.apply(item);
    add(bondRecord(at("09:01:31"), 10_000, 3.1));
    const [index, bond] = [market.find("H0UPCNT0", "0001"), market.find("H0BJCNT0", "KR103502GA34")];
    expect(index?.gaps.all).toMatchObject([{ from: secondsAt("09:00:00"), to: secondsAt("09:01:30") }]);
    expect(bond?.gaps.all).toMatchObject([{ from: secondsAt("09:00:00"), to: secondsAt("09:01:31"), reason: "connectionLost" }]);
  });

  test("does not cancel gaps reported by the gateway", () => {
    market.apply(gapOf("H0UPCNT0", "0001"));
    market.onOwnConnectionResumed();
    expect(open()).toEqual(["connectionLost", undefined]);
  });
});

test("a history is added only to its key", () => {
  market.track("H0UPCNT0", "0001");
  const bar = (start: string) => ({ start: at(start), open: 1, high: 1, low: 1, close: 1 });
  const page = { trId: "H0UPCNT0", series: { price: [bar("09:00:00"), bar("09:01:00")] }, gaps: [] };
  market.seed({ ...page, key: "0001" });
  market.seed({ ...page, key: "1001" });
  expect(market.indexes.get("H0UPCNT0:0001")?.seriesOf("price").bars.all).toHaveLength(2);
  expect(market.indexes.size).toBe(1);
});

test("a recorded day has its last record, its minutes, and a gap that lasts to the end", () => {
  market.track("H0UPCNT0", "0001");
  const bar = (clock: string, close: number) => ({ start: at(clock, "2026-11-20"), open: 1, high: 3, low: 1, close, records: 2 });
  market.showDay({
    trId: "H0UPCNT0",
    key: "0001",
    series: { price: [bar("09:00:00", 2), bar("09:05:00", 3)] },
    gaps: [{ from: at("09:05:40", "2026-11-20"), to: null, reason: "notRecorded", before: { price: 3 }, after: {} }],
    records: 4,
    last: indexRecord(at("09:05:40", "2026-11-20"), 3),
  });
  const index = market.indexes.get("H0UPCNT0:0001")!;
  expect(index.latest?.price).toBe(3);
  expect(index.seriesOf("price").bars.all.map(({ close }) => close)).toEqual([2, 3]);
  expect(index.seriesOf("price").line.all[0]?.time).toBe(secondsAt("09:00:00", "2026-11-20"));
  expect(index.gaps.all.map(({ to }) => to)).toEqual([null]);
  expect(market.delay.read()).toBeNull();
});

test("a recorded day without records of a key shows nothing of it", () => {
  market.track("H0UPCNT0", "0001");
  market.showDay({ trId: "H0UPCNT0", key: "0001", series: { price: [] }, gaps: [], records: 0, last: null });
  expect(market.indexes.get("H0UPCNT0:0001")?.latest).toBeNull();
});

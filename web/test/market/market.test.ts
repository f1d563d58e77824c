import { beforeEach, describe, expect, test } from "vitest";
import type { AnyRecord } from "../../src/gateway/items";
import { Market } from "../../src/market/market";
import { at, bondRecord, indexRecord, orderRecord, programRecord, secondsAt } from "./records";

let market: Market;
beforeEach(() => (market = new Market()));

const take = (...records: readonly AnyRecord[]): void => {
  for (const record of records) market.take({ kind: "record", record });
};
const gapOf = (trId: string, key: string) =>
  ({ kind: "gap", id: undefined, gap: { trId, key, from: null, to: null, reason: "connectionLost", frames: null, missedVolume: null } }) as const;

test("a record goes to its key and to no other", () => {
  market.follow("H0UPCNT0", "0001");
  market.follow("H0UPCNT0", "1001");
  market.follow("H0BJCNT0", "KR103502GA34");
  for (const trId of ["H0UNPGM0", "H0NXPGM0"]) market.follow(trId, "005930");
  take(indexRecord(at("09:00:00"), 1), bondRecord(at("09:00:00"), 10_000, 3.1));
  ["H0UNPGM0", "H0NXPGM0"].forEach((trId, i) => take(programRecord(trId, at("09:00:00"), i)));
  expect(market.indexes.get("H0UPCNT0:0001")?.latest?.price).toBe(1);
  expect(market.indexes.get("H0UPCNT0:1001")?.latest).toBeNull();
  const bond = market.bonds.get("H0BJCNT0:KR103502GA34");
  expect([bond?.course("price").line.all.at(-1)?.value, bond?.course("yield").line.all.at(-1)?.value]).toEqual([10_000, 3.1]);
  expect([...market.programs.values()].map(({ latest }) => latest?.netValue)).toEqual([0, 1]);
  expect(market.records).toBe(4);
});

test("a record of a key that is not followed is counted and goes nowhere, whatever the key is called", () => {
  for (const key of ["9999", "__proto__", "constructor", "<img src=x>", ""]) take(indexRecord(at("09:00:00"), 1, key));
  take({ ...indexRecord(at("09:00:00"), 1), trId: "H0XXXXX0" });
  expect(market.records).toBe(6);
  expect(market.indexes.size).toBe(0);
});

test("a key is followed once, and what is known of it goes with it", () => {
  market.follow("H0UPCNT0", "0001");
  take(indexRecord(at("09:00:00"), 1));
  market.follow("H0UPCNT0", "0001");
  expect(market.find("H0UPCNT0", "0001")?.count).toBe(1);
  market.forget("H0UPCNT0", "0001");
  expect(market.find("H0UPCNT0", "0001")).toBeUndefined();
  market.follow("H0UPCNT0", "0001");
  expect(market.find("H0UPCNT0", "0001")?.count).toBe(0);
});

test("a feed that this page does not show is not followed", () => {
  market.follow("H0IFCNI0", "DEMO");
  market.follow("H0XXXXX0", "0001");
  expect([market.indexes.size, market.bonds.size, market.programs.size]).toEqual([0, 0, 0]);
});

test("order notices go to the orders, of both environments", () => {
  take(orderRecord({ orderNumber: "1" }), orderRecord({ orderNumber: "2", trId: "H0IFCNI9" }));
  expect(market.orders.all.map(({ record }) => record.orderNumber)).toEqual(["2", "1"]);
});

test("gaps and interruptions are of their key; an interruption begins where any key was heard of last, a gap where its own was", () => {
  market.follow("H0UPCNT0", "0001");
  market.follow("H0UPCNT0", "1001");
  take(indexRecord(at("09:00:00"), 1), indexRecord(at("09:00:05"), 1, "1001"));
  market.take({ kind: "interruption", id: undefined, interruption: { trId: "H0UPCNT0", key: "0001", at: at("09:00:09"), reason: "silence" } });
  expect(market.find("H0UPCNT0", "0001")?.gaps.open).toMatchObject({ reason: "silence", from: secondsAt("09:00:05") });
  expect(market.find("H0UPCNT0", "1001")?.gaps.open).toBeUndefined();
  market.take(gapOf("H0UPCNT0", "9999"));
  market.follow("H0UPCNT0", "2001");
  take(indexRecord(at("09:00:01"), 1, "2001"));
  market.take(gapOf("H0UPCNT0", "2001"));
  expect(market.find("H0UPCNT0", "2001")?.gaps.open).toMatchObject({ reason: "connectionLost", from: secondsAt("09:00:01") });
});

test("what could not be read is counted", () => {
  market.take({ kind: "malformed", id: undefined, malformed: { error: "not valid UTF-8", trId: null, key: null } });
  expect(market.malformed).toBe(1);
});

test("snapshots say nothing about the delay", () => {
  take({ ...indexRecord(at("09:00:00"), 1), snapshot: true });
  expect(market.delay.read()).toBeNull();
  take(indexRecord(at("09:00:00"), 1));
  expect(market.delay.read()).not.toBeNull();
});

describe("this page's own connection", () => {
  beforeEach(() => {
    market.follow("H0UPCNT0", "0001");
    market.follow("H0BJCNT0", "KR103502GA34");
    take(indexRecord(at("09:00:00"), 1), bondRecord(at("09:00:00"), 10_000, 3.1));
    market.interruptOwn();
  });
  const open = () => [market.find("H0UPCNT0", "0001"), market.find("H0BJCNT0", "KR103502GA34")].map((followed) => followed?.gaps.open?.reason);

  test("is a gap of every key while it is lost", () => {
    expect(open()).toEqual(["ownConnection", "ownConnection"]);
  });

  test("is none any more where everything comes after all", () => {
    market.resumeOwn();
    expect(open()).toEqual([undefined, undefined]);
  });

  const interruption = { trId: "H0BJCNT0", key: "KR103502GA34", at: at("09:00:09"), reason: "connectionLost" };

  test.each([["a gap", gapOf("H0BJCNT0", "KR103502GA34")] as const, ["an interruption", { kind: "interruption", id: undefined, interruption }] as const])(
    "begins where it was lost for each key, although another has gone on before the gateway tells of %s",
    (_, item) => {
      take(indexRecord(at("09:01:30"), 1));
      market.take(item);
      take(bondRecord(at("09:01:31"), 10_000, 3.1));
      const [index, bond] = [market.find("H0UPCNT0", "0001"), market.find("H0BJCNT0", "KR103502GA34")];
      expect(index?.gaps.all).toMatchObject([{ from: secondsAt("09:00:00"), to: secondsAt("09:01:30") }]);
      expect(bond?.gaps.all).toMatchObject([{ from: secondsAt("09:00:00"), to: secondsAt("09:01:31"), reason: "connectionLost" }]);
    },
  );

  test("leaves what the gateway says is missing", () => {
    market.take(gapOf("H0UPCNT0", "0001"));
    market.resumeOwn();
    expect(open()).toEqual(["connectionLost", undefined]);
  });
});

test("history goes to its key alone", () => {
  market.follow("H0UPCNT0", "0001");
  const bar = (start: string) => ({ start: at(start), open: 1, high: 1, low: 1, close: 1 });
  const page = { trId: "H0UPCNT0", series: { price: [bar("09:00:00"), bar("09:01:00")] }, gaps: [] };
  market.seed({ ...page, key: "0001" });
  market.seed({ ...page, key: "1001" });
  expect(market.indexes.get("H0UPCNT0:0001")?.course("price").bars.all).toHaveLength(2);
  expect(market.indexes.size).toBe(1);
});

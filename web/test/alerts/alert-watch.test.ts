import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { AnyRecord } from "../../src/gateway/items";
import type { StatusRecord, StockTradeRecord } from "../../src/gateway/stock-records";
import { statusRecord, tradeRecord } from "../market/stock-records";
import { AlertStore } from "../../src/alerts/alert-store";
import { AlertWatch } from "../../src/alerts/alert-watch";
import type { AlertKind } from "../../src/alerts/alert-rule";

let stored: string | null;
let store: AlertStore;
let watch: AlertWatch;
let rung: string[];

beforeEach(() => {
  stored = null;
  vi.stubGlobal("localStorage", { getItem: () => stored, setItem: (_: string, text: string) => (stored = text) });
  store = new AlertStore(() => undefined);
  rung = [];
  watch = new AlertWatch(
    store,
    ({ kind, value }) => rung.push(`${kind} ${value}`),
    () => 1_000,
  );
});
afterEach(() => vi.unstubAllGlobals());

const trade = tradeRecord("09:00:00", 100, 1, 1, { change: 0, changeRate: 0, tradeStrength: 100 });
const status = (viCode: string): StatusRecord => statusRecord({ viCode });
const set = (kind: AlertKind, value: number | null, key = "005930"): boolean => store.add({ trId: "H0UNCNT0", key, kind, value });
const record = (values: Partial<StockTradeRecord>): void => watch.onRecord({ ...trade, ...values } as AnyRecord);

describe("a price alert", () => {
  test.each([
    ["above", 110, [109, 110, 111, 109, 112]],
    ["below", 90, [91, 90, 89, 91, 88]],
  ] as const)("%s %d rings once, when the price is reached", (kind, value, prices) => {
    set(kind, value);
    record({ price: prices[0] });
    expect(rung).toEqual([]);
    record({ price: prices[1] });
    expect(rung).toEqual([`${kind} ${value}`]);
    for (const price of prices.slice(2)) record({ price });
    expect(rung).toHaveLength(1);
    expect(store.rules[0]!.firedAt).toBe(1_000);
  });

  test("rings again after it was set again", () => {
    set("above", 110);
    record({ price: 110 });
    store.setFired(store.rules[0]!, null);
    record({ price: 110 });
    expect(rung).toHaveLength(2);
  });

  test("ignores other keys, feeds and absent prices", () => {
    set("below", 90);
    record({ price: 1, key: "000660" });
    record({ price: 1, trId: "H0STCNT0" });
    record({ price: null });
    expect(rung).toEqual([]);
  });
});

test("a change alert rings in both directions", () => {
  set("change", 3);
  record({ changeRate: 2.99 });
  expect(rung).toEqual([]);
  record({ changeRate: -3 });
  expect(rung).toEqual(["change 3"]);
});

test("a VI rings each time it begins, from either feed", () => {
  set("vi", null);
  expect(store.keys).toEqual([
    { trId: "H0UNCNT0", key: "005930" },
    { trId: "H0UNMKO0", key: "005930" },
  ]);
  record({});
  watch.onRecord(status("no"));
  expect(rung).toEqual([]);
  watch.onRecord(status("yes"));
  record({ phase: "expectedInSession" });
  expect(rung).toEqual(["vi null"]);
  record({ phase: "regular" });
  record({ phase: "expectedInSession" });
  expect(rung).toHaveLength(2);
});

test("a VI rings for every code but no, as the page of the stock shows it", () => {
  set("vi", null);
  watch.onRecord(status("2"));
  watch.onRecord(status("no"));
  watch.onRecord(statusRecord({ viCode: "no", afterHoursViCode: "yes" }));
  expect(rung).toEqual(["vi null", "vi null"]);
});

describe("the store", () => {
  test("keeps rules and choices", () => {
    set("above", 110);
    set("vi", null);
    record({ price: 120 });
    store.choose({ gap: true, sound: false });
    const again = new AlertStore(() => undefined);
    expect(again.rules).toEqual(store.rules);
    expect(again.rules.map(({ kind, firedAt }) => [kind, firedAt])).toEqual([
      ["above", 1_000],
      ["vi", null],
    ]);
    expect(again.choices).toEqual({ sound: false, browser: false, gap: true });
  });

  test("has a rule once, and a limited number of rules", () => {
    set("above", 110);
    set("above", 110);
    expect(store.rules).toHaveLength(1);
    for (let value = 1; value < AlertStore.maxRules; value++) expect(set("below", value)).toBe(true);
    expect(set("below", 1_000)).toBe(false);
    expect(store.rules).toHaveLength(AlertStore.maxRules);
    store.remove(store.rules[0]!);
    expect(set("below", 1_000)).toBe(true);
  });

  test.each([
    "no json",
    "null",
    "[]",
    '{"rules":5,"choices":null}',
    '{"rules":[null,1,{"trId":"H0UNCNT0"},{"trId":"X","key":"1","kind":"vi","value":null,"firedAt":null}]}',
    '{"rules":[{"trId":"H0UNCNT0","key":"005930","kind":"above","value":"<b>","firedAt":null}]}',
  ])("ignores what it did not write: %s", (text) => {
    stored = text;
    const again = new AlertStore(() => undefined);
    expect(again.rules).toEqual([]);
    expect(again.choices).toEqual({ sound: true, browser: false, gap: false });
  });
});

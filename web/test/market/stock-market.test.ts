import { beforeEach, describe, expect, test } from "vitest";
import type { AnyRecord, Item } from "../../src/gateway/items";
import type { StockTradeRecord } from "../../src/gateway/stock-records";
import { StockMarket } from "../../src/market/stock-market";
import { at, indexRecord, orderRecord, programRecord, secondsAt } from "./records";
import { bookRecord, expectedRecord, statusRecord, tradeRecord } from "./stock-records";

const code = "005930";
let market: StockMarket;
let pasts: StockTradeRecord[];
beforeEach(() => {
  pasts = [];
  market = new StockMarket(code, "all", { load: (_, first) => void pasts.push(first) });
});

const send = (...records: readonly AnyRecord[]): void => {
  for (const record of records) market.apply({ kind: "record", record });
};
const gap = (missedVolume: number | null, trId = "H0UNCNT0"): Item => ({
  kind: "gap",
  id: "1",
  gap: { trId, key: code, from: at("10:00:00"), to: at("10:00:09"), reason: "connectionLost", frames: null, missedVolume },
});
const interruption = (trId: string): Item => ({
  kind: "interruption",
  id: "1",
  interruption: { trId, key: code, at: at("10:00:00"), reason: "connectionLost" },
});
const tapeText = (): readonly string[] =>
  market.stock.tape.all.map(({ trade, event }) => (trade !== null ? String(trade.volume) : JSON.stringify(event)));

describe("records", () => {
  test("go to the stock, and those of other keys to the market", () => {
    market.track("H0UPCNT0", "0001");
    send(tradeRecord("10:00:00", 80_500, 7, 1_000), bookRecord("10:00:00", "regular", 0), indexRecord(at("10:00:00"), 2_500));
    send({ ...tradeRecord("10:00:01", 1, 1, 1), key: "000660" });
    expect(market.stock.trade.latest?.price).toBe(80_500);
    expect(market.stock.book.latest?.asks[0]?.price).toBe(80_100);
    expect(market.find("H0UPCNT0", "0001")?.count).toBe(1);
    expect(market.stock.previousClose).toBe(80_000);
    expect(tapeText()).toEqual(["7"]);
    expect(market.records).toBe(4);
  });

  test("of program trading are kept by venue", () => {
    send(programRecord("H0STPGM0", at("10:00:00"), 5), programRecord("H0NXPGM0", at("10:00:00"), -3));
    const { programs } = market.stock;
    expect([programs.all.latest, programs.krx.latest?.netValue, programs.nxt.latest?.netValue]).toEqual([null, 5, -3]);
  });

  test("make minutes with the volume of their trades", () => {
    send(
      tradeRecord("10:00:00", 80_000, 100, 5_100),
      tradeRecord("10:00:30", 80_100, 20, 5_120),
      tradeRecord("10:01:00", 80_000, 3, 5_123),
    );
    const bars = market.stock.trade.seriesOf("accumulatedVolume").bars.all;
    expect(bars.map(({ high, low }) => high - low)).toEqual([120, 3]);
  });

  test("of the past are requested once for each venue, when the first trade arrives", () => {
    send(bookRecord("10:00:00", "regular", 0));
    expect(pasts).toHaveLength(0);
    send(tradeRecord("10:00:00", 80_000, 1, 1), tradeRecord("10:00:01", 80_000, 2, 3));
    expect(pasts.map(({ volume }) => volume)).toEqual([1]);
    market.chooseVenue("krx");
    send({ ...tradeRecord("10:00:02", 80_000, 3, 3), trId: "H0STCNT0" });
    expect(pasts.map(({ volume }) => volume)).toEqual([1, 3]);
  });

  test("of a day are shown with its last values", () => {
    market.showDay({
      trId: "H0UNCNT0",
      key: code,
      series: { price: [{ start: at("10:00:00"), open: 1, high: 3, low: 1, close: 2 }] },
      gaps: [],
      records: 1,
      last: tradeRecord("10:00:30", 80_500, 1, 9),
    });
    expect(market.stock.trade.latest?.price).toBe(80_500);
    expect(market.stock.trade.seriesOf("price").bars.all).toHaveLength(1);
  });
});

test("order notices of the stock are shown, others are not", () => {
  send({ ...orderRecord({ symbol: code }), trId: "H0STCNI0" }, { ...orderRecord({ symbol: "000660" }), trId: "H0STCNI0" });
  expect(market.stock.orders.all.map(({ record }) => record.symbol)).toEqual([code]);
  expect(market.orders.all).toHaveLength(2);
});

test("another venue keeps program trading and orders, and nothing else", () => {
  send(tradeRecord("10:00:00", 80_500, 7, 1_000), programRecord("H0UNPGM0", at("10:00:00"), 5));
  market.chooseVenue("nxt");
  expect(market.stock.trade.latest).toBeNull();
  expect(market.stock.programs.all.latest?.netValue).toBe(5);
  send(tradeRecord("10:00:01", 80_500, 7, 1_000)); // Of the venue before.
  expect(market.stock.trade.latest).toBeNull();
});

describe("an auction", () => {
  test("has the expected price of the book or of its own feed, whichever is newer", () => {
    send(tradeRecord("10:00:00", 80_000, 1, 1), bookRecord("10:00:10", "expectedInSession", 81_000));
    expect(market.stock.expected).toMatchObject({ price: 81_000, volume: 10, phase: "expectedInSession" });
    send(expectedRecord("10:00:11", 81_200));
    expect(market.stock.expected).toMatchObject({ price: 81_200, volume: 20 });
    send(bookRecord("10:00:12", "expectedInSession", 81_300));
    expect(market.stock.expected).toMatchObject({ price: 81_300 });
  });

  test("ends with a regular book or a trade", () => {
    send(expectedRecord("10:00:11", 81_200), bookRecord("10:02:00", "regular", 0));
    expect(market.stock.expected).toBeNull();
    send(expectedRecord("10:03:00", 81_200));
    expect(market.stock.expected).not.toBeNull();
    send(tradeRecord("10:04:00", 81_200, 1, 1));
    expect(market.stock.expected).toBeNull();
  });

  test("has no expected price of zero", () => {
    send(bookRecord("10:00:10", "expectedInSession", 0), expectedRecord("10:00:10", 0));
    expect(market.stock.expected).toBeNull();
  });

  test("before the first trade gives the previous close", () => {
    send(expectedRecord("08:50:00", 81_200));
    expect(market.stock.previousClose).toBe(80_000);
  });
});

describe("a volatility interruption and a halt", () => {
  test("are in the tape and the chart where they happen", () => {
    send(tradeRecord("10:00:00", 80_000, 1, 1), statusRecord({ viCode: "yes" }), statusRecord({ viCode: "yes" }));
    send(tradeRecord("10:02:10", 81_000, 2, 3), statusRecord({}), statusRecord({ isHalted: "yes", haltReason: "공시" }));
    expect(tapeText()).toEqual([
      "1",
      '{"kind":"vi","isActive":true}',
      "2",
      '{"kind":"vi","isActive":false}',
      '{"kind":"halt","isActive":true,"reason":"공시"}',
    ]);
    expect(market.stock.allMarks).toEqual([
      { time: secondsAt("10:00:00"), kind: "vi", code: null },
      { time: secondsAt("10:02:10"), kind: "viEnd", code: null },
      { time: secondsAt("10:02:10"), kind: "halt", code: null },
    ]);
    expect([market.stock.isInterrupted, market.stock.isHalted]).toEqual([false, true]);
  });

  test("that began before the page was opened have no place", () => {
    send(tradeRecord("10:00:00", 80_000, 1, 1), { ...statusRecord({ viCode: "yes" }), snapshot: true });
    expect(market.stock.isInterrupted).toBe(true);
    expect(market.stock.allMarks).toHaveLength(0);
    expect(tapeText()).toEqual(["1"]);
  });

  test("of other codes than Y and N count as well", () => {
    send(statusRecord({ viCode: "2" }));
    expect(market.stock.isInterrupted).toBe(true);
  });

  test("and events of the market are shown once", () => {
    send(tradeRecord("10:00:00", 80_000, 1, 1));
    send(statusRecord({ marketOperation: "sellSidecarTriggered" }), statusRecord({ marketOperation: "sellSidecarTriggered" }));
    expect(tapeText().slice(1)).toEqual(['{"kind":"operation","code":"sellSidecarTriggered"}']);
  });
});

describe("a gap", () => {
  test("is in the tape in its place, with what was missed", () => {
    send(tradeRecord("10:00:00", 80_000, 1, 1));
    market.apply(interruption("H0UNCNT0"));
    market.apply(interruption("H0UNASP0"));
    market.apply(gap(55));
    send(tradeRecord("10:00:09", 80_000, 2, 58));
    expect(tapeText()).toEqual([
      "1",
      JSON.stringify({ kind: "gap", to: secondsAt("10:00:09"), reason: "connectionLost", missedVolume: 55, isOwn: false }),
      "2",
    ]);
  });

  test("has the volume between its trades if the gateway does not know it", () => {
    send(tradeRecord("10:00:00", 80_000, 1, 100, { snapshot: true }));
    market.apply(interruption("H0UNCNT0"));
    market.apply(gap(null));
    send(tradeRecord("10:00:09", 80_000, 2, 152));
    expect(tapeText()[1]).toContain('"missedVolume":50');
  });

  test("marks the book as not current until its next record", () => {
    send(bookRecord("10:00:00", "regular", 0));
    market.apply(interruption("H0UNASP0"));
    expect(market.stock.book.gaps.open).toBeDefined();
    send(bookRecord("10:00:09", "regular", 0));
    expect(market.stock.book.gaps.open).toBeUndefined();
  });

  test("of the page's own connection is removed if nothing was missed", () => {
    send(tradeRecord("10:00:00", 80_000, 1, 1));
    market.onOwnConnectionLost();
    expect(tapeText()).toHaveLength(2);
    market.onOwnConnectionResumed();
    expect(tapeText()).toEqual(["1"]);
    market.onOwnConnectionLost();
    market.apply(gap(7));
    send(tradeRecord("10:00:09", 80_000, 2, 10));
    expect(tapeText()[1]).toContain('"reason":"connectionLost","missedVolume":7');
  });

  test("before the first trade is none", () => {
    market.apply(interruption("H0UNCNT0"));
    expect(tapeText()).toEqual([]);
  });
});

test("a stream that begins again does not repeat the last trade", () => {
  send(tradeRecord("10:00:00", 80_000, 5, 5));
  send(tradeRecord("10:00:00", 80_000, 5, 5, { snapshot: true }), tradeRecord("10:00:07", 80_000, 6, 99, { snapshot: true }));
  expect(tapeText()).toEqual(["5", "6"]);
});

test("the state does not grow with the number of records", () => {
  for (let i = 0; i < 20_000; i++) {
    const clock = new Date((9 * 3600 + i) * 1000).toISOString().slice(11, 19);
    send(tradeRecord(clock, 80_000 + (i % 50), 1, i + 1), statusRecord({ viCode: i % 2 === 0 ? "yes" : "no" }));
  }
  const { stock } = market;
  expect(stock.tape.all).toHaveLength(200);
  expect(stock.allMarks).toHaveLength(100);
  expect(stock.trade.seriesOf("price").bars.all.length).toBeLessThanOrEqual(1_440);
  expect(stock.trade.seriesOf("price").line.all.length).toBeLessThanOrEqual(1_500);
});

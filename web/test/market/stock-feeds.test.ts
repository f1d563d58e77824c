import { describe, expect, test } from "vitest";
import { parseStockTarget, stockCode, stockFeedOf, stockKeys } from "../../src/market/stock-feeds";
import { gatewayBase, readStockAddress, stockPath, withVenue } from "../../src/stock-address";

test.each([
  ["trade:005930", "005930", "all"],
  ["book-nxt:005930", "005930", "nxt"],
  [" Status-KRX : q500061 ", "Q500061", "krx"],
  ["h0stcnt0:0088m0", "0088M0", "krx"],
])("%s is a key of a stock", (text, code, venue) => expect(parseStockTarget(text)).toEqual({ code, venue }));

test.each(["005930", "index:0001", "trade:삼성", "trade:", "book-xyz:005930", "toString:005930"])("%s is not one", (text) =>
  expect(parseStockTarget(text)).toBeNull(),
);

test.each([
  ["005930", "005930"],
  [" q500061", "Q500061"],
  ["0001", null],
  ["005930x", null],
])("the code in '%s' is %s", (text, code) => expect(stockCode(text)).toBe(code));

test("a page needs seven keys, of one venue and of all its program trading", () => {
  const keys = stockKeys("005930", "nxt");
  expect(keys.map(({ trId }) => stockFeedOf(trId)?.feed).sort()).toEqual([
    "book",
    "expected",
    "program",
    "program",
    "program",
    "status",
    "trade",
  ]);
  expect(keys.filter(({ trId }) => !trId.endsWith("PGM0")).every(({ trId }) => stockFeedOf(trId)?.venue === "nxt")).toBe(true);
});

describe("the address", () => {
  test.each([
    ["/stock/005930", "", "005930", "all"],
    ["/below/a/path/stock/005930/", "?venue=krx&date=yesterday", "005930", "krx"],
    ["/stock/q500061", "?venue=other", "Q500061", "all"],
    ["/stock/%EC%82%BC", "", null, "all"],
    ["/stock/%E0%A4%A", "", null, "all"],
  ])("%s%s", (path, search, code, venue) => expect(readStockAddress(path, search)).toMatchObject({ code, venue }));

  test.each(["/", "/stock", "/stocks/005930", "/stock/005930/x"])("%s is not that of a stock", (path) =>
    expect(readStockAddress(path, "")).toBeNull(),
  );

  test("leads back to the gateway's", () => {
    expect(gatewayBase("http://h:1/stock/005930?venue=nxt#watch=index:0001").href).toBe("http://h:1/");
    expect(gatewayBase("http://h:1/below/stock/005930").href).toBe("http://h:1/below/");
    expect(gatewayBase("http://h:1/?date=2026-11-20").href).toBe("http://h:1/");
  });

  test("keeps the watch list and the day", () => {
    expect(stockPath("005930", "nxt", "#watch=index:0001")).toBe("stock/005930?venue=nxt#watch=index:0001");
    expect(stockPath("005930", "all", "")).toBe("stock/005930");
    expect(withVenue("?date=yesterday", "krx")).toBe("?date=yesterday&venue=krx");
    expect(withVenue("?venue=krx", "all")).toBe("");
  });
});

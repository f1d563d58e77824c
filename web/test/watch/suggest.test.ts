import { describe, expect, test } from "vitest";
import { Directory, type Suggestion } from "../../src/watch/directory";
import { shortText } from "../../src/watch/target";

const directory = new Directory([
  { kind: "stock", code: "005930", name: "삼성전자", englishName: null },
  { kind: "stock", code: "028260", name: "삼성물산", englishName: null },
  { kind: "index", code: "0001", name: "종합", englishName: "KOSPI" },
  { kind: "future", code: "A01612", name: "코스피200 F 202612", englishName: null },
  { kind: "overseasStock", code: "DNASAAPL", name: "애플", englishName: "Apple" },
]);
const lines = (found: readonly Suggestion[]): readonly string[] =>
  found.map(({ action, code, keys }) => [action, code, ...keys.map(shortText)].join(" "));
const suggest = (text: string): readonly string[] => lines(directory.suggest(text, () => true));

describe("suggest", () => {
  test.each(["trade:005930", "TRADE-KRX:005930", " book : 005930", "expected-nxt:005930", "status:005930", "members:005930"])(
    "%j opens the stock's page",
    (text) => {
      expect(suggest(text)[0]).toBe("open 005930");
    },
  );

  test("a key that has a panel can be watched too", () => {
    expect(suggest("trade:005930")).toEqual(["open 005930", "add 005930 trade:005930"]);
    expect(suggest("program-nxt:005930")).toEqual(["open 005930", "add 005930 program-nxt:005930"]);
    expect(suggest("book:005930")).toEqual(["open 005930"]);
    expect(suggest("index:0001")).toEqual(["add 0001 index:0001"]);
    expect(suggest("night-futures:A01612")).toEqual(["add A01612 night-futures:A01612"]);
    expect(directory.suggest("night-futures:A01612", () => true)[0]!.kind).toBe("future");
  });

  test("the best match of a stock can be watched, opened, and followed in program trading", () => {
    expect(suggest("삼성")).toEqual([
      "add 005930 trade:005930",
      "open 005930",
      "add 005930 program:005930 program-nxt:005930",
      "add 028260 trade:028260",
    ]);
  });

  test("other instruments are watched in their feed", () => {
    expect(suggest("코스피200")).toEqual(["add A01612 futures:A01612"]);
    expect(suggest("애플")).toEqual(["add DNASAAPL us:DNASAAPL"]);
    expect(suggest("DNASMSFT")).toEqual(["add DNASMSFT us:DNASMSFT"]);
  });

  test("without consolidated trades, those of KRX are watched", () => {
    const isOffered = ({ trId }: { readonly trId: string }): boolean => trId === "H0STCNT0";
    expect(lines(directory.suggest("028260", isOffered))).toEqual(["add 028260 trade-krx:028260", "open 028260"]);
  });

  test("order notices and the state of trading are not suggested as keys", () => {
    expect(suggest("notice:MYID")).toEqual([]);
    expect(suggest("status:005930")).toEqual(["open 005930"]);
  });
});

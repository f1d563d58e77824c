import { describe, expect, test } from "vitest";
import type { Instrument } from "../../src/gateway/pages";
import { Directory } from "../../src/watch/directory";
import { areInitials, initialsOf } from "../../src/watch/initials";

const make = (kind: Instrument["kind"], code: string, name: string, englishName: string | null = null): Instrument => ({
  kind,
  code,
  name,
  englishName,
});

const directory = new Directory([
  make("index", "0001", "종합", "KOSPI"),
  make("index", "2001", "KOSPI200", "KOSPI 200"),
  make("stock", "005930", "삼성전자", "Samsung Electronics"),
  make("stock", "005935", "삼성전자우"),
  make("stock", "028260", "삼성물산"),
  make("stock", "071050", "한국금융지주"),
  make("stock", "000660", "SK하이닉스"),
  make("stock", "0000Y0", "<script>alert(1)</script>"),
  make("bond", "KR103502GA34", "국고03500-3406"),
]);
const codes = (text: string): readonly string[] => directory.search(text).map(({ code }) => code);

test("a list with a whole exchange is complete, the built-in names are not", () => {
  const stocks = Array.from({ length: 900 }, (_, i) => make("stock", String(i).padStart(6, "0"), `종목${i}`));
  expect([directory.isComplete, new Directory(stocks).isComplete, new Directory([]).isComplete]).toEqual([false, true, false]);
});

test("what is called exactly so comes before longer names", () => {
  const ecopro = new Directory([make("stock", "247540", "에코프로비엠"), make("stock", "086520", "에코프로", "Ecopro")]);
  const found = (text: string) => ecopro.search(text).map(({ code }) => code);
  expect([found("에코프로"), found("ㅇㅋㅍㄹ"), found("에코")]).toEqual([
    ["086520", "247540"],
    ["086520", "247540"],
    ["247540", "086520"],
  ]);
});

describe("search", () => {
  test.each([
    ["005930", ["005930"]],
    ["00593", ["005930", "005935"]],
    ["삼성전자", ["005930", "005935"]],
    ["전자우", ["005935"]],
    ["samsung electronics", ["005930"]],
    ["SAMSUNG", ["005930"]],
    ["kospi 200", ["2001"]],
    [" kospi", ["0001", "2001"]],
    ["sk하이", ["000660"]],
    ["국고", ["KR103502GA34"]],
    ["ㅅㅅㅈㅈ", ["005930", "005935"]],
    ["ㅈㅈㅇ", ["005935"]],
    ["ㅎㅇㄴㅅ", ["000660"]],
    ["ㅎㄱㄱㅇ", ["071050"]],
    ["<script>", ["0000Y0"]],
    ["kr1035", ["KR103502GA34"]],
    ["없는 이름", []],
    ["", []],
    ["  ", []],
    [".*", []],
  ])("%j finds %j", (text, expected) => {
    expect(codes(text)).toEqual(expected);
  });

  test("consonant clusters are searched as two initials", () => {
    const two = new Directory([make("stock", "005030", "부산주공"), make("stock", "000001", "각시"), make("stock", "000002", "한국상사")]);
    const found = (text: string) => two.search(text).map(({ code }) => code);
    expect([found("ㅄㅈ"), found("ㅎㄳ"), found("ㄳ")]).toEqual([["005030"], ["000002"], ["000001", "000002"]]);
  });

  test("decomposed syllables (as in macOS file names) are composed", () => {
    expect(codes("삼성물산".normalize("NFD"))).toEqual(["028260"]);
  });

  test("a valid code without a known name is suggested", () => {
    expect(directory.search("123456")).toEqual([
      {
        action: "add",
        kind: "stock",
        code: "123456",
        instrument: null,
        keys: [
          { trId: "H0UNCNT0", key: "123456" },
          { trId: "H0STCNT0", key: "123456" },
        ],
      },
    ]);
    expect(codes("9999")).toEqual(["9999"]);
    expect(codes("kr000000aa11")).toEqual(["KR000000AA11"]);
    expect(["12345", "1234567", "KR12345", "12345!"].flatMap(codes)).toEqual([]);
  });

  test("a code is suggested once, with the keys of its kind", () => {
    expect(directory.search("0001").map(({ code, keys }) => [code, keys])).toEqual([["0001", [{ trId: "H0UPCNT0", key: "0001" }]]]);
    expect(directory.search("005930")[0]?.instrument?.name).toBe("삼성전자");
  });

  test("a matching code ranks before a matching name", () => {
    const both = new Directory([make("stock", "123450", "0001 스팩"), make("index", "0001", "종합")]);
    expect(both.search("0001").map(({ code }) => code)).toEqual(["0001", "123450"]);
  });

  test("the number of suggestions is limited", () => {
    expect(directory.search("0", 2)).toHaveLength(2);
  });
});

test("find returns instruments by code", () => {
  expect(directory.find("005930")?.name).toBe("삼성전자");
  expect([directory.find("toString"), directory.find("")]).toEqual([undefined, undefined]);
});

test.each([
  ["삼성전자", "ㅅㅅㅈㅈ"],
  ["가힣", "ㄱㅎ"],
  ["까따빠싸짜", "ㄲㄸㅃㅆㅉ"],
  ["SK하이닉스2", "SKㅎㅇㄴㅅ2"],
  ["", ""],
  ["😀가", "😀ㄱ"],
])("the initials of %s are %s", (text, initials) => {
  expect(initialsOf(text)).toBe(initials);
});

test("areInitials accepts only initial consonants", () => {
  expect(["ㅅㅅ", "ㄲ", "삼ㅅ", "ss", "ㅏ", ""].map(areInitials)).toEqual([true, true, false, false, false, false]);
});

import { expect, test } from "vitest";
import { feedOf, isNotice, parseTarget, shortText, targetOf, trIdOf } from "../../src/watch/target";

test.each([
  ["index:0001", "H0UPCNT0", "0001"],
  ["H0UPCNT0:0001", "H0UPCNT0", "0001"],
  [" Index : 0001 ", "H0UPCNT0", "0001"],
  ["program:005930", "H0UNPGM0", "005930"],
  ["program-nxt:0000y0", "H0NXPGM0", "0000Y0"],
  ["h0nxpgm0:005930", "H0NXPGM0", "005930"],
  ["bond:kr103502ga34", "H0BJCNT0", "KR103502GA34"],
  ["notice:MyHtsId", "H0IFCNI0", "MyHtsId"],
  ["H0IFCNI9:MyHtsId", "H0IFCNI0", "MyHtsId"],
])("%s is target %s, key %s", (text, trId, key) => {
  expect(parseTarget(text)).toEqual({ trId, key });
});

test.each([
  "",
  ":",
  "0001",
  "index",
  "index:",
  "index:1",
  "index:00010",
  "index:000１",
  "index:0001:0001",
  "program:00593",
  "program:005930,000660",
  "bond:005930",
  "notice:",
  "notice:a b",
  "notice:a^b",
  "notice:a|b",
  "notice:a\u0000b",
  "future:101V12",
  "H0XXXXX0:0001",
  "__proto__:0001",
  "constructor:0001",
  "toString:0001",
  "hasOwnProperty:0001",
  "index:<b>1",
  "javascript:alert(1)",
  '<img src=x onerror="alert(1)">:0001',
])("%j is not a valid target", (text) => {
  expect(parseTarget(text)).toBeNull();
});

test("a key survives formatting and parsing", () => {
  for (const text of ["index:0001", "program:005930", "program-nxt:005930", "bond:KR103502GA34"]) {
    const key = parseTarget(text)!;
    expect(shortText(key)).toBe(text);
    expect(parseTarget(targetOf(key.trId, key.key))).toEqual(key);
  }
});

test("feeds have one TR ID, order notices two", () => {
  expect(feedOf(trIdOf("program-nxt"))).toBe("program-nxt");
  expect([feedOf("H0IFCNI0"), feedOf("H0IFCNI9"), feedOf("H0XXXXX0"), feedOf("toString")]).toEqual([
    "notice",
    "notice",
    undefined,
    undefined,
  ]);
  expect([isNotice({ trId: "H0IFCNI9", key: "A" }), isNotice({ trId: "H0UPCNT0", key: "0001" })]).toEqual([true, false]);
});

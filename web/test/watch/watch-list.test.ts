import { beforeEach, describe, expect, test } from "vitest";
import { forSeeds } from "../random";
import { readAddress, WatchList } from "../../src/watch/watch-list";

const kospi = { trId: "H0UPCNT0", key: "0001" };
const samsung = { trId: "H0UNPGM0", key: "005930" };
const samsungNxt = { trId: "H0NXPGM0", key: "005930" };
const bond = { trId: "H0BJCNT0", key: "KR103502GA34" };
const notice = { trId: "H0IFCNI0", key: "DEMO" };

let changes: number;
let list: WatchList;
beforeEach(() => {
  changes = 0;
  list = new WatchList(() => changes++);
});

describe("the list", () => {
  test("has its keys in order of addition, without duplicates", () => {
    expect(list.add(kospi, samsung)).toBe(true);
    expect(list.add({ ...kospi }, bond)).toBe(true);
    expect(list.add(kospi)).toBe(false);
    expect(list.all).toEqual([kospi, samsung, bond]);
    expect(changes).toBe(2);
  });

  test("reports a removal only if it had the key", () => {
    list.add(samsung, samsungNxt);
    list.remove({ ...samsung }, kospi);
    list.remove(kospi);
    expect(list.all).toEqual([samsungNxt]);
    expect(changes).toBe(2);
  });

  test("is replaced without duplicates", () => {
    list.add(bond);
    list.replace([kospi, samsung, kospi]);
    expect(list.all).toEqual([kospi, samsung]);
  });

  test("never contains order notices", () => {
    expect(list.add(notice)).toBe(false);
    list.replace([notice, kospi]);
    expect(list.all).toEqual([kospi]);
  });

  test("never contains keys that an address cannot hold or this page does not show", () => {
    const odd = ["0001&x=1", "0001,1001", "0001#", "%30001", "", "../..", "<b>"].map((key) => ({ trId: "H0UPCNT0", key }));
    list.replace([...odd, { trId: "H0XXXXX0", key: "0001" }, kospi]);
    expect(list.add(...odd)).toBe(false);
    expect(list.all).toEqual([kospi]);
  });
});

describe("the address", () => {
  test("is short and readable", () => {
    list.add(kospi, samsung, samsungNxt, bond);
    expect(list.address).toBe("#watch=index:0001,program:005930,program-nxt:005930,bond:KR103502GA34");
  });

  test("is read as written, for random lists", () => {
    const all = [kospi, samsung, samsungNxt, bond, { trId: "H0UNPGM0", key: "000660" }, { trId: "H0UPCNT0", key: "1001" }];
    forSeeds(100, (random) => {
      list.replace(all.filter(() => random.chance(0.5)).sort(() => (random.chance(0.5) ? 1 : -1)));
      expect(readAddress(list.address)).toEqual({ keys: list.all, invalid: [] });
      expect(readAddress(`#${encodeURIComponent(list.address.slice(1)).replace("%3D", "=")}`)).toEqual({ keys: list.all, invalid: [] });
    });
  });

  test("distinguishes an empty list from a missing one", () => {
    expect(["", "#", "#top", "#other=index:0001", "#mywatch=index:0001"].map(readAddress)).toEqual([null, null, null, null, null]);
    expect(readAddress("#watch=")).toEqual({ keys: [], invalid: [] });
  });

  test("may have other members and blanks", () => {
    expect(readAddress("#a=1&watch=index:0001,, program:005930 ,&b=2")?.keys).toEqual([kospi, samsung]);
  });

  test.each([
    ["#watch=<img src=x onerror=alert(1)>,index:0001", ["<img src=x onerror=alert(1)>"]],
    ["#watch=index:%3Cscript%3E,index:0001", ["index:<script>"]],
    ["#watch=notice:DEMO,H0IFCNI9:DEMO,index:0001", ["notice:DEMO", "H0IFCNI9:DEMO"]],
    ["#watch=__proto__:0001,constructor:0001,index:0001", ["__proto__:0001", "constructor:0001"]],
    ["#watch=%E0%A4%A,index:0001", ["%E0%A4%A"]],
    ["#watch=javascript:alert(1),index:0001", ["javascript:alert(1)"]],
  ])("%s has one valid key; the invalid ones are returned", (hash, invalid) => {
    expect(readAddress(hash)).toEqual({ keys: [kospi], invalid });
  });
});

test("keys beyond the limit are ignored, and the reported ones are shortened", () => {
  const hash = `#watch=${"x".repeat(10_000)},${Array.from({ length: 5000 }, (_, i) => `index:${String(i).padStart(4, "0")}`).join(",")}`;
  const read = readAddress(hash)!;
  expect(read.keys).toHaveLength(400);
  expect(read.invalid).toEqual([
    `${"x".repeat(40)}…`,
    ...Array.from({ length: 9 }, (_, i) => `index:${String(400 + i).padStart(4, "0")}`),
    "…",
  ]);
});

test("an address may have as many keys as there are slots, without duplicates", () => {
  const read = readAddress("#watch=index:0001,index:0001,index:1001,index:2001", 2);
  expect(read?.keys.map(({ key }) => key)).toEqual(["0001", "1001"]);
  expect(read?.invalid).toEqual(["index:2001"]);
});

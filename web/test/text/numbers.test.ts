import { describe, expect, test } from "vitest";
import { Numbers } from "../../src/text/numbers";

const korean = new Numbers("ko-KR");
const english = new Numbers("en-US");

describe.each([
  ["Korean", korean],
  ["English", english],
])("in %s", (_, numbers) => {
  test.each([null, undefined])("%s is a dash and never a zero", (missing) => {
    const texts = [
      numbers.fixed(missing, 2),
      numbers.signed(missing, 2),
      numbers.percent(missing),
      numbers.whole(missing),
      numbers.plain(missing),
      numbers.amount(missing),
      numbers.amount(missing, true),
    ];
    expect(new Set(texts)).toEqual(new Set(["–"]));
  });

  test("a zero is a zero", () => {
    expect([
      numbers.fixed(0, 2),
      numbers.signed(0, 2),
      numbers.percent(0),
      numbers.whole(0),
      numbers.plain(0),
      numbers.amount(0),
      numbers.amount(0, true),
    ]).toEqual(["0.00", "0.00", "0.00%", "0", "0", "0", "0"]);
  });

  test("a number rounded to zero has no sign", () => {
    expect([
      numbers.fixed(-0.001, 2),
      numbers.fixed(-0, 0),
      numbers.signed(-0.001, 2),
      numbers.percent(-0.001),
      numbers.amount(-0.3),
      numbers.fixed(-0.01, 2),
    ]).toEqual(["0.00", "0", "0.00", "0.00%", "0", "−0.01"]);
  });

  test("fixed has the requested decimals and groups digits", () => {
    expect(numbers.fixed(5731.2, 2)).toBe("5,731.20");
    expect(numbers.whole(1234567.6)).toBe("1,234,568");
  });

  test("negative numbers have a minus sign, signed ones a plus", () => {
    expect(numbers.fixed(-81.14, 2)).toBe("−81.14");
    expect(numbers.signed(-81.14, 2)).toBe("−81.14");
    expect(numbers.signed(81.14, 2)).toBe("+81.14");
    expect(numbers.percent(-1.4)).toBe("−1.40%");
  });

  test("plain has the decimals of the value", () => {
    expect([numbers.plain(352), numbers.plain(352.05), numbers.plain(-0.5)]).toEqual(["352", "352.05", "−0.5"]);
  });

  test("bytes are in binary units", () => {
    expect([999, 1024, 1536, 5 * 1024 ** 2, 3 * 1024 ** 3, 150 * 1024, 1023 * 1024].map((value) => numbers.bytes(value))).toEqual([
      "999 B",
      "1.00 KiB",
      "1.50 KiB",
      "5.00 MiB",
      "3.00 GiB",
      "150.0 KiB",
      "1,023 KiB",
    ]);
  });
});

test("amounts have Korean units", () => {
  expect([9_999, 12_340, 123_456_789, -5_700_000_000, 1.234e12, 98.7e12].map((value) => korean.amount(value))).toEqual([
    "9,999",
    "1.23만",
    "1.23억",
    "−57.00억",
    "1.23조",
    "98.70조",
  ]);
  expect(korean.amount(57_000_000_000, true)).toBe("+570.0억");
});

test("amounts have English units", () => {
  expect([999, 1_234, 12_340_000, -5_700_000_000, 1.234e12].map((value) => english.amount(value))).toEqual([
    "999",
    "1.23k",
    "12.34m",
    "−5.70bn",
    "1.23T",
  ]);
  expect(english.amount(570_000_000_000, true)).toBe("+570.0bn");
});

import { describe, expect, it } from "vitest";
import { addDays, addressOf, koreanToday, neighboursOf, readDate, resolveDate } from "../../src/day/shown-day";

describe("the day in an address", () => {
  it.each([
    ["", null],
    ["?date=", null],
    ["?date=2026-11-20", "2026-11-20"],
    ["?x=y&date=yesterday", "yesterday"],
  ])("%j has the date %j", (search, date) => {
    expect(readDate(search)).toBe(date);
  });

  it.each([
    ["2026-11-20", "2026-11-20"],
    ["yesterday", "2026-11-30"],
    ["today", "2026-12-01"],
    ["2026-02-30", null],
    ["2026-13-01", null],
    ["20261120", null],
    ["<b>", null],
  ])("%j is the day %j", (text, date) => {
    expect(resolveDate(text, "2026-12-01")).toBe(date);
  });

  it("is part of the address, with the watch list", () => {
    expect(addressOf("2026-11-20", "#watch=index:0001")).toBe("?date=2026-11-20#watch=index:0001");
    expect(addressOf(null, "#watch=index:0001")).toBe("?#watch=index:0001");
  });
});

describe("days", () => {
  it("change at midnight in Korea", () => {
    expect(koreanToday(Date.parse("2026-11-20T14:59:59Z"))).toBe("2026-11-20");
    expect(koreanToday(Date.parse("2026-11-20T15:00:00Z"))).toBe("2026-11-21");
  });

  it("follow each other over the end of a year", () => {
    expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
    expect(addDays("2026-03-01", -1)).toBe("2026-02-28");
  });

  it("have recorded neighbours, also if they are not recorded themselves", () => {
    const days = ["2026-11-18", "2026-11-20", "2026-11-23"];
    expect(neighboursOf("2026-11-20", days)).toEqual({ previous: "2026-11-18", next: "2026-11-23" });
    expect(neighboursOf("2026-11-21", days)).toEqual({ previous: "2026-11-20", next: "2026-11-23" });
    expect(neighboursOf("2026-11-18", days)).toEqual({ previous: null, next: "2026-11-20" });
  });
});

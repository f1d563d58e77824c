import { expect, test } from "vitest";
import type { Span } from "../../src/market/gaps";
import { outagesOf } from "../../src/market/outages";

const span = (from: number, to: number | null, reason = "connectionLost"): Span => ({ from, to, reason, isOwn: false });

test("gaps with the same cause are one outage, which lasts until the last of them ends", () => {
  expect(
    outagesOf([
      ["a", [span(100, 130)]],
      ["b", [span(110, 150)]],
      ["c", [span(105, 120)]],
    ]),
  ).toEqual([{ from: 100, to: 150, reason: "connectionLost", targets: ["a", "c", "b"] }]);
});

test("an outage is open while any of its gaps is", () => {
  expect(
    outagesOf([
      ["a", [span(100, null)]],
      ["b", [span(101, 150)]],
      ["c", [span(102, 160)]],
    ]),
  ).toMatchObject([{ to: null }]);
});

test("gaps with other causes or later times are other outages, newest first", () => {
  const outages = outagesOf([
    ["a", [span(100, 130), span(110, 130, "silence"), span(200, null)]],
    ["b", [span(116, 130)]],
  ]);
  expect(outages.map(({ from, reason }) => `${from} ${reason}`)).toEqual([
    "200 connectionLost",
    "116 connectionLost",
    "110 silence",
    "100 connectionLost",
  ]);
});

test("two gaps of one key are two outages", () => {
  expect(outagesOf([["a", [span(100, 101), span(102, 103)]]])).toHaveLength(2);
});

test("without gaps there are no outages", () => {
  expect(outagesOf([])).toEqual([]);
  expect(outagesOf([["a", []]])).toEqual([]);
});

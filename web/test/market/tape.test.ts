import { expect, test } from "vitest";
import { Tape } from "../../src/market/tape";
import { secondsAt } from "./records";
import { tradeRecord } from "./stock-records";

const trade = (clock: string, volume: number) => tradeRecord(clock, 80_000, volume, volume);
const volumesOf = (tape: Tape): readonly (number | null)[] => tape.all.map((line) => line.trade?.volume ?? null);

test("keeps the newest lines", () => {
  const tape = new Tape(3);
  for (let i = 1; i <= 5; i++) tape.addTrade(secondsAt("10:00:00"), trade("10:00:00", i));
  expect(volumesOf(tape)).toEqual([3, 4, 5]);
  expect(tape.all.map(({ number }) => number)).toEqual([3, 4, 5]);
});

test("the past is inserted before the first trade, as far as there is room", () => {
  const tape = new Tape(4);
  tape.addTrade(secondsAt("10:00:05"), trade("10:00:05", 8));
  tape.addTrade(secondsAt("10:00:06"), trade("10:00:06", 9));
  tape.insertPast([1, 2, 3].map((volume) => trade("10:00:00", volume)));
  expect(volumesOf(tape)).toEqual([2, 3, 8, 9]);
  expect(tape.all.map(({ number }) => number)).toEqual([-1, 0, 1, 2]);
  tape.insertPast([trade("09:00:00", 1)]);
  expect(volumesOf(tape)).toEqual([2, 3, 8, 9]);
});

test("a gap says more when more is known, and ends once", () => {
  const tape = new Tape();
  tape.addTrade(secondsAt("10:00:00"), trade("10:00:00", 1));
  const before = tape.revision;
  tape.beginGap(secondsAt("10:00:00"), "silence", false);
  tape.beginGap(secondsAt("10:00:01"), "connectionLost", false, 12);
  expect(tape.openGap).toEqual({ kind: "gap", to: null, reason: "silence", missedVolume: 12, isOwn: false });
  tape.endGap(secondsAt("10:00:09"));
  tape.endGap(secondsAt("10:00:10"));
  expect(tape.all[1]?.event).toMatchObject({ to: secondsAt("10:00:09") });
  expect(tape.openGap).toBeNull();
  expect(tape.revision).toBeGreaterThan(before);
});

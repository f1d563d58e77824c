import { describe, expect, it } from "vitest";
import type { SinkStatus } from "../../src/gateway/pages";
import { localize } from "../../src/text/localization";
import { sinkText } from "../../src/view/sink-text";

const english = localize("en");
const current: SinkStatus = {
  isStoring: true,
  problemSince: null,
  problem: null,
  lastStoredAt: "2026-11-20T09:00:02+09:00",
  records: 1204112,
  lagBytes: 0,
  lagSeconds: 0,
};

describe("the text of the sink", () => {
  it("says that everything is stored", () => {
    expect(sinkText(current, english)).toEqual({ text: "up to date · 1,204,112 records", severity: "good" });
  });

  it("has the lag in bytes and in time", () => {
    expect(sinkText({ ...current, lagBytes: 1536, lagSeconds: 2.4 }, english)).toEqual({
      text: "1.50 KiB, 2 s behind · 1,204,112 records",
      severity: "good",
    });
  });

  it("warns if the lag is not that of the sink's own delay", () => {
    expect(sinkText({ ...current, lagBytes: 1 << 21, lagSeconds: 95 }, english).severity).toBe("bad");
  });

  it("says since when and why nothing is stored, and how much is not", () => {
    const failing = {
      ...current,
      isStoring: false,
      problemSince: "2026-11-20T09:04:12+09:00",
      problem: "the database cannot be reached",
      lagBytes: 2048,
      lagSeconds: 61,
    };
    expect(sinkText(failing, english)).toEqual({
      text: "not storing since 09:04:12 · the database cannot be reached · 2.00 KiB, 61 s behind",
      severity: "bad",
    });
    expect(sinkText(failing, localize("ko")).text).toContain("09:04:12부터 저장 안 됨");
  });

  it("says that a sink has ended without a problem", () => {
    expect(sinkText({ ...current, isStoring: false }, english)).toEqual({ text: "not storing", severity: "bad" });
  });

  it("is empty without a sink", () => {
    expect(sinkText(null, english).text).toBe("–");
  });
});

import { describe, expect, it } from "vitest";
import type { PublisherStatus } from "../../src/gateway/pages";
import { localize } from "../../src/text/localization";
import { publisherText } from "../../src/view/publisher-text";

const english = localize("en");
const current: PublisherStatus = {
  isPublishing: true,
  isLive: true,
  problemSince: null,
  problem: null,
  publishedAt: "2026-11-20T09:00:02+09:00",
  lagSeconds: 0,
  published: 1204112,
  caughtUp: 0,
  dropped: 0,
};

describe("the text of the publisher", () => {
  it("says that everything is published", () => {
    expect(publisherText(current, english)).toEqual({ text: "up to date · 1,204,112 published", severity: "good" });
  });

  it("has the lag while it catches up", () => {
    expect(publisherText({ ...current, isLive: false, lagSeconds: 61.4 }, english)).toEqual({
      text: "61 s behind · 1,204,112 published",
      severity: "plain",
    });
  });

  it("says since when and why nothing is published", () => {
    const failing = {
      ...current,
      isPublishing: false,
      isLive: false,
      problemSince: "2026-11-20T09:04:12+09:00",
      problem: "the cluster cannot be reached",
      lagSeconds: 61,
    };
    expect(publisherText(failing, english)).toEqual({
      text: "not publishing since 09:04:12 · the cluster cannot be reached · 61 s behind",
      severity: "bad",
    });
    expect(publisherText(failing, localize("ko")).text).toContain("09:04:12부터 발행 안 됨");
  });

  it("says that a publisher has ended, or that there is none", () => {
    expect(publisherText({ ...current, isPublishing: false, isLive: false }, english)).toEqual({ text: "not publishing", severity: "bad" });
    expect(publisherText(null, english)).toEqual({ text: "–", severity: "plain" });
  });
});

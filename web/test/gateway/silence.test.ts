import { expect, test } from "vitest";
import type { StatusPage, UpstreamSession } from "../../src/gateway/pages";
import { isUpstreamSilent, silenceOf } from "../../src/gateway/silence";

const session = (phase: string, secondsAgo: number | null): UpstreamSession =>
  ({ name: "1", phase, lastMessage: { at: null, secondsAgo } }) as unknown as UpstreamSession;

test("an open connection without messages for longer than the limit is silent", () => {
  expect(silenceOf(session("open", 30.5))).toBe(30.5);
  expect(silenceOf(session("open", 12))).toBeNull();
});

test("a connection that is not open or has no message yet is not silent", () => {
  expect(silenceOf(session("waiting", 90))).toBeNull();
  expect(silenceOf(session("open", null))).toBeNull();
});

test("upstream is silent if any session is", () => {
  const status = (...upstream: readonly UpstreamSession[]): StatusPage => ({ upstream }) as unknown as StatusPage;
  expect(isUpstreamSilent(status(session("open", 1), session("open", 60)))).toBe(true);
  expect(isUpstreamSilent(status(session("open", 1), session("open", 2)))).toBe(false);
});

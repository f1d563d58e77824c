import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Gateway } from "../../src/gateway/gateway";
import { Stream, type StreamListener } from "../../src/gateway/stream";
import { FakeWebSocket } from "./fake-web-socket";

const kospi = "H0UPCNT0:0001";
const kosdaq = "H0UPCNT0:1001";
const kospi200 = "H0UPCNT0:2001";

const keyOf = (target: string) => ({ trId: target.slice(0, 8), key: target.slice(9) });
const subscribed = (target: string) => ({ subscribed: { ...keyOf(target), registered: true } });
const record = (target: string, id: string) => ({ id, ...keyOf(target), receivedAt: "2026-11-22T09:00:00+09:00", timestamp: null });

let events: string[];
let wakeUp: () => void;
let beforeRetry: () => Promise<void>;
let reachable: boolean;
let stream: Stream;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0);
  FakeWebSocket.created.length = 0;
  vi.stubGlobal("WebSocket", FakeWebSocket);
  vi.stubGlobal("addEventListener", (_: string, listener: () => void) => (wakeUp = listener));
  vi.stubGlobal("document", { visibilityState: "visible", addEventListener: () => undefined });
  events = [];
  beforeRetry = () => Promise.resolve();
  reachable = true;
  const gateway = {
    isReachable: () => Promise.resolve(reachable),
    streamUrl: (parameters: Record<string, string>) => new URL(`ws://gateway/v1/stream?${new URLSearchParams(parameters).toString()}`),
  };
  const listener: StreamListener = {
    onItem: (item) => events.push(`item ${item.kind}`),
    onState: (state) => events.push(state),
    onOpened: (resumes) => events.push(resumes ? "resumed" : "started"),
    beforeRetry: () => beforeRetry(),
  };
  stream = new Stream(gateway as unknown as Gateway, listener);
});

afterEach(() => {
  vi.clearAllTimers();
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** Starts the stream and confirms these targets. */
function start(...targets: readonly string[]): FakeWebSocket {
  stream.setTargets(targets);
  stream.start();
  FakeWebSocket.newest.open();
  FakeWebSocket.newest.receive(...targets.map(subscribed));
  return FakeWebSocket.newest;
}

/** Advances the fake time and runs pending promises. */
const wait = (milliseconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds);

describe("a new stream", () => {
  test("requests its targets once the connection is open", () => {
    stream.setTargets([kospi, kosdaq]);
    stream.start();
    expect(FakeWebSocket.newest.parameters).toEqual({ snapshot: "1", queue: "16384", page: "1" });
    FakeWebSocket.newest.open();
    expect(FakeWebSocket.newest.sent).toEqual([{ subscribe: [kospi, kosdaq] }]);
    expect(events).toEqual(["connecting", "started", "open"]);
  });

  test("has one connection even if it is started twice", () => {
    stream.start();
    stream.start();
    expect(FakeWebSocket.created).toHaveLength(1);
  });

  test("requests only the difference when the targets change", () => {
    const socket = start(kospi, kosdaq);
    socket.sent.length = 0;
    stream.setTargets([kosdaq, kospi200]);
    expect(socket.sent).toEqual([{ unsubscribe: [kospi] }, { subscribe: [kospi200] }]);
    socket.sent.length = 0;
    stream.setTargets([kospi200, kosdaq]);
    expect(socket.sent).toEqual([]);
  });

  test("splits many targets into messages within the gateway's limit", () => {
    const targets = Array.from({ length: 450 }, (_, i) => `H0UPCNT0:${String(i).padStart(4, "0")}`);
    const socket = start(...targets);
    expect(socket.sent.map((message) => (message as { subscribe: string[] }).subscribe.length)).toEqual([200, 200, 50]);
    expect(socket.sent.flatMap((message) => (message as { subscribe: string[] }).subscribe)).toEqual(targets);
  });

  test("requests a refused target once, and again after it was removed and added", () => {
    const socket = start(kospi);
    stream.setTargets([kospi, kosdaq]);
    socket.receive({ refused: { ...keyOf(kosdaq), code: "OPSP0008", reason: "no slot" } });
    socket.sent.length = 0;
    stream.setTargets([kospi, kosdaq]);
    expect(socket.sent).toEqual([]);
    stream.setTargets([kospi]);
    expect(socket.sent).toEqual([]);
    stream.setTargets([kospi, kosdaq]);
    expect(socket.sent).toEqual([{ subscribe: [kosdaq] }]);
  });

  test("requests a refused target again when another is removed, or after an interval", () => {
    const socket = start(kospi);
    stream.setTargets([kospi, kosdaq]);
    const refusal = { refused: { ...keyOf(kosdaq), code: "OPSP0008", reason: "no slot" } };
    socket.receive(refusal);
    socket.sent.length = 0;
    stream.setTargets([kosdaq]);
    expect(socket.sent).toEqual([{ unsubscribe: [kospi] }, { subscribe: [kosdaq] }]);
    socket.receive(refusal);
    socket.sent.length = 0;
    for (let second = 0; second < 60; second += 10) {
      socket.receive({ heartbeat: {} });
      vi.advanceTimersByTime(10_000);
    }
    expect(socket.sent).toEqual([{ subscribe: [kosdaq] }]);
  });

  test("forwards all items in order", () => {
    const socket = start(kospi);
    events.length = 0;
    socket.receive(record(kospi, "a-1"), { heartbeat: {} }, { end: { reason: "the gateway stops" } });
    expect(events).toEqual(["item record", "item heartbeat", "item end"]);
  });
});

describe("a lost stream", () => {
  test("resumes after the last id with the confirmed targets", async () => {
    start(kospi, kosdaq).receive(record(kospi, "a-7"), { gap: { ...keyOf(kospi) }, id: "a-8" }, { snapshot: true, ...keyOf(kosdaq) });
    FakeWebSocket.newest.disconnect();
    stream.setTargets([kospi, kosdaq, kospi200]);
    await wait(500);
    expect(FakeWebSocket.created).toHaveLength(2);
    expect(FakeWebSocket.newest.parameters).toMatchObject({ subscribe: `${kospi},${kosdaq}`, last_event_id: "a-8" });
    events.length = 0;
    FakeWebSocket.newest.open();
    expect(events).toEqual(["resumed", "open"]);
    expect(FakeWebSocket.newest.sent).toEqual([{ subscribe: [kospi200] }]);
  });

  test("does not resume refused or removed targets", async () => {
    const socket = start(kospi, kosdaq, kospi200);
    socket.receive(record(kospi, "a-1"), { refused: { ...keyOf(kosdaq), reason: "lost" } });
    stream.setTargets([kospi, kosdaq]);
    socket.disconnect();
    await wait(500);
    expect(FakeWebSocket.newest.parameters["subscribe"]).toBe(kospi);
  });

  test("starts again without an id or a confirmed target", async () => {
    start(kospi).disconnect();
    await wait(500);
    expect(FakeWebSocket.newest.parameters).toEqual({ snapshot: "1", queue: "16384", page: "1" });
    FakeWebSocket.newest.open();
    expect(events.slice(-2)).toEqual(["started", "open"]);
    expect(FakeWebSocket.newest.sent).toEqual([{ subscribe: [kospi] }]);
  });

  test("resumes after the gateway was unreachable for a while", async () => {
    start(kospi, kosdaq).receive(record(kospi, "a-1"));
    reachable = false;
    FakeWebSocket.newest.disconnect();
    for (const delay of [500, 1000, 2000, 4000]) {
      await wait(delay);
      FakeWebSocket.newest.disconnect();
    }
    await wait(8000);
    expect(FakeWebSocket.newest.parameters).toMatchObject({ subscribe: `${kospi},${kosdaq}`, last_event_id: "a-1" });
  });

  test("resumes after it was lost again before any record", async () => {
    start(kospi, kosdaq).receive(record(kospi, "a-1"));
    FakeWebSocket.newest.disconnect();
    await wait(500);
    FakeWebSocket.newest.open();
    FakeWebSocket.newest.receive({ resumed: { complete: true } }, subscribed(kospi));
    FakeWebSocket.newest.disconnect();
    await wait(1000);
    expect(FakeWebSocket.newest.parameters).toMatchObject({ subscribe: `${kospi},${kosdaq}`, last_event_id: "a-1" });
  });

  test("starts again if the reachable gateway rejects the resumption", async () => {
    start(kospi).receive(record(kospi, "a-1"));
    FakeWebSocket.newest.disconnect();
    await wait(500);
    FakeWebSocket.newest.disconnect();
    await wait(1000);
    expect(FakeWebSocket.newest.parameters).toEqual({ snapshot: "1", queue: "16384", page: "1" });
    FakeWebSocket.newest.open();
    expect(FakeWebSocket.newest.sent).toEqual([{ subscribe: [kospi] }]);
  });

  test("doubles the delay until a subscription is confirmed", async () => {
    start(kospi).disconnect();
    for (const delay of [500, 1000, 2000]) {
      const before = FakeWebSocket.created.length;
      await wait(delay - 1);
      expect(FakeWebSocket.created).toHaveLength(before);
      await wait(1);
      expect(FakeWebSocket.created).toHaveLength(before + 1);
      FakeWebSocket.newest.disconnect();
    }
    await wait(4000);
    FakeWebSocket.newest.open();
    FakeWebSocket.newest.receive(subscribed(kospi));
    FakeWebSocket.newest.disconnect();
    await wait(500);
    expect(FakeWebSocket.active).toHaveLength(1);
  });

  test("ends if beforeRetry rejects, and can be started again", async () => {
    beforeRetry = () => Promise.reject(new Error("credentials are needed"));
    start(kospi).disconnect();
    await wait(60_000);
    expect(FakeWebSocket.created).toHaveLength(1);
    wakeUp();
    expect(FakeWebSocket.created).toHaveLength(1);
    stream.start();
    expect(FakeWebSocket.active).toHaveLength(1);
  });
});

describe("a silent stream", () => {
  test("reconnects and resumes", async () => {
    start(kospi).receive(record(kospi, "a-1"));
    const silent = FakeWebSocket.newest;
    await wait(20_000);
    expect(FakeWebSocket.created).toHaveLength(1);
    await wait(10_500);
    expect(silent.readyState).toBe(FakeWebSocket.CLOSING);
    expect(FakeWebSocket.active).toHaveLength(1);
    expect(FakeWebSocket.newest.parameters["last_event_id"]).toBe("a-1");
  });

  test("is not replaced while heartbeats arrive", async () => {
    const socket = start(kospi);
    for (let i = 0; i < 10; i++) {
      await wait(10_000);
      socket.receive({ heartbeat: {} });
    }
    expect(FakeWebSocket.created).toEqual([socket]);
  });

  test("ignores messages of the discarded connection", async () => {
    const silent = start(kospi);
    await wait(30_000);
    expect(events.pop()).toBe("lost");
    events.length = 0;
    silent.receive(record(kospi, "a-9"));
    silent.disconnect();
    expect(events).toEqual([]);
    await wait(500);
    expect(FakeWebSocket.active).toHaveLength(1);
  });

  test("reconnects if the connection does not open", async () => {
    stream.start();
    await wait(31_000);
    expect(FakeWebSocket.created).toHaveLength(2);
    expect(FakeWebSocket.active).toHaveLength(1);
  });
});

describe("a machine that wakes up", () => {
  test("reconnects immediately", async () => {
    start(kospi).disconnect();
    await wait(0);
    wakeUp();
    expect(FakeWebSocket.created).toHaveLength(2);
    await wait(10_000);
    expect(FakeWebSocket.created).toHaveLength(2);
  });

  test("leaves no connection open if credentials are required", async () => {
    let refuse = (): void => undefined;
    beforeRetry = () => new Promise((_, reject) => (refuse = () => reject(new Error("credentials are needed"))));
    start(kospi).disconnect();
    wakeUp();
    expect(FakeWebSocket.active).toHaveLength(1);
    refuse();
    await wait(60_000);
    expect(FakeWebSocket.active).toHaveLength(0);
    stream.start();
    expect(FakeWebSocket.active).toHaveLength(1);
  });

  test("keeps an open or connecting socket", async () => {
    start(kospi);
    wakeUp();
    FakeWebSocket.newest.disconnect();
    await wait(500);
    wakeUp();
    expect(FakeWebSocket.created).toHaveLength(2);
  });

  test("replaces a connection that was silent during sleep", async () => {
    start(kospi);
    vi.setSystemTime(Date.now() + 3_600_000);
    vi.spyOn(performance, "now").mockReturnValue(3_600_000);
    wakeUp();
    await wait(500);
    expect(FakeWebSocket.created).toHaveLength(2);
    expect(FakeWebSocket.active).toHaveLength(1);
  });
});

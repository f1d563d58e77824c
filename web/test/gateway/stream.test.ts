import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Gateway } from "../../src/gateway/gateway";
import { Stream, type StreamListener } from "../../src/gateway/stream";
import { FakeWebSocket } from "./fake-web-socket";

const kospi = "H0UPCNT0:0001";
const kosdaq = "H0UPCNT0:1001";
const kospi200 = "H0UPCNT0:2001";

const ofKey = (target: string) => ({ trId: target.slice(0, 8), key: target.slice(9) });
const subscribed = (target: string) => ({ subscribed: { ...ofKey(target), registered: true } });
const record = (target: string, id: string) => ({ id, ...ofKey(target), receivedAt: "2026-11-22T09:00:00+09:00", timestamp: null });

let told: string[];
let wakeUp: () => void;
let beforeRetry: () => Promise<void>;
let answers: boolean;
let stream: Stream;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0);
  FakeWebSocket.made.length = 0;
  vi.stubGlobal("WebSocket", FakeWebSocket);
  vi.stubGlobal("addEventListener", (_: string, listener: () => void) => (wakeUp = listener));
  vi.stubGlobal("document", { visibilityState: "visible", addEventListener: () => undefined });
  told = [];
  beforeRetry = () => Promise.resolve();
  answers = true;
  const gateway = { answers: () => Promise.resolve(answers), streamUrl: (parameters: Record<string, string>) => new URL(`ws://gateway/v1/stream?${new URLSearchParams(parameters).toString()}`) };
  const listener: StreamListener = {
    item: (item) => told.push(`item ${item.kind}`),
    state: (state) => told.push(state),
    opened: (resumes) => told.push(resumes ? "goes on" : "begins"),
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

/** A stream that stands and has these keys. */
function begin(...targets: readonly string[]): FakeWebSocket {
  stream.want(targets);
  stream.start();
  FakeWebSocket.newest.open();
  FakeWebSocket.newest.receive(...targets.map(subscribed));
  return FakeWebSocket.newest;
}

/** Time goes on, and promises with it. */
const wait = (milliseconds: number): Promise<unknown> => vi.advanceTimersByTimeAsync(milliseconds);

describe("a stream that begins", () => {
  test("asks for what is wanted once the connection stands", () => {
    stream.want([kospi, kosdaq]);
    stream.start();
    expect(FakeWebSocket.newest.parameters).toEqual({ snapshot: "1", queue: "16384" });
    FakeWebSocket.newest.open();
    expect(FakeWebSocket.newest.sent).toEqual([{ subscribe: [kospi, kosdaq] }]);
    expect(told).toEqual(["connecting", "begins", "open"]);
  });

  test("makes one connection however often it is begun", () => {
    stream.start();
    stream.start();
    expect(FakeWebSocket.made).toHaveLength(1);
  });

  test("asks for the difference alone when something else is wanted", () => {
    const socket = begin(kospi, kosdaq);
    socket.sent.length = 0;
    stream.want([kosdaq, kospi200]);
    expect(socket.sent).toEqual([{ unsubscribe: [kospi] }, { subscribe: [kospi200] }]);
    socket.sent.length = 0;
    stream.want([kospi200, kosdaq]);
    expect(socket.sent).toEqual([]);
  });

  test("asks for many keys in messages that the gateway takes", () => {
    const targets = Array.from({ length: 450 }, (_, i) => `H0UPCNT0:${String(i).padStart(4, "0")}`);
    const socket = begin(...targets);
    expect(socket.sent.map((message) => (message as { subscribe: string[] }).subscribe.length)).toEqual([200, 200, 50]);
    expect(socket.sent.flatMap((message) => (message as { subscribe: string[] }).subscribe)).toEqual(targets);
  });

  test("asks once for a key that is refused, and again when somebody has taken it off the list and put it back", () => {
    const socket = begin(kospi);
    stream.want([kospi, kosdaq]);
    socket.receive({ refused: { ...ofKey(kosdaq), code: "OPSP0008", reason: "no place" } });
    socket.sent.length = 0;
    stream.want([kospi, kosdaq]);
    expect(socket.sent).toEqual([]);
    stream.want([kospi]);
    expect(socket.sent).toEqual([]);
    stream.want([kospi, kosdaq]);
    expect(socket.sent).toEqual([{ subscribe: [kosdaq] }]);
  });

  test("asks again for a key that was refused when another is given back, or in a while", () => {
    const socket = begin(kospi);
    stream.want([kospi, kosdaq]);
    const refusal = { refused: { ...ofKey(kosdaq), code: "OPSP0008", reason: "no place" } };
    socket.receive(refusal);
    socket.sent.length = 0;
    stream.want([kosdaq]);
    expect(socket.sent).toEqual([{ unsubscribe: [kospi] }, { subscribe: [kosdaq] }]);
    socket.receive(refusal);
    socket.sent.length = 0;
    for (let second = 0; second < 60; second += 10) {
      socket.receive({ heartbeat: {} });
      vi.advanceTimersByTime(10_000);
    }
    expect(socket.sent).toEqual([{ subscribe: [kosdaq] }]);
  });

  test("hands on every item in order", () => {
    const socket = begin(kospi);
    told.length = 0;
    socket.receive(record(kospi, "a-1"), { heartbeat: {} }, { end: { reason: "the gateway stops" } });
    expect(told).toEqual(["item record", "item heartbeat", "item end"]);
  });
});

describe("a stream that is lost", () => {
  test("goes on behind the last id with the keys that it had", async () => {
    begin(kospi, kosdaq).receive(record(kospi, "a-7"), { gap: { ...ofKey(kospi) }, id: "a-8" }, { snapshot: true, ...ofKey(kosdaq) });
    FakeWebSocket.newest.lose();
    stream.want([kospi, kosdaq, kospi200]);
    await wait(500);
    expect(FakeWebSocket.made).toHaveLength(2);
    expect(FakeWebSocket.newest.parameters).toMatchObject({ subscribe: `${kospi},${kosdaq}`, last_event_id: "a-8" });
    told.length = 0;
    FakeWebSocket.newest.open();
    expect(told).toEqual(["goes on", "open"]);
    expect(FakeWebSocket.newest.sent).toEqual([{ subscribe: [kospi200] }]);
  });

  test("leaves out what was refused, given back, or is not wanted any more", async () => {
    const socket = begin(kospi, kosdaq, kospi200);
    socket.receive(record(kospi, "a-1"), { refused: { ...ofKey(kosdaq), reason: "lost" } });
    stream.want([kospi, kosdaq]);
    socket.lose();
    await wait(500);
    expect(FakeWebSocket.newest.parameters["subscribe"]).toBe(kospi);
  });

  test("begins anew where it has no id or no key to go on with", async () => {
    begin(kospi).lose();
    await wait(500);
    expect(FakeWebSocket.newest.parameters).toEqual({ snapshot: "1", queue: "16384" });
    FakeWebSocket.newest.open();
    expect(told.slice(-2)).toEqual(["begins", "open"]);
    expect(FakeWebSocket.newest.sent).toEqual([{ subscribe: [kospi] }]);
  });

  test("still goes on where it was when the gateway could not be reached for a while", async () => {
    begin(kospi, kosdaq).receive(record(kospi, "a-1"));
    answers = false;
    FakeWebSocket.newest.lose();
    for (const delay of [500, 1000, 2000, 4000]) {
      await wait(delay);
      FakeWebSocket.newest.lose();
    }
    await wait(8000);
    expect(FakeWebSocket.newest.parameters).toMatchObject({ subscribe: `${kospi},${kosdaq}`, last_event_id: "a-1" });
  });

  test("still goes on where it was when it is lost again before anything has come", async () => {
    begin(kospi, kosdaq).receive(record(kospi, "a-1"));
    FakeWebSocket.newest.lose();
    await wait(500);
    FakeWebSocket.newest.open();
    FakeWebSocket.newest.receive({ resumed: { complete: true } }, subscribed(kospi));
    FakeWebSocket.newest.lose();
    await wait(1000);
    expect(FakeWebSocket.newest.parameters).toMatchObject({ subscribe: `${kospi},${kosdaq}`, last_event_id: "a-1" });
  });

  test("begins anew where the gateway answers, but turns down where to go on from", async () => {
    begin(kospi).receive(record(kospi, "a-1"));
    FakeWebSocket.newest.lose();
    await wait(500);
    FakeWebSocket.newest.lose();
    await wait(1000);
    expect(FakeWebSocket.newest.parameters).toEqual({ snapshot: "1", queue: "16384" });
    FakeWebSocket.newest.open();
    expect(FakeWebSocket.newest.sent).toEqual([{ subscribe: [kospi] }]);
  });

  test("waits longer each time, until keys come again", async () => {
    begin(kospi).lose();
    for (const delay of [500, 1000, 2000]) {
      const before = FakeWebSocket.made.length;
      await wait(delay - 1);
      expect(FakeWebSocket.made).toHaveLength(before);
      await wait(1);
      expect(FakeWebSocket.made).toHaveLength(before + 1);
      FakeWebSocket.newest.lose();
    }
    await wait(4000);
    FakeWebSocket.newest.open();
    FakeWebSocket.newest.receive(subscribed(kospi));
    FakeWebSocket.newest.lose();
    await wait(500);
    expect(FakeWebSocket.standing).toHaveLength(1);
  });

  test("ends where there is nothing to try again with, and can be begun anew", async () => {
    beforeRetry = () => Promise.reject(new Error("credentials are needed"));
    begin(kospi).lose();
    await wait(60_000);
    expect(FakeWebSocket.made).toHaveLength(1);
    wakeUp();
    expect(FakeWebSocket.made).toHaveLength(1);
    stream.start();
    expect(FakeWebSocket.standing).toHaveLength(1);
  });
});

describe("a silent stream", () => {
  test("is made anew", async () => {
    begin(kospi).receive(record(kospi, "a-1"));
    const silent = FakeWebSocket.newest;
    await wait(20_000);
    expect(FakeWebSocket.made).toHaveLength(1);
    await wait(10_500);
    expect(silent.readyState).toBe(FakeWebSocket.CLOSING);
    expect(FakeWebSocket.standing).toHaveLength(1);
    expect(FakeWebSocket.newest.parameters["last_event_id"]).toBe("a-1");
  });

  test("stays where heartbeats come", async () => {
    const socket = begin(kospi);
    for (let i = 0; i < 10; i++) {
      await wait(10_000);
      socket.receive({ heartbeat: {} });
    }
    expect(FakeWebSocket.made).toEqual([socket]);
  });

  test("is no more silent for what an abandoned connection says", async () => {
    const silent = begin(kospi);
    await wait(30_000);
    expect(told.pop()).toBe("lost");
    told.length = 0;
    silent.receive(record(kospi, "a-9"));
    silent.lose();
    expect(told).toEqual([]);
    await wait(500);
    expect(FakeWebSocket.standing).toHaveLength(1);
  });

  test("is made anew where it does not even open", async () => {
    stream.start();
    await wait(31_000);
    expect(FakeWebSocket.made).toHaveLength(2);
    expect(FakeWebSocket.standing).toHaveLength(1);
  });
});

describe("a machine that wakes up", () => {
  test("does not wait for the next attempt", async () => {
    begin(kospi).lose();
    await wait(0);
    wakeUp();
    expect(FakeWebSocket.made).toHaveLength(2);
    await wait(10_000);
    expect(FakeWebSocket.made).toHaveLength(2);
  });

  test("leaves nothing behind where the gateway wants to know who asks", async () => {
    let refuse = (): void => undefined;
    beforeRetry = () => new Promise((_, reject) => (refuse = () => reject(new Error("credentials are needed"))));
    begin(kospi).lose();
    wakeUp();
    expect(FakeWebSocket.standing).toHaveLength(1);
    refuse();
    await wait(60_000);
    expect(FakeWebSocket.standing).toHaveLength(0);
    stream.start();
    expect(FakeWebSocket.standing).toHaveLength(1);
  });

  test("leaves a connection alone that stands or is being made", async () => {
    begin(kospi);
    wakeUp();
    FakeWebSocket.newest.lose();
    await wait(500);
    wakeUp();
    expect(FakeWebSocket.made).toHaveLength(2);
  });

  test("makes a connection anew at once that was silent while it slept", async () => {
    begin(kospi);
    vi.setSystemTime(Date.now() + 3_600_000);
    vi.spyOn(performance, "now").mockReturnValue(3_600_000);
    wakeUp();
    await wait(500);
    expect(FakeWebSocket.made).toHaveLength(2);
    expect(FakeWebSocket.standing).toHaveLength(1);
  });
});

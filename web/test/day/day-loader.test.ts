import { describe, expect, it, vi } from "vitest";
import { DayLoader, type DayListener, type DayProblem } from "../../src/day/day-loader";
import { CredentialsRequiredError, GatewayError, type Gateway } from "../../src/gateway/gateway";
import type { Item } from "../../src/gateway/items";
import type { GatewayKey, RecordedKeyDay, RecordsPage } from "../../src/gateway/pages";

const date = "2026-11-20";
const index = (key: string): GatewayKey => ({ trId: "H0UPCNT0", key });
const notice: GatewayKey = { trId: "H0IFCNI0", key: "anna" };

class FakeGateway {
  readonly requests: string[][] = [];
  readonly pages: string[] = [];
  answer: (keys: readonly GatewayKey[]) => void = () => undefined;
  notices: readonly RecordsPage[] = [];

  day(_date: string, keys: readonly GatewayKey[]): Promise<{ date: string; keys: RecordedKeyDay[] }> {
    this.requests.push(keys.map(({ key }) => key));
    return Promise.resolve().then(() => {
      this.answer(keys);
      return { date, keys: keys.map((key) => ({ ...key, series: {}, gaps: [], records: 0, last: null })) };
    });
  }

  records(_key: GatewayKey, from: string, to: string): Promise<RecordsPage> {
    this.pages.push(`${from} ${to}`);
    const page = this.notices[this.pages.length - 1];
    return page === undefined ? Promise.reject(new GatewayError(404, "noHistory", "not recorded")) : Promise.resolve(page);
  }
}

function open(): {
  gateway: FakeGateway;
  loader: DayLoader;
  days: string[];
  items: Item[];
  ended: Promise<DayProblem | "loaded" | "signin">;
} {
  const gateway = new FakeGateway();
  const days: string[] = [];
  const items: Item[] = [];
  let end: (result: DayProblem | "loaded" | "signin") => void = () => undefined;
  const ended = new Promise<DayProblem | "loaded" | "signin">((resolve) => (end = resolve));
  const listener: DayListener = {
    onDay: ({ key }) => days.push(key),
    onItem: (item) => items.push(item),
    onLoaded: () => end("loaded"),
    onProblem: end,
    onCredentialsRequired: () => end("signin"),
  };
  return { gateway, loader: new DayLoader(gateway as unknown as Gateway, date, listener), days, items, ended };
}

describe("loading a recorded day", () => {
  it("requests all keys together, and each once", async () => {
    const { gateway, loader, days, ended } = open();
    loader.load([index("0001"), index("1001"), index("0001")]);
    loader.load([index("0001"), index("2001")]);
    expect(await ended).toBe("loaded");
    expect(gateway.requests).toEqual([["0001", "1001"], ["2001"]]);
    expect(days).toEqual(["0001", "1001", "2001"]);
  });

  it("limits the keys of a request", async () => {
    const { gateway, loader, ended } = open();
    loader.load(Array.from({ length: 90 }, (_, i) => index(String(i))));
    await ended;
    expect(gateway.requests.map((keys) => keys.length)).toEqual([40, 40, 10]);
  });

  it("does not show a key that was removed meanwhile, and loads it again later", async () => {
    const { loader, days, ended } = open();
    loader.load([index("0001"), index("1001")]);
    loader.forget("H0UPCNT0:0001");
    await ended;
    expect(days).toEqual(["1001"]);
    loader.load([index("0001")]);
    await vi.waitFor(() => expect(days).toEqual(["1001", "0001"]));
  });

  it("reads the notices page by page", async () => {
    const { gateway, loader, items, ended } = open();
    const record = { trId: "H0IFCNI0", key: "anna", accountNumber: "12345678" };
    gateway.notices = [
      { items: [record], next: "e-1-8de.1", more: true },
      { items: [record], next: "e-1-8df.1", more: false },
    ];
    loader.load([notice]);
    expect(await ended).toBe("loaded");
    expect(gateway.pages).toEqual(["2026-11-20 2026-11-21", "e-1-8de.1 2026-11-21"]);
    expect(items.map(({ kind }) => kind)).toEqual(["record", "record"]);
  });

  it("shows the day without notices if they were not recorded", async () => {
    const { loader, days, ended } = open();
    loader.load([notice, index("0001")]);
    expect(await ended).toBe("loaded");
    expect(days).toEqual(["0001"]);
  });

  it.each([
    [new GatewayError(404, "dayNotRecorded", "nothing"), { kind: "notRecorded" }],
    [new GatewayError(404, "noHistory", "nothing"), { kind: "noHistory" }],
    [new GatewayError(403, "feedNotAllowed", "no right"), { kind: "failed", reason: "no right" }],
    [new CredentialsRequiredError(), "signin"],
  ])("reports %s", async (error, problem) => {
    const { gateway, loader, ended } = open();
    gateway.answer = () => {
      throw error;
    };
    loader.load([index("0001")]);
    expect(await ended).toEqual(problem);
  });

  it("tries again when the gateway does not answer, and then reports it", async () => {
    vi.useFakeTimers();
    try {
      const { gateway, loader, ended } = open();
      gateway.answer = () => {
        throw new TypeError("Failed to fetch");
      };
      loader.load([index("0001")]);
      await vi.runAllTimersAsync();
      expect(await ended).toEqual({ kind: "failed", reason: "Failed to fetch" });
      expect(gateway.requests).toHaveLength(3);
    } finally {
      vi.useRealTimers();
    }
  });
});

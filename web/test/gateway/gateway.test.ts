import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CredentialsNeeded, Gateway, GatewayProblem } from "../../src/gateway/gateway";

const base = new URL("https://desk.example:21000/");

interface Asked {
  readonly path: string;
  readonly request: RequestInit;
}

let stored: Map<string, string>;
let asked: Asked[];
let answer: () => Response;

const json = (body: unknown, status = 200): Response => new Response(JSON.stringify(body), { status });
const headersOf = ({ request }: Asked): Headers => new Headers(request.headers);

beforeEach(() => {
  stored = new Map();
  asked = [];
  vi.stubGlobal("sessionStorage", {
    getItem: (name: string) => stored.get(name) ?? null,
    setItem: (name: string, value: string) => stored.set(name, value),
    removeItem: (name: string) => stored.delete(name),
  });
  vi.stubGlobal("fetch", (url: URL, request: RequestInit) => {
    expect(url.origin).toBe(base.origin);
    asked.push({ path: url.pathname, request });
    return Promise.resolve().then(answer);
  });
});
afterEach(() => vi.unstubAllGlobals());

describe("who signs in", () => {
  const signIn = async (gateway: Gateway): Promise<void> => {
    answer = () => json({ approval_key: "KEY" });
    await gateway.signIn("app", "secret");
    answer = () => json({});
  };

  test("is asked for by an approval key from then on, and the secret is kept nowhere", async () => {
    const gateway = new Gateway(base);
    await signIn(gateway);
    await gateway.status();
    expect(asked.map(({ path }) => path)).toEqual(["/oauth2/Approval", "/v1/status"]);
    expect(headersOf(asked[1]!).get("Authorization")).toBe("Bearer KEY");
    expect(gateway.streamUrl({}).searchParams.get("approval_key")).toBe("KEY");
    expect([...stored.values()]).toEqual(["KEY"]);
    expect(new Gateway(base).streamUrl({}).searchParams.get("approval_key")).toBe("KEY");
  });

  test("is asked anew once the gateway does not know the key any more", async () => {
    const gateway = new Gateway(base);
    await signIn(gateway);
    answer = () => json({ code: "credentialsNeeded" }, 401);
    await expect(gateway.dashboard()).rejects.toBeInstanceOf(CredentialsNeeded);
    expect(stored.size).toBe(0);
    expect(gateway.streamUrl({}).searchParams.has("approval_key")).toBe(false);
  });

  test.each([
    [() => json({ error_code: "EGW00103", error_description: "wrong" }, 403), 403, "wrong"],
    [() => json({}), 200, ""],
    [() => new Response("<html>", { status: 502, statusText: "Bad Gateway" }), 502, "Bad Gateway"],
  ])("with the wrong ones is told so", async (wrong, status, message) => {
    answer = wrong;
    await expect(new Gateway(base).signIn("app", "secret")).rejects.toMatchObject({ status, message });
    expect(stored.size).toBe(0);
  });

  test("may have a browser that keeps nothing", async () => {
    const refuse = (): never => {
      throw new DOMException("denied", "SecurityError");
    };
    vi.stubGlobal("sessionStorage", { getItem: refuse, setItem: refuse, removeItem: refuse });
    const gateway = new Gateway(base);
    await signIn(gateway);
    expect(gateway.streamUrl({}).searchParams.get("approval_key")).toBe("KEY");
    answer = () => json({}, 401);
    await expect(gateway.status()).rejects.toBeInstanceOf(CredentialsNeeded);
  });
});

test("nothing is sent that the browser itself knows of who asks", async () => {
  answer = () => json({});
  const gateway = new Gateway(base);
  await gateway.dashboard();
  await gateway.answers();
  expect(asked.map(({ request }) => request.credentials)).toEqual(["omit", "omit"]);
  expect(headersOf(asked[0]!).has("Authorization")).toBe(false);
});

test("a key with odd characters stays one part of the path", async () => {
  answer = () => json({});
  await new Gateway(base).history("H0UPCNT0", "../a b?c#d%");
  expect(asked[0]?.path).toBe("/v1/history/H0UPCNT0/..%2Fa%20b%3Fc%23d%25");
});

test("a key without a history has none, and any other trouble is one", async () => {
  const gateway = new Gateway(base);
  answer = () => json({ code: "notRegistered" }, 404);
  expect(await gateway.history("H0UPCNT0", "0001")).toBeNull();
  answer = () => json({ code: "tooManyRequests", detail: "later" }, 429);
  await expect(gateway.history("H0UPCNT0", "0001")).rejects.toMatchObject({ status: 429, code: "tooManyRequests", message: "later" });
  answer = () => new Response("<html>", { status: 500, statusText: "Oh" });
  await expect(gateway.status()).rejects.toBeInstanceOf(GatewayProblem);
});

test("a gateway answers, or does not", async () => {
  const gateway = new Gateway(base);
  answer = () => new Response("ok\n");
  expect(await gateway.answers()).toBe(true);
  answer = () => new Response("", { status: 502 });
  expect(await gateway.answers()).toBe(false);
  answer = () => {
    throw new TypeError("fetch failed");
  };
  expect(await gateway.answers()).toBe(false);
  expect(asked.map(({ path }) => path)).toEqual(["/healthz", "/healthz", "/healthz"]);
});

test("a stream has the gateway's own address, as safe as the page's", () => {
  expect(new Gateway(base).streamUrl({ subscribe: "H0UPCNT0:0001,H0UPCNT0:1001" }).href).toBe("wss://desk.example:21000/v1/stream?subscribe=H0UPCNT0%3A0001%2CH0UPCNT0%3A1001");
  expect(new Gateway(new URL("http://127.0.0.1:21000/")).streamUrl({}).href).toBe("ws://127.0.0.1:21000/v1/stream");
});

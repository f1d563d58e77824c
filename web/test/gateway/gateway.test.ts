import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { CredentialsRequiredError, Gateway, GatewayError } from "../../src/gateway/gateway";

const base = new URL("https://gateway.example:21000/");

interface RecordedRequest {
  readonly path: string;
  readonly request: RequestInit;
}

let stored: Map<string, string>;
let requests: RecordedRequest[];
let respond: () => Response;

const json = (body: unknown, status = 200): Response => new Response(JSON.stringify(body), { status });
const headersOf = ({ request }: RecordedRequest): Headers => new Headers(request.headers);

beforeEach(() => {
  stored = new Map();
  requests = [];
  vi.stubGlobal("sessionStorage", {
    getItem: (name: string) => stored.get(name) ?? null,
    setItem: (name: string, value: string) => stored.set(name, value),
    removeItem: (name: string) => stored.delete(name),
  });
  vi.stubGlobal("fetch", (url: URL, request: RequestInit) => {
    expect(url.origin).toBe(base.origin);
    requests.push({ path: url.pathname, request });
    return Promise.resolve().then(respond);
  });
});
afterEach(() => vi.unstubAllGlobals());

describe("signing in", () => {
  const signIn = async (gateway: Gateway): Promise<void> => {
    respond = () => json({ approval_key: "KEY" });
    await gateway.signIn("app", "secret");
    respond = () => json({});
  };

  test("authorizes later requests with the approval key and does not store the secret", async () => {
    const gateway = new Gateway(base);
    await signIn(gateway);
    await gateway.status();
    expect(requests.map(({ path }) => path)).toEqual(["/oauth2/Approval", "/v1/status"]);
    expect(headersOf(requests[1]!).get("Authorization")).toBe("Bearer KEY");
    expect(gateway.streamUrl({}).searchParams.get("approval_key")).toBe("KEY");
    expect([...stored.values()]).toEqual(["KEY"]);
    expect(new Gateway(base).streamUrl({}).searchParams.get("approval_key")).toBe("KEY");
  });

  test("is required again when the approval key is rejected", async () => {
    const gateway = new Gateway(base);
    await signIn(gateway);
    respond = () => json({ code: "credentialsNeeded" }, 401);
    await expect(gateway.dashboard()).rejects.toBeInstanceOf(CredentialsRequiredError);
    expect(stored.size).toBe(0);
    expect(gateway.streamUrl({}).searchParams.has("approval_key")).toBe(false);
  });

  test.each([
    [() => json({ error_code: "EGW00103", error_description: "wrong" }, 403), 403, "wrong"],
    [() => json({}), 200, ""],
    [() => new Response("<html>", { status: 502, statusText: "Bad Gateway" }), 502, "Bad Gateway"],
  ])("fails with the gateway's status and message", async (wrong, status, message) => {
    respond = wrong;
    await expect(new Gateway(base).signIn("app", "secret")).rejects.toMatchObject({ status, message });
    expect(stored.size).toBe(0);
  });

  test("works without session storage", async () => {
    const refuse = (): never => {
      throw new DOMException("denied", "SecurityError");
    };
    vi.stubGlobal("sessionStorage", { getItem: refuse, setItem: refuse, removeItem: refuse });
    const gateway = new Gateway(base);
    await signIn(gateway);
    expect(gateway.streamUrl({}).searchParams.get("approval_key")).toBe("KEY");
    respond = () => json({}, 401);
    await expect(gateway.status()).rejects.toBeInstanceOf(CredentialsRequiredError);
  });
});

test("requests omit the browser's own credentials", async () => {
  respond = () => json({});
  const gateway = new Gateway(base);
  await gateway.dashboard();
  await gateway.isReachable();
  expect(requests.map(({ request }) => request.credentials)).toEqual(["omit", "omit"]);
  expect(headersOf(requests[0]!).has("Authorization")).toBe(false);
});

test("a key with special characters is one escaped path segment", async () => {
  respond = () => json({});
  await new Gateway(base).history("H0UPCNT0", "../a b?c#d%");
  expect(requests[0]?.path).toBe("/v1/history/H0UPCNT0/..%2Fa%20b%3Fc%23d%25");
});

test("a missing history is null; other errors are thrown", async () => {
  const gateway = new Gateway(base);
  respond = () => json({ code: "notRegistered" }, 404);
  expect(await gateway.history("H0UPCNT0", "0001")).toBeNull();
  respond = () => json({ code: "tooManyRequests", detail: "later" }, 429);
  await expect(gateway.history("H0UPCNT0", "0001")).rejects.toMatchObject({ status: 429, code: "tooManyRequests", message: "later" });
  respond = () => new Response("<html>", { status: 500, statusText: "Internal Server Error" });
  await expect(gateway.status()).rejects.toBeInstanceOf(GatewayError);
});

test("isReachable returns whether the gateway responds", async () => {
  const gateway = new Gateway(base);
  respond = () => new Response("ok\n");
  expect(await gateway.isReachable()).toBe(true);
  respond = () => new Response("", { status: 502 });
  expect(await gateway.isReachable()).toBe(false);
  respond = () => {
    throw new TypeError("fetch failed");
  };
  expect(await gateway.isReachable()).toBe(false);
  expect(requests.map(({ path }) => path)).toEqual(["/healthz", "/healthz", "/healthz"]);
});

test("a stream has the gateway's address, with TLS if the page has it", () => {
  expect(new Gateway(base).streamUrl({ subscribe: "H0UPCNT0:0001,H0UPCNT0:1001" }).href).toBe(
    "wss://gateway.example:21000/v1/stream?subscribe=H0UPCNT0%3A0001%2CH0UPCNT0%3A1001",
  );
  expect(new Gateway(new URL("http://127.0.0.1:21000/")).streamUrl({}).href).toBe("ws://127.0.0.1:21000/v1/stream");
});

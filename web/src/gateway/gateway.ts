import { writeSession, readSession } from "../storage/session";
import {
  instrumentKinds,
  type DashboardPage,
  type DayPage,
  type DaysPage,
  type GatewayKey,
  type HistoryPage,
  type InstrumentsPage,
  type RecordsPage,
  type StatusPage,
} from "./pages";

const storedKey = "kisfeed.approvalKey";

/** Milliseconds. Reading a recorded day may take the gateway some seconds, more if others read too. */
const timeLimit = 10_000;
const recordingTimeLimit = 120_000;

/** The gateway requires an approval key (HTTP 401). */
export class CredentialsRequiredError extends Error {
  constructor() {
    super("credentials are needed");
  }
}

/** An unsuccessful response, with the gateway's code and detail. */
export class GatewayError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
  ) {
    super(detail);
  }
}

/**
 * The HTTP interface of the gateway that serves this page. Credentials are exchanged for an approval key, which is kept until the
 * browser's tab is closed and expires after a day; the app secret is not stored.
 */
export class Gateway {
  private approvalKey = readSession(storedKey);

  constructor(private readonly base: URL) {}

  dashboard(): Promise<DashboardPage> {
    return this.get("v1/dashboard");
  }

  status(): Promise<StatusPage> {
    return this.get("v1/status");
  }

  instruments(): Promise<InstrumentsPage> {
    return this.get(`v1/instruments?kind=${instrumentKinds.join(",")}`);
  }

  /** The current day of a key; null if the gateway has no data of it. */
  async history(trId: string, key: string): Promise<HistoryPage | null> {
    try {
      return await this.get<HistoryPage>(`v1/history/${encodeURIComponent(trId)}/${encodeURIComponent(key)}`, recordingTimeLimit);
    } catch (error) {
      if (error instanceof GatewayError && error.status === 404) return null;
      throw error;
    }
  }

  /** The recorded days; null if the gateway does not record. */
  async days(): Promise<DaysPage | null> {
    try {
      return await this.get<DaysPage>("v1/days");
    } catch (error) {
      if (error instanceof GatewayError && error.status === 404) return null;
      throw error;
    }
  }

  /** A recorded day of some keys. */
  day(date: string, keys: readonly GatewayKey[]): Promise<DayPage> {
    return this.get(`v1/days/${encodeURIComponent(date)}?${new URLSearchParams({ subscribe: textOf(keys) })}`, recordingTimeLimit);
  }

  /** Recorded items of a key. @param from A date, or the id of the item before. @param to The date before which they end. */
  records(key: GatewayKey, from: string, to: string, limit: number): Promise<RecordsPage> {
    return this.get(`v1/records?${new URLSearchParams({ subscribe: textOf([key]), from, to, limit: String(limit) })}`, recordingTimeLimit);
  }

  /** The address of a page. @param path Its path, relative to the gateway's address. */
  addressOf(path: string): string {
    return new URL(path, this.base).href;
  }

  /** Whether the gateway responds; requires no credentials. */
  async isReachable(): Promise<boolean> {
    try {
      return (await fetch(new URL("healthz", this.base), { credentials: "omit", signal: AbortSignal.timeout(10_000) })).ok;
    } catch {
      return false;
    }
  }

  /** The WebSocket address of a stream. */
  streamUrl(parameters: Readonly<Record<string, string>>): URL {
    const url = new URL("v1/stream", this.base);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    if (this.approvalKey !== null) url.searchParams.set("approval_key", this.approvalKey);
    return url;
  }

  /** Exchanges an app key and its secret for an approval key. */
  async signIn(appKey: string, appSecret: string): Promise<void> {
    const response = await fetch(new URL("oauth2/Approval", this.base), {
      method: "POST",
      headers: { "Content-Type": "application/json; charset=utf-8" },
      body: JSON.stringify({ grant_type: "client_credentials", appkey: appKey, secretkey: appSecret }),
      credentials: "omit",
      signal: AbortSignal.timeout(10_000),
    });
    const json = (await response.json().catch(() => ({}))) as { approval_key?: string; error_description?: string; error_code?: string };
    if (!response.ok || json.approval_key === undefined)
      throw new GatewayError(response.status, json.error_code ?? "", json.error_description ?? response.statusText);
    this.approvalKey = json.approval_key;
    writeSession(storedKey, this.approvalKey);
  }

  /** Exchanges the one-time code of a sign-in link for an approval key. */
  async signInByLink(code: string): Promise<void> {
    const response = await fetch(new URL("v1/signin", this.base), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ code }),
      credentials: "omit",
      signal: AbortSignal.timeout(10_000),
    });
    const json = (await response.json().catch(() => ({}))) as { approvalKey?: string; code?: string; detail?: string };
    if (!response.ok || json.approvalKey === undefined)
      throw new GatewayError(response.status, json.code ?? "", json.detail ?? response.statusText);
    this.approvalKey = json.approvalKey;
    writeSession(storedKey, this.approvalKey);
  }

  private async get<T>(path: string, limit = timeLimit): Promise<T> {
    // "omit": otherwise the browser would ask for credentials in its own dialog.
    const response = await fetch(new URL(path, this.base), {
      headers: this.approvalKey === null ? {} : { Authorization: `Bearer ${this.approvalKey}` },
      credentials: "omit",
      signal: AbortSignal.timeout(limit),
    });
    if (response.ok) return (await response.json()) as T;
    if (response.status === 401) {
      this.forget();
      throw new CredentialsRequiredError();
    }
    const body = (await response.json().catch(() => ({}))) as { code?: string; detail?: string };
    throw new GatewayError(response.status, body.code ?? "", body.detail ?? response.statusText);
  }

  private forget(): void {
    this.approvalKey = null;
    writeSession(storedKey, null);
  }
}

function textOf(keys: readonly GatewayKey[]): string {
  return keys.map(({ trId, key }) => `${trId}:${key}`).join(",");
}

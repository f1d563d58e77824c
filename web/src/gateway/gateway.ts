import { keep, recall } from "../storage/session";
import type { DashboardPage, HistoryPage, InstrumentsPage, StatusPage } from "./pages";

const storedKey = "kisfeed.approvalKey";

/** The gateway does not know who asks: an app key and secret that were issued for it are needed. */
export class CredentialsNeeded extends Error {
  constructor() {
    super("credentials are needed");
  }
}

/** An answer that is no success, with what the gateway says about it. */
export class GatewayProblem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
  ) {
    super(detail);
  }
}

/**
 * The pages of the gateway that serves this one. Who is asked for credentials exchanges them for an approval key, which is kept until the browser's tab is closed and is of no use after a day;
 * the app secret is kept nowhere.
 */
export class Gateway {
  private approvalKey = recall(storedKey);

  constructor(private readonly base: URL) {}

  dashboard(): Promise<DashboardPage> {
    return this.get("v1/dashboard");
  }

  status(): Promise<StatusPage> {
    return this.get("v1/status");
  }

  instruments(): Promise<InstrumentsPage> {
    return this.get("v1/instruments");
  }

  /** What has happened to a key today; null where the gateway has nothing of it. */
  async history(trId: string, key: string): Promise<HistoryPage | null> {
    try {
      return await this.get<HistoryPage>(`v1/history/${encodeURIComponent(trId)}/${encodeURIComponent(key)}`);
    } catch (error) {
      if (error instanceof GatewayProblem && error.status === 404) return null;
      throw error;
    }
  }

  /** Whether the gateway can be reached and answers at all, whoever asks. */
  async answers(): Promise<boolean> {
    try {
      return (await fetch(new URL("healthz", this.base), { credentials: "omit", signal: AbortSignal.timeout(10_000) })).ok;
    } catch {
      return false;
    }
  }

  /** The address of a stream, over a WebSocket. */
  streamUrl(parameters: Readonly<Record<string, string>>): URL {
    const url = new URL("v1/stream", this.base);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    if (this.approvalKey !== null) url.searchParams.set("approval_key", this.approvalKey);
    return url;
  }

  /** Exchanges an app key and its secret for an approval key. */
  async signIn(appKey: string, appSecret: string): Promise<void> {
    const answer = await fetch(new URL("oauth2/Approval", this.base), {
      method: "POST",
      headers: { "Content-Type": "application/json; charset=utf-8" },
      body: JSON.stringify({ grant_type: "client_credentials", appkey: appKey, secretkey: appSecret }),
      credentials: "omit",
      signal: AbortSignal.timeout(10_000),
    });
    const json = (await answer.json().catch(() => ({}))) as { approval_key?: string; error_description?: string; error_code?: string };
    if (!answer.ok || json.approval_key === undefined) throw new GatewayProblem(answer.status, json.error_code ?? "", json.error_description ?? answer.statusText);
    this.approvalKey = json.approval_key;
    keep(storedKey, this.approvalKey);
  }

  /** Exchanges the one-time code of a sign-in link for an approval key. */
  async signInByLink(code: string): Promise<void> {
    const answer = await fetch(new URL("v1/signin", this.base), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ code }),
      credentials: "omit",
      signal: AbortSignal.timeout(10_000),
    });
    const json = (await answer.json().catch(() => ({}))) as { approvalKey?: string; code?: string; detail?: string };
    if (!answer.ok || json.approvalKey === undefined) throw new GatewayProblem(answer.status, json.code ?? "", json.detail ?? answer.statusText);
    this.approvalKey = json.approvalKey;
    keep(storedKey, this.approvalKey);
  }

  private async get<T>(path: string): Promise<T> {
    // Without credentials of the browser's own, which would ask for them in a window of its own.
    const answer = await fetch(new URL(path, this.base), {
      headers: this.approvalKey === null ? {} : { Authorization: `Bearer ${this.approvalKey}` },
      credentials: "omit",
      signal: AbortSignal.timeout(10_000),
    });
    if (answer.ok) return (await answer.json()) as T;
    if (answer.status === 401) {
      this.forget();
      throw new CredentialsNeeded();
    }
    const problem = (await answer.json().catch(() => ({}))) as { code?: string; detail?: string };
    throw new GatewayProblem(answer.status, problem.code ?? "", problem.detail ?? answer.statusText);
  }

  private forget(): void {
    this.approvalKey = null;
    keep(storedKey, null);
  }
}

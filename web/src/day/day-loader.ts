import { CredentialsRequiredError, GatewayError, type Gateway } from "../gateway/gateway";
import { itemOf, type Item } from "../gateway/items";
import type { GatewayKey, RecordedKeyDay } from "../gateway/pages";
import { feedOf, targetOf } from "../watch/target";
import { addDays } from "./shown-day";

/** Keys of one request: the gateway reads their feeds once for all of them. */
const keysPerRequest = 40;
const retryDelay = 1_000;
const maxAttempts = 3;

/** Bounds on the notices of a day. */
const noticesPerPage = 1_000;
const maxPages = 50;

/** Why a day cannot be shown. */
export type DayProblem = { readonly kind: "noHistory" | "notRecorded" } | { readonly kind: "failed"; readonly reason: string };

export interface DayListener {
  onDay(day: RecordedKeyDay): void;
  /** An order notice of the day. */
  onItem(item: Item): void;
  /** Everything requested so far is loaded. */
  onLoaded(): void;
  onProblem(problem: DayProblem): void;
  onCredentialsRequired(): void;
}

/** Loads a recorded day of keys, each once, one request at a time. */
export class DayLoader {
  private readonly requested = new Set<string>();
  private readonly waiting: GatewayKey[] = [];
  private isRunning = false;

  constructor(
    private readonly gateway: Gateway,
    private readonly date: string,
    private readonly listener: DayListener,
  ) {}

  /** Loads the keys that have not been requested before. */
  load(keys: readonly GatewayKey[]): void {
    for (const key of keys) {
      const target = targetOf(key.trId, key.key);
      if (this.requested.has(target)) continue;
      this.requested.add(target);
      this.waiting.push(key);
    }
    if (this.waiting.length > 0 && !this.isRunning) void this.run();
  }

  /** The key is no longer shown: a later request loads it again. */
  forget(target: string): void {
    this.requested.delete(target);
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    try {
      while (this.waiting.length > 0) {
        const notice = this.waiting.findIndex(({ trId }) => feedOf(trId) === "notice");
        if (notice >= 0) await this.loadNotices(this.waiting.splice(notice, 1)[0]!);
        else await this.loadDay(this.waiting.splice(0, keysPerRequest));
      }
      this.listener.onLoaded();
    } catch (error) {
      this.waiting.length = 0;
      this.requested.clear();
      if (error instanceof CredentialsRequiredError) this.listener.onCredentialsRequired();
      else this.listener.onProblem(problemOf(error));
    } finally {
      this.isRunning = false;
    }
  }

  private async loadDay(keys: readonly GatewayKey[]): Promise<void> {
    const { keys: days } = await this.retry(() => this.gateway.day(this.date, keys));
    for (const day of days) if (this.requested.has(targetOf(day.trId, day.key))) this.listener.onDay(day);
  }

  private async loadNotices(key: GatewayKey): Promise<void> {
    let from = this.date;
    for (let page = 0; page < maxPages; page++) {
      const at = from;
      const records = await this.retry(() => this.gateway.records(key, at, addDays(this.date, 1), noticesPerPage)).catch(
        (error: unknown) => {
          // Order notices may be recorded or not, independent of the rest.
          if (error instanceof GatewayError && error.status === 404) return null;
          throw error;
        },
      );
      if (records === null) return;
      for (const item of records.items) this.listener.onItem(itemOf(item));
      if (!records.more || records.next === null) return;
      from = records.next;
    }
  }

  private async retry<T>(request: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await request();
      } catch (error) {
        const isFinal =
          error instanceof CredentialsRequiredError || (error instanceof GatewayError && error.status < 500 && error.status !== 429);
        if (isFinal || attempt === maxAttempts) throw error;
        await new Promise((resolve) => setTimeout(resolve, retryDelay));
      }
    }
  }
}

function problemOf(error: unknown): DayProblem {
  if (error instanceof GatewayError && error.code === "noHistory") return { kind: "noHistory" };
  if (error instanceof GatewayError && error.code === "dayNotRecorded") return { kind: "notRecorded" };
  return { kind: "failed", reason: error instanceof Error ? error.message : String(error) };
}

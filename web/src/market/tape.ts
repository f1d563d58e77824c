import type { StockTradeRecord } from "../gateway/stock-records";
import { marketSeconds } from "./market-time";

/** What a tape shows between its trades. */
export type TapeEvent =
  | { readonly kind: "gap"; to: number | null; readonly reason: string; missedVolume: number | null; readonly isOwn: boolean }
  | { readonly kind: "vi"; readonly isActive: boolean }
  | { readonly kind: "halt"; readonly isActive: boolean; readonly reason: string | null }
  | { readonly kind: "operation"; readonly code: string };

/** A trade, or an event that happened between two trades. */
export interface TapeLine {
  /** Increases by one with each line. */
  readonly number: number;
  /** The exchange time; null if it is not known. */
  readonly time: number | null;
  readonly trade: StockTradeRecord | null;
  readonly event: TapeEvent | null;
}

/** The newest trades of a stock (time and sales), with gaps and interruptions in their places. */
export class Tape {
  private lines: TapeLine[] = [];
  private count = 0;
  private changes = 0;

  constructor(private readonly capacity = 200) {}

  /** Oldest first. */
  get all(): readonly TapeLine[] {
    return this.lines;
  }

  /** Changes with every change of a line. */
  get revision(): number {
    return this.changes;
  }

  get openGap(): (TapeEvent & { readonly kind: "gap" }) | null {
    const event = this.lines.findLast((line) => line.event?.kind === "gap")?.event;
    return event?.kind === "gap" && event.to === null ? event : null;
  }

  addTrade(time: number | null, trade: StockTradeRecord): void {
    this.add({ time, trade, event: null });
  }

  addEvent(time: number | null, event: TapeEvent): void {
    this.add({ time, trade: null, event });
  }

  /** Begins a gap after the newest line, or says more of the one that lasts. */
  beginGap(time: number | null, reason: string, isOwn: boolean, missedVolume: number | null = null): void {
    const open = this.openGap;
    if (open !== null && (isOwn || !open.isOwn)) {
      open.missedVolume ??= missedVolume;
      this.changes++;
    } else if (open !== null) {
      const at = this.lines.findIndex((line) => line.event === open);
      this.lines[at] = { ...this.lines[at]!, event: { kind: "gap", to: null, reason, missedVolume, isOwn } };
      this.changes++;
    } else if (this.lines.length > 0) {
      this.addEvent(time, { kind: "gap", to: null, reason, missedVolume, isOwn }); // Before the first trade there is nothing to miss.
    }
  }

  /** @param missedVolume What was missed, if the gap does not know it. */
  endGap(to: number | null, missedVolume: number | null = null): void {
    const open = this.openGap;
    if (open === null || to === null) return;
    open.to = to;
    open.missedVolume ??= missedVolume;
    this.changes++;
  }

  /** Nothing was missed while this page had no connection. */
  cancelOwnGap(): void {
    const open = this.openGap;
    if (open?.isOwn !== true) return;
    this.lines = this.lines.filter((line) => line.event !== open);
    this.changes++;
  }

  /** Inserts trades that were received before the first one. */
  insertPast(trades: readonly StockTradeRecord[]): void {
    const room = Math.max(0, this.capacity - this.lines.length);
    const past = trades.slice(Math.max(0, trades.length - room));
    const first = this.lines[0]?.number ?? 1;
    this.lines.unshift(
      ...past.map((trade, i) => ({ number: first - past.length + i, time: marketSeconds(trade.timestamp), trade, event: null })),
    );
    this.changes++;
  }

  private add(line: Omit<TapeLine, "number">): void {
    this.lines.push({ number: ++this.count, ...line });
    if (this.lines.length > this.capacity) this.lines.shift();
    this.changes++;
  }
}

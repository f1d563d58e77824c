import type { HistoryGap } from "../gateway/pages";
import { marketSeconds } from "./market-time";

/** A stretch of exchange time in which data are missing, or may be. */
export interface Span {
  /** The last record before. */
  readonly from: number;
  /** The first record behind; null while there is none. */
  to: number | null;
  readonly reason: string;
  /** It is this page's own connection that is lost: whether anything is missing will show when it is back. */
  readonly isOwn: boolean;
}

/** Stretches kept of one key. A feed that breaks more often has worse trouble than a list that is cut. */
const most = 200;

/** Where data of one key are missing. */
export class Gaps {
  private readonly spans: Span[] = [];
  private changes = 0;

  get all(): readonly Span[] {
    return this.spans;
  }

  get revision(): number {
    return this.changes;
  }

  /** The one that goes on. */
  get open(): Span | undefined {
    const last = this.spans.at(-1);
    return last?.to === null ? last : undefined;
  }

  /** Data are missing from the last record on. */
  begin(from: number, reason: string, isOwn = false): void {
    const open = this.open;
    if (open !== undefined) {
      // What the gateway says goes before what this page suspects.
      if (!open.isOwn || isOwn) return;
      this.spans.pop();
    }
    this.spans.push({ from, to: null, reason, isOwn });
    if (this.spans.length > most) this.spans.shift();
    this.changes++;
  }

  /** A record has come. */
  end(to: number): void {
    const open = this.open;
    if (open === undefined) return;
    open.to = Math.max(to, open.from);
    this.changes++;
  }

  /** Nothing was missing while this page had no connection. */
  withdrawOwn(): boolean {
    if (this.open?.isOwn !== true) return false;
    this.spans.pop();
    this.changes++;
    return true;
  }

  /** Puts in those of before. */
  seed(history: readonly HistoryGap[]): void {
    const live = [...this.spans];
    for (const gap of history) {
      const from = marketSeconds(gap.from);
      const to = marketSeconds(gap.to);
      // One that goes on is told by the stream as well, which will say too when it ends.
      if (from === null || to === null || live.some((span) => span.from <= to && (span.to === null || span.to >= from))) continue;
      this.spans.push({ from, to, reason: gap.reason, isOwn: false });
    }
    this.spans.sort((a, b) => a.from - b.from || (a.to ?? Infinity) - (b.to ?? Infinity));
    this.spans.splice(0, Math.max(0, this.spans.length - most));
    this.changes++;
  }

  clear(): void {
    this.spans.length = 0;
    this.changes++;
  }
}

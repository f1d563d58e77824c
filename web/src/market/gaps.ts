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
  /** What each value was on its edges, where a history says so. */
  readonly before?: Readonly<Record<string, number>>;
  readonly after?: Readonly<Record<string, number>>;
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
      // What the gateway says goes before what this page suspects, but cannot make the stretch shorter: other keys may have gone on already.
      if (!open.isOwn || isOwn) return;
      this.spans.pop();
    }
    this.spans.push({ from: Math.min(from, open?.from ?? from), to: null, reason, isOwn });
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

  /**
   * Puts in those of before, which begin no later than the newest record.
   * @param firstBehind When the first record behind a moment came here; null where none has. One that goes on for the gateway may have ended here.
   */
  seed(history: readonly HistoryGap[], firstBehind: (moment: number) => number | null): void {
    for (const gap of history) {
      const from = marketSeconds(gap.from);
      if (from === null) continue;
      const to = marketSeconds(gap.to) ?? firstBehind(from);
      // One that begins where another ends is another.
      const same = this.spans.filter((span) => span.from === from || (span.from < (to ?? Infinity) && (span.to ?? Infinity) > from));
      // One that ended where it began was ended by the record before it, which came once more.
      if (same.some((span) => span.to !== span.from)) continue;
      for (const span of same) this.spans.splice(this.spans.indexOf(span), 1);
      this.spans.push({ from, to, reason: gap.reason, isOwn: false, before: gap.before, after: gap.after });
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

import type { HistoryGap } from "../gateway/pages";
import { marketSeconds } from "./market-time";

/** A period of exchange time in which data are missing, or may be. */
export interface Span {
  /** The time of the last record before it. */
  readonly from: number;
  /** The time of the first record after it; null while it is open. */
  to: number | null;
  readonly reason: string;
  /** This page's own connection was lost; whether data are missing is known once it is back. */
  readonly isOwn: boolean;
  /** The values at its edges, if it comes from a history. */
  readonly before?: Readonly<Record<string, number>>;
  readonly after?: Readonly<Record<string, number>>;
}

/** The periods that are in any of the spans, in order and without overlaps: each is shaded once. */
export function mergeSpans(spans: readonly Pick<Span, "from" | "to">[]): readonly { readonly from: number; readonly to: number | null }[] {
  const merged: { from: number; to: number | null }[] = [];
  for (const { from, to } of [...spans].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last === undefined || (last.to !== null && from > last.to)) merged.push({ from, to });
    else if (last.to !== null) last.to = to === null ? null : Math.max(last.to, to);
  }
  return merged;
}

/** Spans kept for one key; older ones are dropped. */
const maxSpans = 200;

/** The gaps of one key. */
export class Gaps {
  private readonly spans: Span[] = [];
  private changes = 0;

  get all(): readonly Span[] {
    return this.spans;
  }

  get revision(): number {
    return this.changes;
  }

  /** The gap that has not ended yet. */
  get open(): Span | undefined {
    const last = this.spans.at(-1);
    return last?.to === null ? last : undefined;
  }

  /** Opens a gap after the last record. */
  begin(from: number, reason: string, isOwn = false): void {
    const open = this.open;
    if (open !== undefined) {
      // The gateway's gap replaces one of the page's own, but must not shorten it: other keys may have resumed already.
      if (!open.isOwn || isOwn) return;
      this.spans.pop();
    }
    this.spans.push({ from: Math.min(from, open?.from ?? from), to: null, reason, isOwn });
    if (this.spans.length > maxSpans) this.spans.shift();
    this.changes++;
  }

  /** Closes the open gap: a record has arrived. */
  end(to: number): void {
    const open = this.open;
    if (open === undefined) return;
    open.to = Math.max(to, open.from);
    this.changes++;
  }

  /** Nothing was missing while this page had no connection. */
  cancelOwn(): boolean {
    if (this.open?.isOwn !== true) return false;
    this.spans.pop();
    this.changes++;
    return true;
  }

  /**
   * Inserts the gaps of a history, which begin no later than the newest record.
   * @param firstAfter The time of the first record after a moment; null if there is none. A gap that was open in the history may have
   *   ended here.
   */
  seed(history: readonly HistoryGap[], firstAfter: (moment: number) => number | null): void {
    for (const gap of history) {
      const from = marketSeconds(gap.from);
      if (from === null) continue;
      const to = marketSeconds(gap.to) ?? firstAfter(from);
      // Adjacent gaps stay separate.
      const overlapping = this.spans.filter((span) => span.from === from || (span.from < (to ?? Infinity) && (span.to ?? Infinity) > from));
      // A gap that ended where it began was closed by a repetition of the record before it.
      if (overlapping.some((span) => span.to !== span.from)) continue;
      for (const span of overlapping) this.spans.splice(this.spans.indexOf(span), 1);
      this.spans.push({ from, to, reason: gap.reason, isOwn: false, before: gap.before, after: gap.after });
    }
    this.spans.sort((a, b) => a.from - b.from || (a.to ?? Infinity) - (b.to ?? Infinity));
    this.spans.splice(0, Math.max(0, this.spans.length - maxSpans));
    this.changes++;
  }

  clear(): void {
    this.spans.length = 0;
    this.changes++;
  }
}

import type { HistoryBar } from "../gateway/pages";
import { marketSeconds } from "./market-time";

export interface MinuteBar {
  /** The start of the minute. */
  readonly time: number;
  readonly open: number;
  high: number;
  low: number;
  close: number;
}

const minute = 60;

/** The one-minute bars of a day: at most 1,440. */
export class MinuteBars {
  private readonly bars: MinuteBar[] = [];
  private changes = 0;

  get all(): readonly MinuteBar[] {
    return this.bars;
  }

  /** Changes whenever anything but the last bar does. */
  get revision(): number {
    return this.changes;
  }

  /**
   * @param isLate Whether a later value has arrived already: a late value may be the high or low of its minute, but not its close.
   * @param before The value before this one, of a value that grows with each record: what a minute added is its high minus its low.
   */
  add(time: number, value: number, isLate = false, before = value): void {
    const start = time - (time % minute);
    const last = this.bars.at(-1);
    if (last === undefined || start > last.time) this.bars.push({ time: start, open: before, high: value, low: before, close: value });
    else if (start === last.time) extend(last, value, before, !isLate);
    else this.addLate(start, value, before);
  }

  /** Merges the bars of a history. */
  seed(history: readonly HistoryBar[]): void {
    const known = new Map(this.bars.map((bar) => [bar.time, bar]));
    history.forEach(({ start, open, high, low, close }, i) => {
      const time = marketSeconds(start);
      if (time === null) return;
      const bar = known.get(time);
      // The history is complete for past minutes, but this page may have newer values of the last one.
      const isOver = i < history.length - 1;
      known.set(time, {
        time,
        open,
        high: Math.max(high, bar?.high ?? high),
        low: Math.min(low, bar?.low ?? low),
        close: isOver ? close : (bar?.close ?? close),
      });
    });
    this.bars.splice(0, this.bars.length, ...[...known.values()].sort((a, b) => a.time - b.time));
    this.changes++;
  }

  clear(): void {
    this.bars.length = 0;
    this.changes++;
  }

  private addLate(start: number, value: number, before: number): void {
    const bar = this.bars.findLast((candidate) => candidate.time <= start);
    if (bar?.time !== start) return;
    extend(bar, value, before, false);
    this.changes++;
  }
}

function extend(bar: MinuteBar, value: number, before: number, isLast: boolean): void {
  bar.high = Math.max(bar.high, value);
  bar.low = Math.min(bar.low, before);
  if (isLast) bar.close = value;
}

import type { HistoryBar } from "../gateway/pages";
import type { Span } from "./gaps";
import { marketSeconds } from "./market-time";
import { MinuteBars } from "./minute-bars";
import { ThinnedLine } from "./thinned-line";

/** The course of one value over a day: as a line, and as minutes. */
export class Course {
  readonly line: ThinnedLine;
  readonly bars = new MinuteBars();

  constructor(points: number) {
    this.line = new ThinnedLine(points);
  }

  /** @param isLate Whether something later has come before. */
  add(time: number, value: number, isLate: boolean): void {
    if (!isLate) this.line.add(time, value);
    this.bars.add(time, value, isLate);
  }

  /** Puts in what happened before. A minute is drawn from its open at its beginning to its close at its end, or as far as data go in it. */
  seed(history: readonly HistoryBar[], spans: readonly Span[]): void {
    this.bars.seed(history);
    const points = history.flatMap((bar, i) => {
      const start = marketSeconds(bar.start);
      if (start === null) return [];
      const end = start + 59;
      const before = spans.find((span) => span.from < start && span.to !== null && span.to >= start && span.to <= end);
      const behind = spans.find((span) => span.from >= start && span.from <= end && (span.to === null || span.to > end));
      const open = { time: before?.to ?? start, value: bar.open };
      // Where in the newest minute its close stands only the records say that come now.
      return i === history.length - 1 && behind === undefined ? [open] : [open, { time: behind?.from ?? end, value: bar.close }];
    });
    this.line.seed(
      points,
      spans.map((span) => span.from),
    );
    if (spans.at(-1)?.to === null) this.line.break();
  }

  clear(): void {
    this.line.clear();
    this.bars.clear();
  }
}

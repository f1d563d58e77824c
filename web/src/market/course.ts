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

  add(time: number, value: number): void {
    this.line.add(time, value);
    this.bars.add(time, value);
  }

  /** Puts in what happened before. A minute's close is drawn at its end, or where data were lost in it. */
  seed(history: readonly HistoryBar[], spans: readonly Span[]): void {
    this.bars.seed(history);
    // The newest minute goes on: where in it its close stands, only the records say that come now.
    const points = history.slice(0, -1).flatMap((bar) => {
      const start = marketSeconds(bar.start);
      if (start === null) return [];
      const end = start + 59;
      const lost = spans.find((span) => span.from >= start && span.from <= end && (span.to === null || span.to > end));
      return [
        { time: start, value: bar.open },
        { time: lost?.from ?? end, value: bar.close },
      ];
    });
    this.line.seed(
      points,
      spans.map((span) => span.from),
    );
  }

  clear(): void {
    this.line.clear();
    this.bars.clear();
  }
}

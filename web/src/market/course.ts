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

  /**
   * Puts in what happened before. A minute is drawn from its open at its beginning to its close at its end; on the edges of a stretch without data stands what was known there.
   * @param name What the value is called on those edges.
   */
  seed(name: string, history: readonly HistoryBar[], spans: readonly Span[]): void {
    this.bars.seed(history);
    const points = [...history.flatMap((bar, i) => pointsOf(bar, spans, i === history.length - 1)), ...spans.flatMap((span) => edgesOf(span, name))];
    points.sort((a, b) => a.time - b.time);
    // A gap within a second leaves no time without data: a line that was interrupted there would stay so up to the next point, which may be the end of the minute.
    this.line.seed(
      points,
      spans.filter(({ from, to }) => to === null || to > from).map(({ from }) => from),
    );
    if (spans.at(-1)?.to === null) this.line.break();
  }

  clear(): void {
    this.line.clear();
    this.bars.clear();
  }
}

interface Point {
  readonly time: number;
  readonly value: number;
}

function pointsOf(bar: HistoryBar, spans: readonly Span[], isNewest: boolean): readonly Point[] {
  const start = marketSeconds(bar.start);
  if (start === null) return [];
  const end = start + 59;
  const before = spans.find((span) => span.from < start && (span.to === null || span.to > start));
  const behind = spans.find((span) => span.from >= start && span.from <= end && (span.to === null || span.to > end));
  const open = before === undefined ? start : before.to;
  // Where in the newest minute its close stands only the records say that come now.
  const close = behind === undefined ? (isNewest ? null : end) : behind.from;
  return [...(open === null || open > end ? [] : [{ time: open, value: bar.open }]), ...(close === null ? [] : [{ time: close, value: bar.close }])];
}

function edgesOf({ from, to, before, after }: Span, name: string): readonly Point[] {
  const [last, first] = [before?.[name], after?.[name]];
  return [...(last === undefined ? [] : [{ time: from, value: last }]), ...(to === null || first === undefined ? [] : [{ time: to, value: first }])];
}

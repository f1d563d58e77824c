import type { HistoryBar } from "../gateway/pages";
import type { Span } from "./gaps";
import { marketSeconds } from "./market-time";
import { MinuteBars } from "./minute-bars";
import { DownsampledLine } from "./downsampled-line";

/** One value over the day, as a line and as one-minute bars. */
export class ValueSeries {
  readonly line: DownsampledLine;
  readonly bars = new MinuteBars();

  constructor(maxPoints: number) {
    this.line = new DownsampledLine(maxPoints);
  }

  /**
   * @param isLate Whether a record with a later time has arrived already.
   * @param before The value before the record, of a value that grows with each.
   */
  add(time: number, value: number, isLate: boolean, before = value): void {
    if (!isLate) this.line.add(time, value);
    this.bars.add(time, value, isLate, before);
  }

  /**
   * Inserts the history. In each minute the line goes from the open over the low and the high to the close; at the edges of a gap it has
   * the values known there.
   * @param name The name of this value in those edges.
   */
  seed(name: string, bars: readonly HistoryBar[], spans: readonly Span[]): void {
    this.bars.seed(bars);
    const points = [
      ...bars.flatMap((bar, i) => pointsOf(bar, spans, i === bars.length - 1)),
      ...spans.flatMap((span) => edgesOf(span, name)),
    ];
    points.sort((a, b) => a.time - b.time);
    // A gap within one second is not a period without data: a break there would last until the next point, which may be the end of the
    // minute.
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
  const after = spans.find((span) => span.from >= start && span.from <= end && (span.to === null || span.to > end));
  const open = before === undefined ? start : before.to;
  // The newest minute is not over: its close follows from the live records.
  const close = after === undefined ? (isNewest ? null : end) : after.from;
  return [
    ...(open === null || open > end ? [] : [{ time: open, value: bar.open }, ...extremesOf(bar, open, close ?? end)]),
    ...(close === null ? [] : [{ time: close, value: bar.close }]),
  ];
}

/**
 * The low and the high of a minute between its edges. When they were is not known; a straight line instead would hide them, and show
 * values that did not occur. A minute that fell is taken to have risen first, and the other way round.
 */
function extremesOf({ open, high, low, close }: HistoryBar, from: number, to: number): readonly Point[] {
  const extremes = (close < open ? [high, low] : [low, high]).filter((value) => value !== open && value !== close);
  return extremes.map((value, i) => ({ time: from + Math.floor(((i + 1) * (to - from)) / (extremes.length + 1)), value }));
}

function edgesOf({ from, to, before, after }: Span, name: string): readonly Point[] {
  const [last, first] = [before?.[name], after?.[name]];
  return [
    ...(last === undefined ? [] : [{ time: from, value: last }]),
    ...(to === null || first === undefined ? [] : [{ time: to, value: first }]),
  ];
}

import type { AnyRecord } from "../gateway/items";
import type { HistoryPage } from "../gateway/pages";
import { ValueSeries } from "./value-series";
import { Gaps } from "./gaps";
import { LateRecordDetector, marketSeconds, newDayThreshold, startsDay } from "./market-time";

/** The values of a record that are kept over the day, by the names of the gateway's history. */
export type Values<TRecord> = Readonly<Record<string, (record: TRecord) => number | null>>;

/** The state of one key: its latest record, its values over the day, and its gaps. */
export class TrackedKey<TRecord extends AnyRecord> {
  readonly gaps = new Gaps();
  readonly series: ReadonlyMap<string, ValueSeries>;
  latest: TRecord | null = null;
  /** The exchange time of the latest record. */
  latestTime: number | null = null;
  /** Changes with each record, so that panels can detect changes. */
  count = 0;
  private readonly lateRecords = new LateRecordDetector();

  /** @param before The value before a record, of values that grow with each: the bar of a minute begins with it. */
  constructor(
    private readonly values: Values<TRecord>,
    points: number,
    private readonly before: Values<TRecord> = {},
  ) {
    this.series = new Map(Object.keys(values).map((name) => [name, new ValueSeries(points)]));
  }

  seriesOf(name: string): ValueSeries {
    return this.series.get(name)!;
  }

  add(record: TRecord): void {
    this.count++;
    // Without an own time the record has no place in the day; its receipt is on another clock than a replay's or a simulator's times.
    const time = marketSeconds(record.timestamp);
    const isLate = time !== null && this.addValues(record, time);
    if (!isLate) this.latest = record;
  }

  /**
   * Opens a gap: data are missing from now on, or may be.
   * @param at The exchange time of the latest record of any key; until then this key's records would have arrived too. 0 if not known.
   */
  beginGap(reason: string, isOwn = false, at = 0): void {
    if (this.latestTime === null) return; // Before the first record there is nothing to miss.
    const isSameDay = at > this.latestTime && at - this.latestTime < newDayThreshold;
    const isNew = this.gaps.open === undefined;
    this.gaps.begin(isSameDay ? at : this.latestTime, reason, isOwn);
    for (const series of this.series.values()) {
      if (isNew && isSameDay && !isOwn) series.line.extendTo(at);
      series.line.break();
    }
  }

  /** Removes the gap of this page's own connection, because no data were missed. */
  cancelOwnGap(): void {
    if (!this.gaps.cancelOwn()) return;
    for (const series of this.series.values()) series.line.removeBreak();
  }

  /** Inserts the history from before the page was opened. */
  seed(history: HistoryPage): void {
    // Without records there is only an older history, which this one replaces.
    if (this.latest === null) this.startDay();
    const newest = this.latestTime;
    const isOfDay = (moment: string): boolean => {
      const time = marketSeconds(moment);
      // Another day's or future times belong to a day that has ended here already.
      return time !== null && (newest === null || (time <= newest && !startsDay(newest, time)));
    };
    this.gaps.seed(
      history.gaps.filter(({ from }) => isOfDay(from)),
      (from) => this.firstAfter(from),
    );
    for (const [name, series] of this.series) {
      const bars = (history.series[name] ?? []).filter(({ start }) => isOfDay(start));
      series.seed(name, bars, this.gaps.all);
      const end = bars.at(-1);
      if (newest === null && end !== undefined) this.latestTime = Math.max(this.latestTime ?? 0, marketSeconds(end.start) ?? 0);
    }
    this.count++;
  }

  /** The time of the first value after a moment, within the resolution of the lines; null if there is none. */
  private firstAfter(moment: number): number | null {
    if (this.latestTime === null || this.latestTime <= moment) return null;
    const times = [...this.series.values()].flatMap(
      ({ line }) => line.all.find(({ time, value }) => value !== null && time > moment)?.time ?? [],
    );
    return Math.min(this.latestTime, ...times);
  }

  /** @returns Whether a record with a later time has arrived already. */
  private addValues(record: TRecord, time: number): boolean {
    if (this.latestTime !== null && (startsDay(time, this.latestTime) || this.lateRecords.restartsDay(time, this.latestTime)))
      this.startDay();
    const isLate = this.latestTime !== null && time < this.latestTime;
    if (!isLate) {
      this.gaps.end(time);
      this.latestTime = time;
    }
    for (const [name, read] of Object.entries(this.values)) {
      const value = read(record);
      if (value !== null) this.seriesOf(name).add(time, value, isLate, this.before[name]?.(record) ?? value);
    }
    return isLate;
  }

  private startDay(): void {
    this.gaps.clear();
    this.latestTime = null;
    for (const series of this.series.values()) series.clear();
  }
}

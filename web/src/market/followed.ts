import type { AnyRecord } from "../gateway/items";
import type { HistoryPage } from "../gateway/pages";
import { Course } from "./course";
import { Gaps } from "./gaps";
import { marketSeconds, newDayBehind, startsDay } from "./market-time";

/** What of a record is followed over the day, by the name that the gateway's history has for it too. */
export type Values<TRecord> = Readonly<Record<string, (record: TRecord) => number | null>>;

/** One key: what came last of it, how its values went, and where data of it are missing. */
export class Followed<TRecord extends AnyRecord> {
  readonly gaps = new Gaps();
  readonly courses: ReadonlyMap<string, Course>;
  latest: TRecord | null = null;
  /** The exchange time of the latest record. */
  latestTime: number | null = null;
  /** Counts records, so that who draws sees whether anything is new. */
  count = 0;

  constructor(
    private readonly values: Values<TRecord>,
    points: number,
  ) {
    this.courses = new Map(Object.keys(values).map((name) => [name, new Course(points)]));
  }

  course(name: string): Course {
    return this.courses.get(name)!;
  }

  take(record: TRecord): void {
    const time = marketSeconds(record.timestamp ?? record.receivedAt);
    if (time === null) return;
    if (this.latestTime !== null && startsDay(time, this.latestTime)) this.startDay();
    this.gaps.end(time);
    for (const [name, read] of Object.entries(this.values)) {
      const value = read(record);
      if (value !== null) this.course(name).add(time, value);
    }
    this.latest = record;
    this.latestTime = Math.max(time, this.latestTime ?? time);
    this.count++;
  }

  /**
   * Data are missing from here on, or may be.
   * @param at The exchange time of the latest record of any key: until then this one was heard of too, had there been anything.
   */
  miss(reason: string, at: number, isOwn = false): void {
    if (this.latestTime === null) return; // Before the first record nothing was to be had.
    const isSameDay = at > this.latestTime && at - this.latestTime < newDayBehind;
    this.gaps.begin(isSameDay ? at : this.latestTime, reason, isOwn);
    for (const course of this.courses.values()) course.line.break();
  }

  /** This page's own connection is back, and nothing was missed meanwhile. */
  missedNothing(): void {
    if (!this.gaps.withdrawOwn()) return;
    for (const course of this.courses.values()) course.line.mend();
  }

  /** Puts in what has happened before this page looked. */
  seed(history: HistoryPage): void {
    this.gaps.seed(history.gaps);
    for (const [name, course] of this.courses) course.seed(history.series[name] ?? [], this.gaps.all);
    this.count++;
  }

  private startDay(): void {
    this.gaps.clear();
    this.latestTime = null;
    for (const course of this.courses.values()) course.clear();
  }
}

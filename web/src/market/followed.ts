import type { AnyRecord } from "../gateway/items";
import type { HistoryPage } from "../gateway/pages";
import { Course } from "./course";
import { Gaps } from "./gaps";
import { Lateness, marketSeconds, newDayBehind, startsDay } from "./market-time";

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
  private readonly lateness = new Lateness();

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
    this.count++;
    // The time of receipt would be no replacement: a replay's or a simulator's clock is another one.
    const time = marketSeconds(record.timestamp);
    const isLate = time !== null && this.place(record, time);
    if (!isLate) this.latest = record;
  }

  /**
   * Data are missing from here on, or may be.
   * @param at The exchange time of the latest record of any key, where it is known: until then this one would have been heard of too.
   */
  miss(reason: string, isOwn = false, at = 0): void {
    if (this.latestTime === null) return; // Before the first record nothing was to be had.
    const isSameDay = at > this.latestTime && at - this.latestTime < newDayBehind;
    const isNew = this.gaps.open === undefined;
    this.gaps.begin(isSameDay ? at : this.latestTime, reason, isOwn);
    for (const course of this.courses.values()) {
      if (isNew && isSameDay && !isOwn) course.line.hold(at);
      course.line.break();
    }
  }

  /** This page's own connection is back, and nothing was missed meanwhile. */
  missedNothing(): void {
    if (!this.gaps.withdrawOwn()) return;
    for (const course of this.courses.values()) course.line.mend();
  }

  /** Puts in what has happened before this page looked. */
  seed(history: HistoryPage): void {
    // A page that nothing has come to has nothing but an older history.
    if (this.latest === null) this.startDay();
    const newest = this.latestTime;
    const isOfDay = (moment: string): boolean => {
      const time = marketSeconds(moment);
      // What is of another day, or lies in the future, was told before a day that has begun here already.
      return time !== null && (newest === null || (time <= newest && !startsDay(newest, time)));
    };
    this.gaps.seed(
      history.gaps.filter(({ from }) => isOfDay(from)),
      (from) => this.firstBehind(from),
    );
    for (const [name, course] of this.courses) {
      const bars = (history.series[name] ?? []).filter(({ start }) => isOfDay(start));
      course.seed(name, bars, this.gaps.all);
      const end = bars.at(-1);
      if (newest === null && end !== undefined) this.latestTime = Math.max(this.latestTime ?? 0, marketSeconds(end.start) ?? 0);
    }
    this.count++;
  }

  /** When the first record behind a moment came, as far as the lines have it; null where none has. */
  private firstBehind(moment: number): number | null {
    if (this.latestTime === null || this.latestTime <= moment) return null;
    const times = [...this.courses.values()].flatMap(({ line }) => line.all.find(({ time, value }) => value !== null && time > moment)?.time ?? []);
    return Math.min(this.latestTime, ...times);
  }

  /** @returns Whether something later has come before. */
  private place(record: TRecord, time: number): boolean {
    if (this.latestTime !== null && (startsDay(time, this.latestTime) || this.lateness.beginsAgain(time, this.latestTime))) this.startDay();
    const isLate = this.latestTime !== null && time < this.latestTime;
    if (!isLate) {
      this.gaps.end(time);
      this.latestTime = time;
    }
    for (const [name, read] of Object.entries(this.values)) {
      const value = read(record);
      if (value !== null) this.course(name).add(time, value, isLate);
    }
    return isLate;
  }

  private startDay(): void {
    this.gaps.clear();
    this.latestTime = null;
    for (const course of this.courses.values()) course.clear();
  }
}

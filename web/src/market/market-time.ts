/** Seconds that Korea is ahead of UTC. */
export const koreaOffset = 9 * 3600;
const secondsPerDay = 86_400;

/** Seconds. A record that is this much earlier than the last one starts a new day: a replay or a simulator has started over. */
export const newDayThreshold = 3600;

/**
 * Single records arrive late. A recording may be shorter than an hour, so this many consecutive records that are this many seconds earlier
 * start a new day too.
 */
const lateRecordsForNewDay = 5;
const lateThreshold = 10;

/**
 * Korean wall-clock time as Unix seconds: charts treat it as UTC and therefore show Korean time in every time zone. Null if the timestamp
 * is missing or not valid.
 */
export function marketSeconds(timestamp: string | null): number | null {
  if (timestamp === null) return null;
  const milliseconds = Date.parse(timestamp);
  return Number.isNaN(milliseconds) ? null : Math.floor(milliseconds / 1000) + koreaOffset;
}

/** Whether a record at `time` starts another day than the record before it. */
export function startsDay(time: number, before: number): boolean {
  return Math.floor(time / secondsPerDay) > Math.floor(before / secondsPerDay) || time < before - newDayThreshold;
}

/** Distinguishes late records from a day that has started over. */
export class LateRecordDetector {
  private consecutive = 0;

  /** Whether a record starts the day over, if it is of the same day as the record before it. */
  restartsDay(time: number, before: number): boolean {
    this.consecutive = time < before - lateThreshold ? this.consecutive + 1 : 0;
    if (this.consecutive < lateRecordsForNewDay) return false;
    this.consecutive = 0;
    return true;
  }
}

/** `09:04:31` */
export function clockText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(11, 19);
}

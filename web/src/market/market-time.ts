const koreaOffset = 9 * 3600;
const day = 86_400;

/** A record that is this much earlier than the last one begins a day anew: a replay that starts over, or a simulator. */
export const newDayBehind = 3600;

/** Single records come late. What was recorded may be shorter than an hour: so many in a row that are this much earlier begin it anew too. */
const lateInARow = 5;
const lateBehind = 10;

/**
 * Korea's clock as a number of seconds that counts up over days: what a chart takes for UTC, so that it shows Korea's time wherever it is looked at.
 * Null where there is no time.
 */
export function marketSeconds(timestamp: string | null): number | null {
  if (timestamp === null) return null;
  const milliseconds = Date.parse(timestamp);
  return Number.isNaN(milliseconds) ? null : Math.floor(milliseconds / 1000) + koreaOffset;
}

/** Whether a record at `time` begins another day than the one before it. */
export function startsDay(time: number, before: number): boolean {
  return Math.floor(time / day) > Math.floor(before / day) || time < before - newDayBehind;
}

/** Tells records that come late from those of a day that has begun again. */
export class Lateness {
  private inARow = 0;

  /** Whether a record begins the day anew, if it is of the same day as the one before it. */
  beginsAgain(time: number, before: number): boolean {
    this.inARow = time < before - lateBehind ? this.inARow + 1 : 0;
    if (this.inARow < lateInARow) return false;
    this.inARow = 0;
    return true;
  }
}

/** `09:04:31` */
export function clockText(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(11, 19);
}

/** The growth per second of a counter that is read occasionally, over about the last ten seconds. */
export class RateMeter {
  private readonly readings: { readonly at: number; readonly count: number }[] = [];

  constructor(private readonly span = 10_000) {}

  /** @param at Milliseconds of a monotonic clock. */
  add(at: number, count: number): void {
    // A lower counter means that the gateway was restarted.
    if (count < (this.readings.at(-1)?.count ?? 0)) this.readings.length = 0;
    this.readings.push({ at, count });
    while (this.readings.length > 2 && at - this.readings[0]!.at > this.span) this.readings.shift();
  }

  /** Discards the readings: the counter could not be read for a while. */
  clear(): void {
    this.readings.length = 0;
  }

  get perSecond(): number | null {
    const first = this.readings[0];
    const last = this.readings.at(-1);
    return first === undefined || last === undefined || last.at === first.at
      ? null
      : ((last.count - first.count) * 1000) / (last.at - first.at);
  }
}

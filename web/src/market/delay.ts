/** Beyond this the exchange's clock is another one than ours: a simulator's or a replay's, or one of them is wrong. */
const otherClock = 600;

export interface DelayReading {
  /** Half of the records came within this many seconds. */
  readonly median: number;
  /** 19 of 20 did. */
  readonly p95: number;
  /** The exchange's clock is another one: the figures are above the shortest delay that was seen, and no absolute ones. */
  readonly isRelative: boolean;
}

/** The time between a record's own and its receipt, over the last so many records. Exchange times are whole seconds, so a second more or less says nothing. */
export class DelayMeter {
  private readonly samples: Float64Array;
  private next = 0;
  private filled = 0;

  constructor(size = 512) {
    this.samples = new Float64Array(size);
  }

  add(timestamp: string | null, receivedAt: string): void {
    if (timestamp === null) return;
    const delay = (Date.parse(receivedAt) - Date.parse(timestamp)) / 1000;
    if (Number.isNaN(delay)) return;
    this.samples[this.next] = delay;
    this.next = (this.next + 1) % this.samples.length;
    this.filled = Math.min(this.filled + 1, this.samples.length);
  }

  read(): DelayReading | null {
    if (this.filled === 0) return null;
    const sorted = this.samples.slice(0, this.filled).sort();
    const at = (share: number): number => sorted[Math.min(this.filled - 1, Math.floor(share * this.filled))]!;
    const isRelative = Math.abs(at(0.5)) > otherClock;
    const least = isRelative ? sorted[0]! : 0;
    return { median: at(0.5) - least, p95: at(0.95) - least, isRelative };
  }
}

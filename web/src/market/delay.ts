/**
 * Seconds. Beyond this, the exchange's clock is taken to differ from ours: that of a simulator or a replay, or one of the clocks is wrong.
 */
const clockDifferenceLimit = 600;

export interface DelayReading {
  /** Seconds. */
  readonly median: number;
  /** Seconds. */
  readonly p95: number;
  /** The exchange's clock differs from ours, so the shortest delay seen has been subtracted. */
  readonly isRelative: boolean;
}

/**
 * The time between a record's own time and its receipt, over the newest records. Exchange times are whole seconds, so the resolution is
 * one second.
 */
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
    const isRelative = Math.abs(at(0.5)) > clockDifferenceLimit;
    const shortest = isRelative ? sorted[0]! : 0;
    return { median: at(0.5) - shortest, p95: at(0.95) - shortest, isRelative };
  }
}

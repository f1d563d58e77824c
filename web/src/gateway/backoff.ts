/** The delay before the next attempt: doubles up to a limit, plus up to 50 % at random, so that many pages do not reconnect at once. */
export class Backoff {
  private failures = 0;

  constructor(
    private readonly initialMs = 500,
    private readonly maxMs = 10_000,
    private readonly random: () => number = Math.random,
  ) {}

  /** Returns the delay in milliseconds. */
  next(): number {
    const delay = Math.min(this.maxMs, this.initialMs * 2 ** this.failures);
    this.failures++;
    return delay * (1 + this.random() / 2);
  }

  reset(): void {
    this.failures = 0;
  }
}

/** How long to wait before the next attempt: twice as long each time up to a limit, and up to half as much again by chance, so that many pages do not come back at once. */
export class Backoff {
  private failures = 0;

  constructor(
    private readonly first = 500,
    private readonly most = 10_000,
    private readonly random: () => number = Math.random,
  ) {}

  /** Milliseconds. */
  next(): number {
    const delay = Math.min(this.most, this.first * 2 ** this.failures);
    this.failures++;
    return delay * (1 + this.random() / 2);
  }

  reset(): void {
    this.failures = 0;
  }
}

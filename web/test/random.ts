/** A seeded pseudorandom generator (mulberry32). */
export class Random {
  constructor(private state: number) {}

  /** From 0 (inclusive) to 1 (exclusive). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t ^= t + Math.imul(t ^ (t >>> 7), 61 | t);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  /** From `min` to `max`, both inclusive. */
  whole(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  /** @param probability From 0 to 1. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }
}

/** Runs a check for many seeds and reports the seed that fails. */
export function forSeeds(count: number, check: (random: Random) => void): void {
  for (let seed = 1; seed <= count; seed++) {
    try {
      check(new Random(seed));
    } catch (error) {
      throw new Error(`failed with seed ${seed}`, { cause: error });
    }
  }
}

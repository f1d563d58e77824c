import type { Gap } from "../gateway/items";

/** A gap as it was told, for the list of them. */
export interface GapLine {
  readonly number: number;
  readonly gap: Gap;
}

/** The newest gaps of all keys. */
export class GapLog {
  private readonly lines: GapLine[] = [];
  private count = 0;

  constructor(private readonly most = 30) {}

  /** Newest first. */
  get all(): readonly GapLine[] {
    return this.lines;
  }

  get total(): number {
    return this.count;
  }

  take(gap: Gap): void {
    this.count++;
    this.lines.unshift({ number: this.count, gap });
    if (this.lines.length > this.most) this.lines.pop();
  }
}

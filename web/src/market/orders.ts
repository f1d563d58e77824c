import type { OrderRecord } from "../gateway/items";

export type OrderEvent = "accepted" | "confirmed" | "cancelled" | "filled" | "rejected" | "other";

export interface OrderLine {
  /** Increases by one with each notice. */
  readonly number: number;
  readonly record: OrderRecord;
  readonly event: OrderEvent;
}

export function eventOf(record: OrderRecord): OrderEvent {
  if (record.refusal !== null && record.refusal !== "none") return "rejected";
  if (record.kind === "fill") return "filled";
  switch (record.acceptance) {
    case "accepted":
    case "confirmed":
    case "cancelled":
      return record.acceptance;
    default:
      return "other";
  }
}

/** Masks all but the last two characters of an account number. */
export function maskAccount(account: string | null): string {
  if (account === null) return "";
  const shown = account.length > 4 ? account.slice(-2) : "";
  return "•".repeat(account.length - shown.length) + shown;
}

/** The newest order notices. */
export class Orders {
  private readonly lines: OrderLine[] = [];
  private count = 0;

  constructor(private readonly capacity = 100) {}

  /** Newest first. */
  get all(): readonly OrderLine[] {
    return this.lines;
  }

  get total(): number {
    return this.count;
  }

  clear(): void {
    this.lines.length = 0;
  }

  add(record: OrderRecord): void {
    this.count++;
    this.lines.unshift({ number: this.count, record, event: eventOf(record) });
    if (this.lines.length > this.capacity) this.lines.pop();
  }
}

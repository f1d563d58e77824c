import type { AnyRecord } from "../gateway/items";
import { targetOf } from "../watch/target";
import { isFulfilled, type AlertRule } from "./alert-rule";
import type { AlertStore } from "./alert-store";

/** Compares records with the rules. */
export class AlertWatch {
  /** The stocks in a VI that has rung, by target. */
  private readonly interruptedStocks = new Set<string>();

  constructor(
    private readonly store: AlertStore,
    private readonly onFired: (rule: AlertRule, record: AnyRecord) => void,
    private readonly now: () => number = Date.now,
  ) {}

  onRecord(record: AnyRecord): void {
    for (const rule of this.store.rules) {
      const fulfilled = isFulfilled(rule, record);
      if (fulfilled === null || !this.rings(rule, fulfilled)) continue;
      this.store.setFired(rule, this.now());
      this.onFired(rule, record);
    }
  }

  private rings(rule: AlertRule, isFulfilled: boolean): boolean {
    if (rule.kind !== "vi") return isFulfilled && rule.firedAt === null;
    const stock = targetOf(rule.trId, rule.key);
    if (!isFulfilled) return this.interruptedStocks.delete(stock) && false;
    if (this.interruptedStocks.has(stock)) return false;
    this.interruptedStocks.add(stock);
    return true;
  }
}

import type { AnyRecord } from "../gateway/items";
import type { GatewayKey } from "../gateway/pages";
import { isInVolatilityInterruption } from "../market/trading-state";
import { feedOf, trIdOf, type Feed } from "../watch/target";

export const alertKinds = ["above", "below", "change", "vi"] as const;

export type AlertKind = (typeof alertKinds)[number];

/** A condition on the records of one key. */
export interface AlertRule extends GatewayKey {
  readonly kind: AlertKind;
  /** A price, or a change in percent without its sign; null for a VI. */
  readonly value: number | null;
  /** When it rang, as Unix milliseconds. It rings once; null while it waits. A VI rings each time. */
  readonly firedAt: number | null;
}

/** The feeds that report a VI of a stock, by the feed of its trades. */
const statusFeeds: Readonly<Partial<Record<Feed, Feed>>> = { trade: "status", "trade-krx": "status-krx" };

export function isSameRule(a: AlertRule, b: AlertRule): boolean {
  return a.trId === b.trId && a.key === b.key && a.kind === b.kind && a.value === b.value;
}

/** Whether records of a feed can have a VI. */
export function hasVolatilityInterruptions(trId: string): boolean {
  return statusFeeds[feedOf(trId)!] !== undefined;
}

/** The keys whose records a rule needs. */
export function keysOf({ trId, key, kind }: AlertRule): readonly GatewayKey[] {
  const status = statusFeeds[feedOf(trId)!];
  return kind === "vi" && status !== undefined
    ? [
        { trId, key },
        { trId: trIdOf(status), key },
      ]
    : [{ trId, key }];
}

/** Whether a record fulfils a rule; null if it says nothing about it. */
export function isFulfilled(rule: AlertRule, record: AnyRecord): boolean | null {
  if (!keysOf(rule).some(({ trId, key }) => trId === record.trId && key === record.key)) return null;
  if (rule.kind === "vi") return "viCode" in record || "tradeStrength" in record ? isInVolatilityInterruption(record) : null;
  const read = rule.kind === "change" ? "changeRate" : "price";
  const value = read in record ? (record as unknown as Readonly<Record<string, number | null>>)[read] : null;
  if (value === null || value === undefined || rule.value === null) return null;
  switch (rule.kind) {
    case "above":
      return value >= rule.value;
    case "below":
      return value <= rule.value;
    case "change":
      return Math.abs(value) >= rule.value;
  }
}

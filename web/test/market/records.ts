import type { BondRecord, IndexRecord, OrderRecord, ProgramRecord } from "../../src/gateway/items";

/** A timestamp in Korean time, from `09:04:31`. */
export const at = (clock: string, date = "2026-11-23"): string => `${date}T${clock}+09:00`;

/** The same time in market seconds. */
export const secondsAt = (clock: string, date = "2026-11-23"): number => Date.parse(`${date}T${clock}Z`) / 1000;

const base = (trId: string, key: string, timestamp: string | null) => ({ trId, key, timestamp, receivedAt: timestamp ?? at("23:00:00") });

export function indexRecord(timestamp: string | null, price: number | null, key = "0001"): IndexRecord {
  const none = null;
  return {
    ...base("H0UPCNT0", key, timestamp),
    price,
    sign: none,
    change: none,
    changeRate: none,
    accumulatedVolume: none,
    accumulatedValue: none,
    open: none,
    high: none,
    low: none,
    upperLimitCount: none,
    advancingCount: none,
    unchangedCount: none,
    decliningCount: none,
    lowerLimitCount: none,
  };
}

export function bondRecord(timestamp: string | null, price: number | null, yieldRate: number | null): BondRecord {
  return {
    ...base("H0BJCNT0", "KR103502GA34", timestamp),
    name: null,
    price,
    change: null,
    changeRate: null,
    yield: yieldRate,
    volume: null,
    accumulatedVolume: null,
  };
}

export function programRecord(trId: string, timestamp: string, netValue: number): ProgramRecord {
  const none = null;
  return {
    ...base(trId, "005930", timestamp),
    sellVolume: none,
    sellValue: none,
    buyVolume: none,
    buyValue: none,
    netVolume: none,
    netValue,
    restingSellVolume: none,
    restingBuyVolume: none,
  };
}

export function orderRecord(values: Partial<OrderRecord>): OrderRecord {
  const none = null;
  return {
    ...base("H0IFCNI0", "DEMO", at("09:00:00")),
    accountNumber: none,
    orderNumber: none,
    originalOrderNumber: none,
    side: none,
    action: none,
    symbol: none,
    instrumentName: none,
    fillQuantity: none,
    fillPrice: none,
    orderQuantity: none,
    orderPrice: none,
    refusal: none,
    kind: none,
    acceptance: none,
    ...values,
  };
}

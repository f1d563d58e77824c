import type { BookRecord, ExpectedRecord, StatusRecord, StockTradeRecord } from "../../src/gateway/stock-records";
import { at } from "./records";

const code = "005930";
const base = (trId: string, timestamp: string | null) => ({ trId, key: code, timestamp, receivedAt: timestamp ?? at("23:00:00") });

export function tradeRecord(
  clock: string,
  price: number,
  volume: number,
  total: number,
  values: Partial<StockTradeRecord> = {},
): StockTradeRecord {
  return {
    ...base("H0UNCNT0", at(clock)),
    price,
    change: price - 80_000,
    changeRate: null,
    averagePrice: null,
    open: null,
    high: null,
    low: null,
    volume,
    accumulatedVolume: total,
    accumulatedValue: null,
    tradeStrength: null,
    sellVolume: null,
    buyVolume: null,
    side: "buy",
    isHalted: "no",
    phase: "regular",
    session: "regular",
    viReferencePrice: null,
    ...values,
  };
}

export function bookRecord(clock: string, phase: string, expectedPrice: number): BookRecord {
  return {
    ...base("H0UNASP0", at(clock)),
    phase,
    asks: [{ price: 80_100, quantity: 5 }],
    bids: [{ price: 80_000, quantity: 6 }],
    totalAskQuantity: 5,
    totalBidQuantity: 6,
    expectedPrice,
    expectedQuantity: 10,
    expectedChange: expectedPrice - 80_000,
    expectedChangeRate: null,
  };
}

export function expectedRecord(clock: string, price: number): ExpectedRecord {
  return { ...base("H0UNANC0", at(clock)), price, change: price - 80_000, changeRate: null, volume: 20, phase: "expectedInSession" };
}

export function statusRecord(values: Partial<StatusRecord>): StatusRecord {
  return {
    ...base("H0UNMKO0", null),
    isHalted: "no",
    haltReason: null,
    marketOperation: null,
    stockStatus: "normal",
    viCode: "no",
    afterHoursViCode: "no",
    ...values,
  };
}

import type { StatusRecord, StockTradeRecord } from "../gateway/stock-records";

/** Whether trading in a stock is interrupted for an auction because its price moved too far (VI). */
export function isInVolatilityInterruption(record: StockTradeRecord | StatusRecord): boolean {
  return "viCode" in record ? record.viCode === "yes" : record.phase === "expectedInSession";
}

export function isHalted(record: StockTradeRecord | StatusRecord): boolean {
  return record.isHalted === "yes";
}

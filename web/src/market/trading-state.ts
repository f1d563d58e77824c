import type { StatusRecord, StockRecord } from "../gateway/items";

/** Whether trading in a stock is interrupted for an auction because its price moved too far (VI). */
export function isInVolatilityInterruption(record: StockRecord | StatusRecord): boolean {
  return "viCode" in record ? record.viCode === "yes" : record.phase === "expectedInSession";
}

export function isHalted(record: StockRecord | StatusRecord): boolean {
  return record.isHalted === "yes";
}

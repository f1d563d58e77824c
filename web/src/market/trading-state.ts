import type { StatusRecord, StockTradeRecord } from "../gateway/stock-records";

/** Whether trading in a stock is interrupted for an auction because its price moved too far (VI). */
export function isInVolatilityInterruption(record: StockTradeRecord | StatusRecord): boolean {
  return "viCode" in record ? isSet(record.viCode) || isSet(record.afterHoursViCode) : record.phase === "expectedInSession";
}

export function isHalted(record: StockTradeRecord): boolean {
  return record.isHalted === "yes";
}

/** Whether a code of the kind Y or N says yes. The broker also sends other characters, which mean a kind of VI. */
export function isSet(code: string | null): boolean {
  return code !== null && !["", "no", "N", "0"].includes(code.trim());
}

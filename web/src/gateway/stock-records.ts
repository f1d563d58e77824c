import type { RecordBase } from "./items";

/** H0UNCNT0, H0STCNT0 and H0NXCNT0, a trade in a stock. Prices are in won, volumes in shares. */
export interface StockTradeRecord extends RecordBase {
  readonly price: number | null;
  readonly change: number | null;
  readonly changeRate: number | null;
  readonly averagePrice: number | null;
  readonly open: number | null;
  readonly high: number | null;
  readonly low: number | null;
  readonly volume: number | null;
  readonly accumulatedVolume: number | null;
  /** In won. */
  readonly accumulatedValue: number | null;
  /** Bought volume per sold volume, in percent (체결강도). */
  readonly tradeStrength: number | null;
  readonly sellVolume: number | null;
  readonly buyVolume: number | null;
  /** The side that caused the trade: `buy`, `sell` or `preOpen`. */
  readonly side: string | null;
  readonly isHalted: string | null;
  readonly phase: string | null;
  readonly session: string | null;
  /** The reference price of the static volatility interruption. */
  readonly viReferencePrice: number | null;
}

export interface BookLevel {
  /** Zero if there is no order at this level. */
  readonly price: number | null;
  readonly quantity: number | null;
}

/** H0UNASP0, H0STASP0 and H0NXASP0, the ten best prices of each side; the best first. */
export interface BookRecord extends RecordBase {
  readonly phase: string | null;
  readonly asks: readonly BookLevel[];
  readonly bids: readonly BookLevel[];
  readonly totalAskQuantity: number | null;
  readonly totalBidQuantity: number | null;
  readonly expectedPrice: number | null;
  readonly expectedQuantity: number | null;
  readonly expectedChange: number | null;
  readonly expectedChangeRate: number | null;
}

/** H0UNANC0, H0STANC0 and H0NXANC0, what an auction would trade now. */
export interface ExpectedRecord extends RecordBase {
  readonly price: number | null;
  readonly change: number | null;
  readonly changeRate: number | null;
  readonly volume: number | null;
  readonly phase: string | null;
}

/** H0UNMKO0, H0STMKO0 and H0NXMKO0: halts, volatility interruptions (VI) and market events. It has no time of its own. */
export interface StatusRecord extends RecordBase {
  readonly isHalted: string | null;
  readonly haltReason: string | null;
  readonly marketOperation: string | null;
  readonly stockStatus: string | null;
  readonly viCode: string | null;
  readonly afterHoursViCode: string | null;
}

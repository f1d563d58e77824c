/** The items of the gateway's streams: `docs/gateway-http.md`, "Items". Members are named as in its JSON. */

import type { BookRecord, ExpectedRecord, StatusRecord, StockTradeRecord } from "./stock-records";

/** The members that records of every feed have. */
export interface RecordBase {
  /** The id from which a stream can be resumed; a snapshot has none. */
  readonly id?: string;
  readonly snapshot?: boolean;
  readonly trId: string;
  readonly key: string;
  readonly receivedAt: string;
  /** The record's own time on the date of its receipt. */
  readonly timestamp: string | null;
}

/** H0UPCNT0, an index. */
export interface IndexRecord extends RecordBase {
  readonly price: number | null;
  readonly sign: string | null;
  readonly change: number | null;
  readonly changeRate: number | null;
  /** In thousands of shares. */
  readonly accumulatedVolume: number | null;
  /** In millions of won. */
  readonly accumulatedValue: number | null;
  readonly open: number | null;
  readonly high: number | null;
  readonly low: number | null;
  readonly upperLimitCount: number | null;
  readonly advancingCount: number | null;
  readonly unchangedCount: number | null;
  readonly decliningCount: number | null;
  readonly lowerLimitCount: number | null;
}

/** What trades of stocks, futures and overseas instruments have in common. */
export interface TradeRecord extends RecordBase {
  readonly price: number | null;
  readonly change: number | null;
  readonly changeRate: number | null;
  readonly accumulatedVolume: number | null;
}

/** H0IFCNT0 and H0MFCNT0, a trade of an index future by day and by night. */
export interface FuturesRecord extends TradeRecord {
  readonly marketBasis: number | null;
  readonly openInterest: number | null;
  readonly openInterestChange: number | null;
}

/** HDFSCNT0 and HDFFF020, a trade of an overseas stock or future. */
export interface OverseasRecord extends TradeRecord {
  readonly symbol?: string | null;
  /** The decimals of prices. */
  readonly priceScale?: number | null;
  readonly localTime?: string | null;
}

/** H0BJCNT0, a trade of a bond. */
export interface BondRecord extends RecordBase {
  readonly name: string | null;
  readonly price: number | null;
  readonly change: number | null;
  readonly changeRate: number | null;
  readonly yield: number | null;
  /** Face value in thousands of won. */
  readonly volume: number | null;
  readonly accumulatedVolume: number | null;
}

/** H0UNPGM0 and H0NXPGM0, program trading in a stock. Values are in won. */
export interface ProgramRecord extends RecordBase {
  readonly sellVolume: number | null;
  readonly sellValue: number | null;
  readonly buyVolume: number | null;
  readonly buyValue: number | null;
  readonly netVolume: number | null;
  readonly netValue: number | null;
  readonly restingSellVolume: number | null;
  readonly restingBuyVolume: number | null;
}

/** H0IFCNI0 and H0IFCNI9, order notices. */
export interface OrderRecord extends RecordBase {
  readonly accountNumber: string | null;
  readonly orderNumber: string | null;
  readonly originalOrderNumber: string | null;
  readonly side: string | null;
  readonly action: string | null;
  readonly symbol: string | null;
  readonly instrumentName: string | null;
  readonly fillQuantity: number | null;
  readonly fillPrice: number | null;
  readonly orderQuantity: number | null;
  readonly orderPrice: number | null;
  readonly refusal: string | null;
  readonly kind: string | null;
  readonly acceptance: string | null;
}

export type AnyRecord =
  | IndexRecord
  | BondRecord
  | ProgramRecord
  | FuturesRecord
  | OverseasRecord
  | OrderRecord
  | StockTradeRecord
  | BookRecord
  | ExpectedRecord
  | StatusRecord;

interface OfKey {
  readonly trId: string;
  readonly key: string;
}

export interface Gap extends OfKey {
  readonly from: string | null;
  readonly to: string | null;
  readonly reason: string;
  readonly frames: number | null;
  readonly missedVolume: number | null;
}

export interface Interruption extends OfKey {
  readonly at: string;
  readonly reason: string;
}

export interface Subscribed extends OfKey {
  readonly registered: boolean;
}

export interface Refused {
  readonly trId?: string;
  readonly key?: string;
  readonly code?: string | null;
  readonly reason: string;
}

export interface Malformed {
  readonly error: string;
  readonly trId: string | null;
  readonly key: string | null;
}

/** An item of a stream, discriminated by `kind`. */
export type Item =
  | { readonly kind: "record"; readonly record: AnyRecord }
  | { readonly kind: "gap"; readonly id: string | undefined; readonly gap: Gap }
  | { readonly kind: "interruption"; readonly id: string | undefined; readonly interruption: Interruption }
  | { readonly kind: "malformed"; readonly id: string | undefined; readonly malformed: Malformed }
  | { readonly kind: "subscribed"; readonly subscribed: Subscribed }
  | { readonly kind: "unsubscribed"; readonly unsubscribed: OfKey }
  | { readonly kind: "refused"; readonly refused: Refused }
  | { readonly kind: "resumed"; readonly complete: boolean }
  | { readonly kind: "end"; readonly reason: string }
  | { readonly kind: "heartbeat" }
  | { readonly kind: "unknown" };

const unknown: Item = { kind: "unknown" };

/** Reads one message of a stream. Unrecognized messages are `unknown`: a newer gateway may send more kinds. */
export function readItem(text: string): Item {
  return itemOf(JSON.parse(text) as Record<string, unknown>);
}

/** The item of a stream that a JSON object is. */
export function itemOf(json: Readonly<Record<string, unknown>>): Item {
  const id = json["id"] as string | undefined;
  if ("error" in json) return { kind: "malformed", id, malformed: json as unknown as Malformed };
  if ("trId" in json) return { kind: "record", record: json as unknown as AnyRecord };
  if ("gap" in json) return { kind: "gap", id, gap: json["gap"] as Gap };
  if ("interruption" in json) return { kind: "interruption", id, interruption: json["interruption"] as Interruption };
  if ("heartbeat" in json) return { kind: "heartbeat" };
  if ("subscribed" in json) return { kind: "subscribed", subscribed: json["subscribed"] as Subscribed };
  if ("unsubscribed" in json) return { kind: "unsubscribed", unsubscribed: json["unsubscribed"] as OfKey };
  if ("refused" in json) return { kind: "refused", refused: json["refused"] as Refused };
  if ("resumed" in json) return { kind: "resumed", complete: (json["resumed"] as { complete: boolean }).complete };
  if ("end" in json) return { kind: "end", reason: (json["end"] as { reason: string }).reason };
  return unknown;
}

/** The id from which a stream can be resumed after an item. */
export function idOf(item: Item): string | undefined {
  switch (item.kind) {
    case "record":
      return item.record.id;
    case "gap":
    case "interruption":
    case "malformed":
      return item.id;
    default:
      return undefined;
  }
}

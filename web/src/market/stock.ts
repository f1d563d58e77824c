import type { AnyRecord, OrderRecord, ProgramRecord } from "../gateway/items";
import type { BookRecord, ExpectedRecord, StatusRecord, StockTradeRecord } from "../gateway/stock-records";
import { targetOf } from "../watch/target";
import { marketSeconds } from "./market-time";
import { Orders } from "./orders";
import { stockTrId, venues, type Venue } from "./stock-feeds";
import { Tape } from "./tape";
import { TrackedKey } from "./tracked-key";
import { isHalted, isInVolatilityInterruption, isSet } from "./trading-state";

/** Points of a line over the day. */
const points = 1_500;

/** Marks kept for a chart; a stock has a few in a day. */
const maxMarks = 100;

export type MarkKind = "vi" | "viEnd" | "halt" | "haltEnd" | "operation";

/** Something that happened to a stock, at its place in the chart. */
export interface Mark {
  readonly time: number;
  readonly kind: MarkKind;
  /** The market's operation, of a mark of this kind. */
  readonly code: string | null;
}

/** What an auction would trade now. */
export interface Expected {
  readonly price: number;
  readonly change: number | null;
  readonly changeRate: number | null;
  readonly volume: number | null;
  /** The part of the day, as sent: `expectedBeforeOpen`, `expectedInSession` and others. */
  readonly phase: string | null;
}

type Tracked =
  TrackedKey<StockTradeRecord> | TrackedKey<BookRecord> | TrackedKey<ExpectedRecord> | TrackedKey<StatusRecord> | TrackedKey<ProgramRecord>;

/** The state of the stock whose page is open, on one venue. Its size does not depend on time. */
export class Stock {
  readonly trade = new TrackedKey<StockTradeRecord>(
    { price: (record) => record.price, accumulatedVolume: (record) => record.accumulatedVolume },
    points,
    { accumulatedVolume: volumeBefore },
  );
  readonly book = new TrackedKey<BookRecord>({}, points);
  readonly expectedTrade = new TrackedKey<ExpectedRecord>({}, points);
  readonly status = new TrackedKey<StatusRecord>({}, points);
  readonly programs: Readonly<Record<Venue, TrackedKey<ProgramRecord>>>;
  readonly tape = new Tape();
  readonly orders: Orders;
  private readonly marks: Mark[] = [];
  private isVi = false;
  private isHalt = false;
  private operation: string | null = null;
  private readonly tracked: ReadonlyMap<string, Tracked>;

  /** @param before The same stock on another venue, with which this one shares what does not depend on it. */
  constructor(
    readonly code: string,
    readonly venue: Venue,
    before?: Stock,
  ) {
    const program = (): TrackedKey<ProgramRecord> => new TrackedKey({ netValue: (record) => record.netValue }, points);
    this.programs = before?.programs ?? { all: program(), krx: program(), nxt: program() };
    this.orders = before?.orders ?? new Orders();
    this.tracked = new Map<string, Tracked>([
      [targetOf(stockTrId("trade", venue), code), this.trade],
      [targetOf(stockTrId("book", venue), code), this.book],
      [targetOf(stockTrId("expected", venue), code), this.expectedTrade],
      [targetOf(stockTrId("status", venue), code), this.status],
      ...venues.map((each) => [targetOf(stockTrId("program", each), code), this.programs[each]] as const),
    ]);
  }

  /** The tracked keys, by target. */
  entries(): Iterable<readonly [string, Tracked]> {
    return this.tracked;
  }

  find(target: string): Tracked | undefined {
    return this.tracked.get(target);
  }

  get allMarks(): readonly Mark[] {
    return this.marks;
  }

  /** Whether a volatility interruption applies. */
  get isInterrupted(): boolean {
    return this.isVi;
  }

  get isHalted(): boolean {
    return this.isHalt;
  }

  /** The latest event in the market's operation, as sent. */
  get latestOperation(): string | null {
    return this.operation;
  }

  /** The exchange time of the latest record. */
  get latestTime(): number | null {
    const times = [this.trade, this.book, this.expectedTrade].flatMap(({ latestTime }) => latestTime ?? []);
    return times.length === 0 ? null : Math.max(...times);
  }

  /** What the auction would trade now; null outside of an auction. */
  get expected(): Expected | null {
    const book = this.book.latest;
    const trade = this.expectedTrade.latest;
    const [bookTime, tradeTime] = [this.book.latestTime ?? 0, this.expectedTrade.latestTime ?? 0];
    if (
      trade !== null &&
      isPrice(trade.price) &&
      isAuction(trade.phase) &&
      tradeTime >= bookTime &&
      tradeTime >= (this.trade.latestTime ?? 0)
    )
      return { price: trade.price, change: trade.change, changeRate: trade.changeRate, volume: trade.volume, phase: trade.phase };
    if (book === null || !isAuction(book.phase) || !isPrice(book.expectedPrice)) return null;
    return {
      price: book.expectedPrice,
      change: book.expectedChange,
      changeRate: book.expectedChangeRate,
      volume: book.expectedQuantity,
      phase: book.phase,
    };
  }

  /** The previous close; null before the first trade. */
  get previousClose(): number | null {
    const { price = null, change = null } = this.trade.latest ?? {};
    if (price !== null && change !== null) return price - change;
    const { expected } = this;
    return expected === null || expected.change === null ? null : expected.price - expected.change;
  }

  /** Applies a record of one of the keys. */
  add(target: string, record: AnyRecord): void {
    const tracked = this.tracked.get(target);
    if (tracked === undefined) return;
    (tracked as TrackedKey<typeof record>).add(record);
    if (tracked === this.trade) this.addTrade(record as StockTradeRecord);
    else if (tracked === this.status) this.addStatus(record as StatusRecord);
  }

  /** Applies an order notice, if it is about this stock. */
  addOrder(record: OrderRecord): void {
    if (record.symbol?.trim() === this.code) this.orders.add(record);
  }

  /** Notes a gap, after the key itself. */
  onGap(target: string, reason: string, missedVolume: number | null, isOwn = false): void {
    if (this.tracked.get(target) !== this.trade) return;
    this.tape.beginGap(this.trade.gaps.open?.from ?? this.latestTime, reason, isOwn, missedVolume);
  }

  private addTrade(record: StockTradeRecord): void {
    const time = marketSeconds(record.timestamp);
    const last = this.tape.all.findLast((line) => line.trade !== null)?.trade;
    this.tape.endGap(time, missedBetween(last, record));
    // A stream that could not be resumed begins with the last trade again.
    if (record.snapshot !== true || last?.accumulatedVolume !== record.accumulatedVolume || last?.timestamp !== record.timestamp)
      this.tape.addTrade(time, record);
    if (record.isHalted !== null) this.setHalt(isHalted(record), null);
  }

  private addStatus(record: StatusRecord): void {
    this.setVi(isInVolatilityInterruption(record), record.snapshot === true);
    if (record.isHalted !== null) this.setHalt(isSet(record.isHalted), record.haltReason, record.snapshot === true);
    const { marketOperation } = record;
    if (marketOperation === null || marketOperation === this.operation) return;
    this.operation = marketOperation;
    if (record.snapshot === true) return; // It happened at a time that is not known.
    this.tape.addEvent(this.latestTime, { kind: "operation", code: marketOperation });
    this.mark("operation", marketOperation);
  }

  private setVi(isActive: boolean, isPast: boolean): void {
    if (isActive === this.isVi) return;
    this.isVi = isActive;
    if (isPast) return;
    this.tape.addEvent(this.latestTime, { kind: "vi", isActive });
    this.mark(isActive ? "vi" : "viEnd", null);
  }

  private setHalt(isActive: boolean, reason: string | null, isPast = false): void {
    if (isActive === this.isHalt) return;
    this.isHalt = isActive;
    if (isPast) return;
    this.tape.addEvent(this.latestTime, { kind: "halt", isActive, reason });
    this.mark(isActive ? "halt" : "haltEnd", null);
  }

  private mark(kind: MarkKind, code: string | null): void {
    const time = this.latestTime;
    if (time === null) return;
    this.marks.push({ time, kind, code });
    if (this.marks.length > maxMarks) this.marks.shift();
  }
}

/** Whether prices are expected ones, in a part of the day. */
function isAuction(phase: string | null): boolean {
  return phase?.startsWith("expected") === true;
}

function isPrice(price: number | null): price is number {
  return price !== null && price > 0;
}

/** The volume of the day before a trade. */
function volumeBefore({ accumulatedVolume, volume }: StockTradeRecord): number | null {
  return accumulatedVolume === null || volume === null || volume > accumulatedVolume ? accumulatedVolume : accumulatedVolume - volume;
}

/** The volume that was traded between two trades; null if it is not known. */
function missedBetween(last: StockTradeRecord | null | undefined, next: StockTradeRecord): number | null {
  const before = volumeBefore(next);
  if (last == null || last.accumulatedVolume === null || before === null || before < last.accumulatedVolume) return null;
  return before - last.accumulatedVolume;
}

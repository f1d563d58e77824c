import type {
  AnyRecord,
  BondRecord,
  FuturesRecord,
  IndexRecord,
  Item,
  OrderRecord,
  OverseasRecord,
  ProgramRecord,
  TradeRecord,
} from "../gateway/items";
import type { StatusRecord, StockTradeRecord } from "../gateway/stock-records";
import type { HistoryPage, RecordedKeyDay } from "../gateway/pages";
import { feedOf, targetOf, type Feed } from "../watch/target";
import { DelayMeter } from "./delay";
import { TrackedKey, type Values } from "./tracked-key";
import { Orders } from "./orders";
import { RateMeter } from "./rate-meter";

/** Points of a line in a chart, and in a table row. */
const chartPoints = 1_500;
const rowPoints = 240;

export type Index = TrackedKey<IndexRecord>;
export type Bond = TrackedKey<BondRecord>;
export type Program = TrackedKey<ProgramRecord>;

/** A key of any feed. The type of its records follows from the feed, which the compiler does not know. */
type AnyKey = TrackedKey<any>;
type AnyKeys = Map<string, AnyKey> & { track(target: string): void };

/** The tracked keys of feeds with the same records, by target (`TRID:KEY`). */
export class TrackedKeys<TRecord extends AnyRecord> extends Map<string, TrackedKey<TRecord>> {
  constructor(
    private readonly kept: Values<TRecord>,
    private readonly points: number,
  ) {
    super();
  }

  track(target: string): void {
    if (!this.has(target)) this.set(target, new TrackedKey(this.kept, this.points));
  }
}

const priceOf = { price: (record: TradeRecord): number | null => record.price };

/**
 * The state of the market: updated by the stream's items, read by the panels. Its size depends on the number of keys, not on time.
 */
export class Market {
  readonly indexes = new TrackedKeys<IndexRecord>({ price: (record) => record.price }, chartPoints);
  readonly stocks = new TrackedKeys<StockTradeRecord>(priceOf, rowPoints);
  readonly futures = new TrackedKeys<FuturesRecord>(priceOf, rowPoints);
  readonly overseas = new TrackedKeys<OverseasRecord>(priceOf, rowPoints);
  readonly bonds = new TrackedKeys<BondRecord>({ price: (record) => record.price, yield: (record) => record.yield }, rowPoints);
  /** A stock has one for each venue. */
  readonly programs = new TrackedKeys<ProgramRecord>({ netValue: (record) => record.netValue }, chartPoints);
  readonly statuses = new TrackedKeys<StatusRecord>({}, 0);
  readonly orders = new Orders();
  readonly delay = new DelayMeter();
  /** The rate of frames that the gateway receives, from its status. */
  readonly rate = new RateMeter();
  /** Frames or records that could not be read. */
  malformed = 0;
  /** Received records. */
  records = 0;

  private readonly byFeed: Readonly<Record<Exclude<Feed, "notice">, AnyKeys>> = {
    index: this.indexes,
    bond: this.bonds,
    trade: this.stocks,
    "trade-krx": this.stocks,
    "trade-nxt": this.stocks,
    program: this.programs,
    "program-nxt": this.programs,
    futures: this.futures,
    "night-futures": this.futures,
    us: this.overseas,
    "overseas-futures": this.overseas,
    status: this.statuses,
    "status-krx": this.statuses,
  };

  track(trId: string, key: string): void {
    this.keysOf(trId)?.track(targetOf(trId, key));
  }

  untrack(trId: string, key: string): void {
    this.keysOf(trId)?.delete(targetOf(trId, key));
  }

  find(trId: string, key: string): AnyKey | undefined {
    return this.keysOf(trId)?.get(targetOf(trId, key));
  }

  apply(item: Item): void {
    switch (item.kind) {
      case "record":
        this.addRecord(item.record);
        break;
      case "gap":
        // A gap item follows the missing data: records of other keys before it may already be later than the gap.
        this.find(item.gap.trId, item.gap.key)?.beginGap(item.gap.reason);
        break;
      case "interruption":
        this.find(item.interruption.trId, item.interruption.key)?.beginGap(item.interruption.reason, false, this.latestTime);
        break;
      case "malformed":
        this.malformed++;
        break;
    }
  }

  /** Opens a gap for every key: the page's own connection was lost, and data may not be recoverable. */
  onOwnConnectionLost(): void {
    const at = this.latestTime;
    for (const [, tracked] of this.entries()) tracked.beginGap("ownConnection", true, at);
  }

  /** Removes those gaps: the stream was resumed, so missed records arrive now, or gaps for them. */
  onOwnConnectionResumed(): void {
    for (const [, tracked] of this.entries()) tracked.cancelOwnGap();
  }

  seed(history: HistoryPage): void {
    this.find(history.trId, history.key)?.seed(history);
  }

  /** Shows a recorded day of a key. */
  showDay(day: RecordedKeyDay): void {
    // As a page that is opened after the last record: that is the latest value, and ends no gap.
    if (day.last !== null) this.addRecord({ ...day.last, trId: day.trId, snapshot: true });
    this.seed(day);
  }

  /** The exchange time of the latest record of any key. */
  private get latestTime(): number {
    let latest = 0;
    for (const [, tracked] of this.entries()) latest = Math.max(latest, tracked.latestTime ?? 0);
    return latest;
  }

  private addRecord(record: AnyRecord): void {
    this.records++;
    if (record.snapshot !== true) this.delay.add(record.timestamp, record.receivedAt);
    if (feedOf(record.trId) === "notice") this.orders.add(record as OrderRecord);
    else this.find(record.trId, record.key)?.add(record);
  }

  private keysOf(trId: string): AnyKeys | undefined {
    const feed = feedOf(trId);
    return feed === undefined || feed === "notice" ? undefined : this.byFeed[feed];
  }

  /** All tracked keys, by target. */
  *entries(): Iterable<readonly [string, AnyKey]> {
    for (const keys of new Set(Object.values(this.byFeed))) yield* keys;
  }
}

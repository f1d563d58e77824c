import type { AnyRecord, BondRecord, IndexRecord, Item, OrderRecord, ProgramRecord } from "../gateway/items";
import type { HistoryPage, RecordedKeyDay } from "../gateway/pages";
import { feedOf, targetOf, type Feed } from "../watch/target";
import { DelayMeter } from "./delay";
import { TrackedKey, type Values } from "./tracked-key";
import { Orders } from "./orders";
import { RateMeter } from "./rate-meter";

/** Points of a line in a chart, and in a table row. */
const chartPoints = 1_500;
const rowPoints = 240;

const indexValues: Values<IndexRecord> = { price: (record) => record.price };
const bondValues: Values<BondRecord> = { price: (record) => record.price, yield: (record) => record.yield };
const programValues: Values<ProgramRecord> = { netValue: (record) => record.netValue };

export type Index = TrackedKey<IndexRecord>;
export type Bond = TrackedKey<BondRecord>;
export type Program = TrackedKey<ProgramRecord>;

/**
 * The state of the market: updated by the stream's items, read by the panels. Its size depends on the number of keys, not on time.
 */
export class Market {
  readonly indexes = new Map<string, Index>();
  readonly bonds = new Map<string, Bond>();
  /** By target (`TRID:KEY`): a stock has one for each venue. */
  readonly programs = new Map<string, Program>();
  readonly orders = new Orders();
  readonly delay = new DelayMeter();
  /** The rate of frames that the gateway receives, from its status. */
  readonly rate = new RateMeter();
  /** Frames or records that could not be read. */
  malformed = 0;
  /** Received records. */
  records = 0;

  track(trId: string, key: string): void {
    const target = targetOf(trId, key);
    switch (feedOf(trId)) {
      case "index":
        if (!this.indexes.has(target)) this.indexes.set(target, new TrackedKey(indexValues, chartPoints));
        break;
      case "bond":
        if (!this.bonds.has(target)) this.bonds.set(target, new TrackedKey(bondValues, rowPoints));
        break;
      case "program":
      case "program-nxt":
        if (!this.programs.has(target)) this.programs.set(target, new TrackedKey(programValues, chartPoints));
        break;
    }
  }

  untrack(trId: string, key: string): void {
    const target = targetOf(trId, key);
    this.indexes.delete(target);
    this.bonds.delete(target);
    this.programs.delete(target);
  }

  find(trId: string, key: string): Index | Bond | Program | undefined {
    const target = targetOf(trId, key);
    return this.indexes.get(target) ?? this.bonds.get(target) ?? this.programs.get(target);
  }

  apply(item: Item): void {
    switch (item.kind) {
      case "record":
        this.addRecord(item.record.trId, item.record);
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
    if (day.last !== null) this.addRecord(day.trId, { ...day.last, snapshot: true });
    this.seed(day);
  }

  /** The exchange time of the latest record of any key. */
  private get latestTime(): number {
    let latest = 0;
    for (const [, tracked] of this.entries()) latest = Math.max(latest, tracked.latestTime ?? 0);
    return latest;
  }

  private addRecord(trId: string, record: AnyRecord): void {
    this.records++;
    const feed: Feed | undefined = feedOf(trId);
    const target = targetOf(trId, record.key);
    if (record.snapshot !== true) this.delay.add(record.timestamp, record.receivedAt);
    switch (feed) {
      case "index":
        this.indexes.get(target)?.add(record as IndexRecord);
        break;
      case "bond":
        this.bonds.get(target)?.add(record as BondRecord);
        break;
      case "program":
      case "program-nxt":
        this.programs.get(target)?.add(record as ProgramRecord);
        break;
      case "notice":
        this.orders.add(record as OrderRecord);
        break;
    }
  }

  /** All tracked keys, by target. */
  *entries(): Iterable<readonly [string, Index | Bond | Program]> {
    yield* this.indexes;
    yield* this.bonds;
    yield* this.programs;
  }
}

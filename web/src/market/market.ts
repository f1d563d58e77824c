import type { BondRecord, IndexRecord, Item, OrderRecord, ProgramRecord } from "../gateway/items";
import type { HistoryPage } from "../gateway/pages";
import { feedOf, targetOf, type Feed } from "../watch/target";
import { DelayMeter } from "./delay";
import { Followed, type Values } from "./followed";
import { Orders } from "./orders";
import { RateMeter } from "./rate-meter";

/** Points of a line in a chart, and in a table's row. */
const chartPoints = 1_500;
const rowPoints = 240;

const indexValues: Values<IndexRecord> = { price: (record) => record.price };
const bondValues: Values<BondRecord> = { price: (record) => record.price, yield: (record) => record.yield };
const programValues: Values<ProgramRecord> = { netValue: (record) => record.netValue };

export type Index = Followed<IndexRecord>;
export type Bond = Followed<BondRecord>;
export type Program = Followed<ProgramRecord>;

/**
 * All that the page knows of the market: takes what the stream brings, and is looked at by who draws. Knows nothing of how it is drawn, and grows with the number of keys alone, not with time.
 */
export class Market {
  readonly indexes = new Map<string, Index>();
  readonly bonds = new Map<string, Bond>();
  /** By target (`TRID:KEY`), since a stock has one on each venue. */
  readonly programs = new Map<string, Program>();
  readonly orders = new Orders();
  readonly delay = new DelayMeter();
  /** Of frames that the gateway receives, as its status tells. */
  readonly rate = new RateMeter();
  /** Frames or records that could not be read. */
  malformed = 0;
  /** Records that have come. */
  records = 0;

  /** Follows a key from here on. */
  follow(trId: string, key: string): void {
    const target = targetOf(trId, key);
    switch (feedOf(trId)) {
      case "index":
        if (!this.indexes.has(target)) this.indexes.set(target, new Followed(indexValues, chartPoints));
        break;
      case "bond":
        if (!this.bonds.has(target)) this.bonds.set(target, new Followed(bondValues, rowPoints));
        break;
      case "program":
      case "program-nxt":
        if (!this.programs.has(target)) this.programs.set(target, new Followed(programValues, chartPoints));
        break;
    }
  }

  /** Forgets a key. */
  forget(trId: string, key: string): void {
    const target = targetOf(trId, key);
    this.indexes.delete(target);
    this.bonds.delete(target);
    this.programs.delete(target);
  }

  find(trId: string, key: string): Index | Bond | Program | undefined {
    const target = targetOf(trId, key);
    return this.indexes.get(target) ?? this.bonds.get(target) ?? this.programs.get(target);
  }

  take(item: Item): void {
    switch (item.kind) {
      case "record":
        this.takeRecord(item.record.trId, item.record);
        break;
      case "gap":
        // It tells of what is behind it: records of other keys that came before it may be from after what is missing.
        this.find(item.gap.trId, item.gap.key)?.miss(item.gap.reason);
        break;
      case "interruption":
        this.find(item.interruption.trId, item.interruption.key)?.miss(item.interruption.reason, false, this.latestTime);
        break;
      case "malformed":
        this.malformed++;
        break;
    }
  }

  /** The page's own connection is lost: what comes meanwhile is missing here, if it cannot be had afterwards. */
  interruptOwn(): void {
    const at = this.latestTime;
    for (const [, followed] of this.entries()) followed.miss("ownConnection", true, at);
  }

  /** The page's own connection is back, and everything that came meanwhile comes now; what does not has a gap. */
  resumeOwn(): void {
    for (const [, followed] of this.entries()) followed.missedNothing();
  }

  seed(history: HistoryPage): void {
    this.find(history.trId, history.key)?.seed(history);
  }

  /** The exchange time of the latest record of any key. */
  private get latestTime(): number {
    let latest = 0;
    for (const [, followed] of this.entries()) latest = Math.max(latest, followed.latestTime ?? 0);
    return latest;
  }

  private takeRecord(trId: string, record: IndexRecord | BondRecord | ProgramRecord | OrderRecord): void {
    this.records++;
    const feed: Feed | undefined = feedOf(trId);
    const target = targetOf(trId, record.key);
    if (record.snapshot !== true) this.delay.add(record.timestamp, record.receivedAt);
    switch (feed) {
      case "index":
        this.indexes.get(target)?.take(record as IndexRecord);
        break;
      case "bond":
        this.bonds.get(target)?.take(record as BondRecord);
        break;
      case "program":
      case "program-nxt":
        this.programs.get(target)?.take(record as ProgramRecord);
        break;
      case "notice":
        this.orders.take(record as OrderRecord);
        break;
    }
  }

  /** All keys that are followed, by target. */
  *entries(): Iterable<readonly [string, Index | Bond | Program]> {
    yield* this.indexes;
    yield* this.bonds;
    yield* this.programs;
  }
}

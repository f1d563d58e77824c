import type { AnyRecord, Item, OrderRecord } from "../gateway/items";
import type { RecordedKeyDay } from "../gateway/pages";
import type { StockTradeRecord } from "../gateway/stock-records";
import { isNotice, targetOf } from "../watch/target";
import { Market } from "./market";
import { Stock } from "./stock";
import type { Venue } from "./stock-feeds";

/** The market of a stock's page: the keys of the stock have a state of their own. */
export class StockMarket extends Market {
  private shown: Stock;
  /** Whose past trades have been requested. */
  private begun: Stock | null = null;

  constructor(
    code: string,
    venue: Venue,
    private readonly past: { load(stock: Stock, first: StockTradeRecord): void },
  ) {
    super();
    this.shown = new Stock(code, venue);
  }

  get stock(): Stock {
    return this.shown;
  }

  /** Shows another venue. What does not depend on it is kept. */
  chooseVenue(venue: Venue): void {
    this.shown = new Stock(this.shown.code, venue, this.shown);
  }

  override find(trId: string, key: string): ReturnType<Market["find"]> {
    return (this.shown.find(targetOf(trId, key)) as ReturnType<Market["find"]>) ?? super.find(trId, key);
  }

  override apply(item: Item): void {
    const { shown } = this;
    if (item.kind === "record" && this.isOfStock(item.record.trId, item.record.key)) return this.addToStock(item.record);
    super.apply(item);
    if (item.kind === "record" && isNotice(item.record)) shown.addOrder(item.record as OrderRecord);
    else if (item.kind === "gap") shown.onGap(targetOf(item.gap.trId, item.gap.key), item.gap.reason, item.gap.missedVolume);
    else if (item.kind === "interruption")
      shown.onGap(targetOf(item.interruption.trId, item.interruption.key), item.interruption.reason, null);
  }

  override onOwnConnectionLost(): void {
    super.onOwnConnectionLost();
    shownTargets(this.shown).forEach((target) => this.shown.onGap(target, "ownConnection", null, true));
  }

  override onOwnConnectionResumed(): void {
    super.onOwnConnectionResumed();
    this.shown.tape.cancelOwnGap();
  }

  override showDay(day: RecordedKeyDay): void {
    if (!this.isOfStock(day.trId, day.key)) return super.showDay(day);
    if (day.last !== null) this.addToStock({ ...day.last, trId: day.trId, snapshot: true });
    this.seed(day);
  }

  override *entries(): ReturnType<Market["entries"]> {
    yield* this.shown.entries() as ReturnType<Market["entries"]>;
    yield* super.entries();
  }

  private isOfStock(trId: string, key: string): boolean {
    return this.shown.find(targetOf(trId, key)) !== undefined;
  }

  private addToStock(record: AnyRecord): void {
    this.records++;
    if (record.snapshot !== true) this.delay.add(record.timestamp, record.receivedAt);
    this.shown.add(targetOf(record.trId, record.key), record);
    const first = this.shown.tape.all[0]?.trade ?? null;
    if (first === null || this.begun === this.shown) return;
    this.begun = this.shown;
    this.past.load(this.shown, first);
  }
}

function shownTargets(stock: Stock): readonly string[] {
  return [...stock.entries()].map(([target]) => target);
}

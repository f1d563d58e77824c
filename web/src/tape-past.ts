import type { Gateway } from "./gateway/gateway";
import { itemOf } from "./gateway/items";
import type { StockTradeRecord } from "./gateway/stock-records";
import { koreaOffset } from "./market/market-time";
import type { Stock } from "./market/stock";

/** Milliseconds before the first trade of the page that are read, and the most trades of them. */
const past = 120_000;
const maxTrades = 5_000;

/** Reads the trades before the page was opened from the gateway's recording, if it has one. */
export class TapePast {
  /** @param hasHistory Whether the gateway records. */
  constructor(
    private readonly gateway: Gateway,
    private readonly hasHistory: () => boolean,
  ) {}

  /** Inserts the trades before the first one. */
  load(stock: Stock, first: StockTradeRecord): void {
    if (this.hasHistory()) void this.read(stock, first);
  }

  private async read(stock: Stock, first: StockTradeRecord): Promise<void> {
    const from = new Date(Date.parse(first.receivedAt) - past + koreaOffset * 1000).toISOString().slice(0, 19);
    try {
      const { items, more } = await this.gateway.records({ trId: first.trId, key: first.key }, from, first.receivedAt, maxTrades);
      if (more) return; // Then these are not the newest.
      stock.tape.insertPast(
        items.flatMap((json) => {
          const item = itemOf(json);
          return item.kind === "record" ? [item.record as StockTradeRecord] : [];
        }),
      );
    } catch {
      // Without a recording the tape begins when the page was opened.
    }
  }
}

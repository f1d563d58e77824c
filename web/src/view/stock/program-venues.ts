import type { Stock } from "../../market/stock";
import { venues, type Venue } from "../../market/stock-feeds";
import type { Context } from "../context";
import { element, setDirection, setText } from "../dom";
import { makeRow, makeTable, type Column } from "../table";

const paintInterval = 300;

/** Net program trading in a stock, on each exchange and on both. */
export class ProgramVenues {
  readonly root: HTMLElement;
  private readonly rows: ReadonlyMap<Venue, ReturnType<typeof makeRow>>;
  private state = "";

  constructor(
    private readonly context: Context,
    private readonly stock: Stock,
    offered: readonly Venue[],
  ) {
    const { texts } = context.localization;
    const { stockPage } = texts;
    const columns: readonly Column[] = [
      { field: "venue", title: stockPage.venueLabel },
      { field: "netVolume", title: stockPage.programNet, isNumber: true },
      { field: "netValue", title: stockPage.programValue, isNumber: true },
      { field: "buyVolume", title: stockPage.programBuy, isNumber: true },
      { field: "sellVolume", title: stockPage.programSell, isNumber: true },
    ];
    const { root, body } = makeTable(stockPage.programCaption, columns);
    this.rows = new Map(venues.filter((venue) => offered.includes(venue)).map((venue) => [venue, makeRow(columns, "venue")]));
    for (const [venue, { tr, cells }] of this.rows) {
      tr.dataset["venue"] = venue;
      setText(cells.get("venue")!, stockPage.venue[venue]);
      body.append(tr);
    }
    this.root = element(
      "section",
      { id: "program", class: "card", "data-view": "flow", "aria-labelledby": "program-title" },
      element("header", {}, element("h3", { id: "program-title" }, stockPage.program)),
      root,
    );
    this.root.hidden = this.rows.size === 0;
    context.painter.add(this, paintInterval);
  }

  paint(): void {
    const { programs } = this.stock;
    const state = venues.map((venue) => `${programs[venue].count}:${programs[venue].gaps.revision}`).join();
    if (state === this.state) return;
    this.state = state;
    const { numbers } = this.context.localization;
    for (const [venue, { tr, cells }] of this.rows) {
      const { latest, gaps } = programs[venue];
      tr.classList.toggle("interrupted", gaps.open !== undefined);
      setText(cells.get("netVolume")!, numbers.signed(latest?.netVolume, 0));
      setDirection(cells.get("netVolume")!, latest?.netVolume);
      setText(cells.get("netValue")!, numbers.amount(latest?.netValue, true));
      setDirection(cells.get("netValue")!, latest?.netValue);
      setText(cells.get("buyVolume")!, numbers.whole(latest?.buyVolume));
      setText(cells.get("sellVolume")!, numbers.whole(latest?.sellVolume));
    }
  }
}

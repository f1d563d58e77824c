import type { BookLevel, BookRecord } from "../../gateway/stock-records";
import { clockText } from "../../market/market-time";
import type { Stock } from "../../market/stock";
import type { Context } from "../context";
import { element, setAttribute, setDirection, setText } from "../dom";
import { showPrice, showStrength, wholeAverage } from "./facts";

const paintInterval = 100;
const levels = 10;
const tickRows = 9;

/** Milliseconds between two updates of the description for screen readers. */
const descriptionInterval = 10_000;

type Side = "ask" | "bid";

interface Row {
  readonly side: Side;
  readonly level: number;
  readonly tr: HTMLTableRowElement;
  readonly quantity: HTMLElement;
  readonly bar: HTMLElement;
  readonly price: HTMLElement;
  readonly rate: HTMLElement;
  readonly mark: HTMLElement;
}

/** The ten best offers above the ten best bids, with one column of prices in the middle. */
export class BookPanel {
  readonly root: HTMLElement;
  private readonly rows: readonly Row[];
  private readonly stale = element("p", { class: "stale-note", role: "status" });
  private readonly askTotal = element("span", { "data-field": "totalAsk" }, "–");
  private readonly bidTotal = element("span", { "data-field": "totalBid" }, "–");
  private readonly ratio = element("span", { "data-field": "ratio" }, "–");
  private readonly askShare = element("span", { class: "share", "data-side": "ask" });
  private readonly bidShare = element("span", { class: "share", "data-side": "bid" });
  private readonly facts = new Map<string, HTMLElement>();
  private readonly ticks: readonly { readonly tr: HTMLElement; readonly price: HTMLElement; readonly volume: HTMLElement }[];
  private readonly empty: HTMLElement;
  private readonly table: HTMLTableElement;
  private state = "";
  private describedAt = -descriptionInterval;

  constructor(
    private readonly context: Context,
    private readonly stock: Stock,
  ) {
    const { texts } = context.localization;
    const { stockPage } = texts;
    this.rows = [
      ...Array.from({ length: levels }, (_, i) => makeRow("ask", levels - i)),
      ...Array.from({ length: levels }, (_, i) => makeRow("bid", i + 1)),
    ];
    this.ticks = Array.from({ length: tickRows }, () => {
      const price = element("span");
      const volume = element("span");
      return { tr: element("li", {}, price, volume), price, volume };
    });
    // Beside the offers and the bids, where their quantities are not, as in Korean trading programs.
    this.rows[0]!.tr.append(element("td", { rowspan: levels, class: "corner" }, this.makeFacts()));
    this.rows[levels]!.tr.prepend(
      element(
        "td",
        { rowspan: levels, class: "corner" },
        element("p", { class: "corner-title" }, stockPage.tape),
        element("ol", { class: "ticks", "aria-hidden": "true" }, ...this.ticks.map(({ tr }) => tr)),
      ),
    );
    const head = (text: string, side?: Side): HTMLElement => element("th", { scope: "col", "data-side": side }, text);
    this.table = element(
      "table",
      { class: "book" },
      element("caption", { class: "visually-hidden" }, stockPage.bookCaption),
      element(
        "thead",
        {},
        element("tr", {}, head(stockPage.askQuantity, "ask"), head(stockPage.price), head(stockPage.bidQuantity, "bid")),
      ),
      element("tbody", {}, ...this.rows.map(({ tr }) => tr)),
      element(
        "tfoot",
        {},
        element(
          "tr",
          {},
          element("td", { "data-side": "ask" }, this.askTotal),
          element("th", { scope: "row" }, stockPage.totals, element("small", { title: stockPage.ratio }, this.ratio)),
          element("td", { "data-side": "bid" }, this.bidTotal),
        ),
      ),
    );
    this.empty = element("p", { class: "waiting" }, context.noData);
    this.table.hidden = true;
    this.stale.hidden = true;
    const shares = element("div", { class: "shares", "aria-hidden": "true" }, this.askShare, this.bidShare);
    this.root = element(
      "section",
      { id: "book", class: "card", "data-view": "book", "aria-labelledby": "book-title" },
      element("header", {}, element("h3", { id: "book-title" }, stockPage.book), this.stale),
      element("div", { class: "book-body" }, this.empty, this.table),
      shares,
    );
    context.painter.add(this, paintInterval);
  }

  paint(): void {
    const { book, trade, expectedTrade } = this.stock;
    const state = [book, trade, expectedTrade].map(({ count, gaps }) => `${count}:${gaps.revision}`).join();
    if (state === this.state) return;
    this.state = state;
    this.paintStale();
    const { latest } = book;
    if (latest === null) return;
    this.empty.hidden = true;
    this.table.hidden = false;
    this.paintLevels(latest);
    this.paintTotals(latest);
    this.paintFacts();
    this.paintTicks();
    this.describe(latest);
  }

  private makeFacts(): HTMLElement {
    const { texts } = this.context.localization;
    const titles: readonly (readonly [string, string])[] = [
      ["expectedPrice", texts.stockPage.expectedPrice],
      ["expectedVolume", texts.stockPage.expectedVolume],
      ["open", texts.open],
      ["high", texts.high],
      ["low", texts.low],
      ["previousClose", texts.stockPage.previousClose],
      ["averagePrice", texts.stockPage.averagePrice],
      ["viReference", texts.stockPage.viReference],
      ["strength", texts.strength],
    ];
    return element(
      "dl",
      { class: "book-facts" },
      ...titles.map(([field, title]) => {
        const value = element("dd", { "data-field": field }, "–");
        this.facts.set(field, value);
        return element("div", {}, element("dt", {}, title), value);
      }),
    );
  }

  private paintStale(): void {
    const { gaps, latest } = this.stock.book;
    const { open } = gaps;
    const isStale = open !== undefined && latest !== null;
    this.root.dataset["stale"] = String(isStale);
    this.stale.hidden = !isStale;
    setText(
      this.stale,
      isStale ? this.context.localization.texts.stockPage.bookStale(clockText(this.stock.book.latestTime ?? open.from)) : "",
    );
  }

  private paintLevels({ asks, bids }: BookRecord): void {
    const { numbers, texts } = this.context.localization;
    const { mark } = texts.stockPage;
    const { trade, previousClose, expected } = this.stock;
    const { price = null, open = null, high = null, low = null } = trade.latest ?? {};
    const most = Math.max(1, ...[...asks, ...bids].map(({ quantity }) => quantity ?? 0));
    for (const row of this.rows) {
      const level: BookLevel | undefined = (row.side === "ask" ? asks : bids)[row.level - 1];
      const known = level?.price === 0 ? null : (level?.price ?? null);
      const quantity = known === null ? null : (level?.quantity ?? null);
      setText(row.price, known === null ? "" : numbers.plain(known));
      setText(row.quantity, quantity === null ? "" : numbers.whole(quantity));
      const scale = String((quantity ?? 0) / most);
      if (row.bar.dataset["share"] !== scale) {
        row.bar.dataset["share"] = scale;
        row.bar.style.transform = `scaleX(${scale})`;
      }
      const move = known === null || previousClose === null || previousClose === 0 ? null : known - previousClose;
      setText(row.rate, move === null ? "" : numbers.percent((move / previousClose!) * 100));
      setDirection(row.price, move);
      setDirection(row.rate, move);
      const marks =
        known === null ? "" : [open === known ? mark.open : "", high === known ? mark.high : "", low === known ? mark.low : ""].join("");
      setText(row.mark, marks);
      const kind = known === null ? "" : known === expected?.price ? "expected" : known === price ? "last" : "";
      if (row.tr.dataset["kind"] !== kind) row.tr.dataset["kind"] = kind;
    }
  }

  private paintTotals({ totalAskQuantity, totalBidQuantity }: BookRecord): void {
    const { numbers } = this.context.localization;
    setText(this.askTotal, numbers.whole(totalAskQuantity));
    setText(this.bidTotal, numbers.whole(totalBidQuantity));
    const [ask, bid] = [totalAskQuantity ?? 0, totalBidQuantity ?? 0];
    setText(this.ratio, ask > 0 ? `${numbers.fixed((bid / ask) * 100, 1)}%` : "–");
    this.askShare.style.flexGrow = String(ask);
    this.bidShare.style.flexGrow = String(bid);
  }

  private paintFacts(): void {
    const { numbers } = this.context.localization;
    const { trade, previousClose, expected } = this.stock;
    const { latest } = trade;
    const set = (field: string, price: number | null | undefined): void => showPrice(this.facts.get(field)!, price, previousClose, numbers);
    set("open", latest?.open);
    set("high", latest?.high);
    set("low", latest?.low);
    set("previousClose", previousClose);
    set("averagePrice", wholeAverage(latest?.averagePrice));
    set("viReference", latest?.viReferencePrice);
    set("expectedPrice", expected?.price);
    setText(this.facts.get("expectedVolume")!, numbers.whole(expected?.volume));
    for (const field of ["expectedPrice", "expectedVolume"]) this.facts.get(field)!.parentElement!.hidden = expected === null;
    showStrength(this.facts.get("strength")!, latest?.tradeStrength ?? null, numbers);
  }

  private paintTicks(): void {
    const { numbers } = this.context.localization;
    const trades = this.stock.tape.all.flatMap(({ trade }) => trade ?? []).slice(-tickRows);
    this.ticks.forEach((tick, i) => {
      const trade = trades[trades.length - 1 - i];
      setText(tick.price, trade === undefined ? "" : numbers.plain(trade.price));
      setText(tick.volume, trade === undefined ? "" : numbers.whole(trade.volume));
      setDirection(tick.price, trade?.change);
      setDirection(tick.volume, trade?.side === "buy" ? 1 : trade?.side === "sell" ? -1 : 0);
    });
  }

  private describe({ asks, bids }: BookRecord): void {
    const now = performance.now();
    if (now - this.describedAt < descriptionInterval) return;
    this.describedAt = now;
    const { numbers, texts } = this.context.localization;
    const [ask, bid] = [asks[0], bids[0]];
    setAttribute(
      this.table,
      "aria-label",
      texts.stockPage.bookSummary(
        numbers.plain(ask?.price),
        numbers.whole(ask?.quantity),
        numbers.plain(bid?.price),
        numbers.whole(bid?.quantity),
      ),
    );
  }
}

function makeRow(side: Side, level: number): Row {
  const bar = element("span", { class: "depth", "aria-hidden": "true" });
  const quantity = element("span", { class: "quantity" });
  const mark = element("i", { class: "price-mark" });
  const price = element("span", { class: "level-price" });
  const rate = element("small");
  const quantityCell = element("td", { class: "quantity-cell" }, bar, mark, quantity);
  const priceCell = element("th", { scope: "row", class: "price-cell" }, price, rate);
  const tr = element(
    "tr",
    { "data-side": side, "data-level": level },
    ...(side === "ask" ? [quantityCell, priceCell] : [priceCell, quantityCell]),
  );
  return { side, level, tr, quantity, bar, price, rate, mark };
}

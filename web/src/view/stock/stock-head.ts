import { clockText } from "../../market/market-time";
import type { Stock } from "../../market/stock";
import type { Venue } from "../../market/stock-feeds";
import type { Context } from "../context";
import { arrowOf, element, flash, setDirection, setText } from "../dom";
import { makeSwitch } from "../switch";
import { showPrice, showStrength, wholeAverage } from "./facts";

const paintInterval = 100;

const factNames = ["open", "high", "low", "previousClose", "volume", "turnover", "strength", "averagePrice", "viReference"] as const;
type Fact = (typeof factNames)[number];

/** The price of a stock, its range and volume, and what interrupts its trading. */
export class StockHead {
  readonly root: HTMLElement;
  private readonly price = element("strong", { "data-field": "price" }, "–");
  private readonly change = element("span", { "data-field": "change" });
  private readonly rate = element("span", { "data-field": "changeRate" });
  private readonly time = element("span", { class: "clock", "data-field": "time" });
  private readonly quote: HTMLElement;
  private readonly badges = element("ul", { class: "badges" });
  private readonly alert = element("p", { class: "alert", role: "status" });
  private readonly expected = element("p", { class: "expected", "data-field": "expected" });
  private readonly facts = new Map<Fact, HTMLElement>();
  private readonly name: string;
  private state = "";
  private shownPrice: number | null = null;

  constructor(
    private readonly context: Context,
    private readonly stock: Stock,
    offered: readonly Venue[],
    chooseVenue: (venue: Venue) => void,
  ) {
    const { localization, directory } = context;
    const { texts } = localization;
    this.name = localization.name(stock.code, directory.find(stock.code));
    const titles: Readonly<Record<Fact, string>> = {
      open: texts.open,
      high: texts.high,
      low: texts.low,
      previousClose: texts.stockPage.previousClose,
      volume: texts.volume,
      turnover: texts.turnover,
      strength: texts.strength,
      averagePrice: texts.stockPage.averagePrice,
      viReference: texts.stockPage.viReference,
    };
    const facts = factNames.map((fact) => {
      const value = element("dd", { "data-field": fact }, "–");
      this.facts.set(fact, value);
      return element(
        "div",
        { title: fact === "strength" ? texts.stockPage.strengthHint : undefined },
        element("dt", {}, titles[fact]),
        value,
      );
    });
    this.quote = element("p", { class: "quote" }, this.price, element("span", { class: "moves" }, this.change, this.rate));
    const venueSwitch = makeSwitch(
      texts.stockPage.venueLabel,
      offered.map((venue) => [venue, texts.stockPage.venue[venue]] as const),
      stock.venue,
      chooseVenue,
    );
    venueSwitch.id = "venue";
    this.alert.hidden = true;
    this.expected.hidden = true;
    this.root = element(
      "section",
      { id: "stock-head", class: "card", "data-code": stock.code, "aria-labelledby": "stock-name" },
      element(
        "header",
        {},
        element("h2", { id: "stock-name" }, element("bdi", { class: "name" }, this.name), element("small", {}, stock.code)),
        this.badges,
        this.time,
        venueSwitch,
      ),
      element("div", { class: "summary" }, this.quote, element("dl", { class: "facts" }, ...facts)),
      element("div", { class: "notes" }, this.alert, this.expected),
    );
    context.painter.add(this, paintInterval);
  }

  paint(): void {
    const { stock } = this;
    const { trade, book, status, expectedTrade } = stock;
    const state = [trade, book, status, expectedTrade].map(({ count, gaps }) => `${count}:${gaps.revision}`).join();
    if (state === this.state) return;
    this.state = state;
    this.root.classList.toggle("interrupted", trade.gaps.open !== undefined);
    this.paintPrice();
    this.paintBadges();
    this.paintAlert();
    this.paintExpected();
  }

  private paintPrice(): void {
    const { latest, latestTime } = this.stock.trade;
    const { numbers } = this.context.localization;
    setText(this.time, latestTime === null ? "" : clockText(latestTime));
    if (latest === null) return;
    const before = this.shownPrice;
    this.shownPrice = latest.price;
    if (setText(this.price, numbers.plain(latest.price)) && before !== null && latest.price !== null && before !== latest.price)
      flash(this.price, latest.price > before ? this.context.palette.upSoft : this.context.palette.downSoft);
    setDirection(this.quote, latest.change);
    const arrow = arrowOf(latest.change);
    setText(this.change, `${arrow} ${numbers.plain(latest.change === null ? null : Math.abs(latest.change))}`);
    setText(this.rate, numbers.percent(latest.changeRate));
    document.title = `${numbers.plain(latest.price)} ${arrow} ${numbers.percent(latest.changeRate)} ${this.name}`;
    const base = this.stock.previousClose;
    const setPrice = (fact: Fact, price: number | null): void => showPrice(this.facts.get(fact)!, price, base, numbers);
    setPrice("open", latest.open);
    setPrice("high", latest.high);
    setPrice("low", latest.low);
    setPrice("averagePrice", wholeAverage(latest.averagePrice));
    setText(this.facts.get("previousClose")!, numbers.plain(base));
    setText(this.facts.get("viReference")!, numbers.plain(latest.viReferencePrice === 0 ? null : latest.viReferencePrice));
    setText(this.facts.get("volume")!, numbers.whole(latest.accumulatedVolume));
    setText(this.facts.get("turnover")!, numbers.amount(latest.accumulatedValue));
    showStrength(this.facts.get("strength")!, latest.tradeStrength, numbers);
  }

  private paintBadges(): void {
    const { stock } = this;
    const { texts } = this.context.localization;
    const { stockPage } = texts;
    const { isInterrupted, isHalted } = stock;
    const badges: { readonly kind: string; readonly text: string }[] = [];
    if (isHalted) badges.push({ kind: "halt", text: stockPage.haltStart });
    if (isInterrupted) badges.push({ kind: "vi", text: texts.vi });
    const phase = stockPage.phase[stock.expected?.phase ?? stock.book.latest?.phase ?? ""];
    const session = stockPage.session[stock.trade.latest?.session ?? ""];
    if (phase !== undefined) badges.push({ kind: "phase", text: phase });
    else if (session !== undefined) badges.push({ kind: "session", text: session });
    const warning = stockPage.stockStatus[stock.status.latest?.stockStatus ?? ""];
    if (warning !== undefined && !isHalted) badges.push({ kind: "warning", text: warning });
    const text = badges.map(({ kind, text }) => `${kind}:${text}`).join("|");
    if (this.badges.dataset["state"] === text) return;
    this.badges.dataset["state"] = text;
    this.badges.replaceChildren(...badges.map((badge) => element("li", { class: "badge", "data-kind": badge.kind }, badge.text)));
  }

  private paintAlert(): void {
    const { stockPage } = this.context.localization.texts;
    const { isInterrupted, isHalted, status } = this.stock;
    const reason = status.latest?.haltReason?.trim() ?? "";
    const halt = reason === "" ? stockPage.halted : stockPage.haltedFor(reason);
    this.alert.hidden = !isInterrupted && !isHalted;
    setText(this.alert, isHalted ? halt : isInterrupted ? stockPage.viActive : "");
    this.root.dataset["vi"] = String(isInterrupted);
    this.root.dataset["halted"] = String(isHalted);
  }

  private paintExpected(): void {
    const { expected } = this.stock;
    this.expected.hidden = expected === null;
    if (expected === null) return;
    const { texts, numbers } = this.context.localization;
    const phase = texts.stockPage.phase[expected.phase ?? ""] ?? texts.stockPage.expected;
    setText(
      this.expected,
      texts.stockPage.expectedIn(
        phase,
        numbers.plain(expected.price),
        numbers.percent(expected.changeRate),
        numbers.whole(expected.volume),
      ),
    );
    setDirection(this.expected, expected.change);
  }
}

import type { DashboardPage, StatusPage } from "../../gateway/pages";
import type { Settings } from "../../settings/settings";
import type { Stock } from "../../market/stock";
import { stockTrId, venues, type StockFeed, type Venue } from "../../market/stock-feeds";
import type { Context } from "../context";
import type { DayBar } from "../day-bar";
import { element } from "../dom";
import { Header } from "../header";
import type { NotificationBar } from "../notification-bar";
import { OrderPanel } from "../order-panel";
import { makeSwitch } from "../switch";
import type { WatchList } from "../../watch/watch-list";
import { WatchPanel } from "../watch-panel";
import { BookPanel } from "./book-panel";
import { ProgramVenues } from "./program-venues";
import { StockChart } from "./stock-chart";
import { StockHead } from "./stock-head";
import { TapePanel } from "./tape-panel";

/** What a narrow screen shows; a wide one shows all. */
export type StockView = "book" | "tape" | "chart" | "flow";

/** Actions of the viewer that the page forwards. */
export interface StockPageActions {
  share(): void;
  chooseVenue(venue: Venue): void;
  chooseView(view: StockView): void;
  followOrders(htsId: string): void;
}

/** The page of a stock: price, chart, order book, trades, program trading and one's orders in it. */
export class StockPage {
  readonly root: HTMLElement;
  readonly header: Header;
  readonly watch: WatchPanel;
  private readonly toMarket: HTMLAnchorElement;
  private readonly chart: StockChart | null = null;
  private readonly orders: OrderPanel | null = null;

  /**
   * @param stock Null if the address has no valid code.
   * @param address The text in place of the code.
   * @param view The view of a narrow screen.
   * @param addressOf The address of a page: that of a stock by its code, or null for the market.
   */
  constructor(
    context: Context,
    settings: Settings,
    notifications: NotificationBar,
    private dashboard: DashboardPage,
    stock: Stock | null,
    address: string,
    view: StockView,
    watchList: WatchList,
    private readonly addressOf: (code: string | null) => string,
    dayBar: DayBar,
    actions: StockPageActions,
  ) {
    const { texts } = context.localization;
    const { stockPage } = texts;
    this.header = new Header(context.localization, settings);
    this.header.showSource(dashboard.source);
    const stocks = { addressOf, areChosen: true };
    this.watch = new WatchPanel(
      context,
      watchList,
      new Map(),
      (key) => this.dashboard.viewer.feeds.includes(key.trId),
      () => actions.share(),
      stocks,
    );
    this.toMarket = element("a", { id: "to-market", href: addressOf(null) }, stockPage.toMarket);
    this.watch.root.prepend(this.toMarket);
    const offers = offeredVenues(dashboard, "trade");
    const main = element("main", { id: "stock" }, this.watch.root);
    if (stock === null) main.append(element("p", { class: "problem", role: "status" }, stockPage.notCode(address)));
    else if (!offers.includes(stock.venue)) main.append(element("p", { class: "problem", role: "status" }, stockPage.notOffered));
    else {
      main.dataset["view"] = view;
      const views = makeSwitch<StockView>(
        stockPage.viewLabel,
        (["book", "tape", "chart", "flow"] as const).map((each) => [each, stockPage.view[each]] as const),
        view,
        (chosen) => {
          main.dataset["view"] = chosen;
          actions.chooseView(chosen);
        },
      );
      views.id = "views";
      this.chart = new StockChart(context, stock);
      this.orders = new OrderPanel(context, (htsId) => actions.followOrders(htsId), stock.orders);
      this.orders.root.dataset["view"] = "flow";
      main.append(
        new StockHead(context, stock, offers, (venue) => actions.chooseVenue(venue)).root,
        views,
        element(
          "div",
          { class: "stock-grid" },
          element(
            "div",
            { class: "stock-main" },
            this.chart.root,
            new ProgramVenues(context, stock, offeredVenues(dashboard, "program")).root,
            this.orders.root,
          ),
          new BookPanel(context, stock).root,
          new TapePanel(context, stock).root,
        ),
      );
    }
    const credit = element("a", { href: "https://www.tradingview.com/", rel: "noreferrer noopener", target: "_blank" }, texts.credit);
    this.root = element(
      "div",
      { class: "page" },
      this.header.root,
      dayBar.root,
      notifications.root,
      main,
      element("footer", {}, element("span", {}, texts.version(dashboard.version)), credit),
    );
  }

  /** @param hasHtsId Whether an HTS ID for order notices is known. */
  show(hasHtsId: boolean): void {
    this.watch.show();
    this.toMarket.href = this.addressOf(null);
    this.orders?.show(this.dashboard.viewer.mayNotices, hasHtsId);
  }

  showDashboard(dashboard: DashboardPage, hasHtsId: boolean): void {
    this.dashboard = dashboard;
    this.header.showSource(dashboard.source);
    this.show(hasHtsId);
  }

  showStatus(status: StatusPage): void {
    this.header.showSource(status.source);
  }

  markStatusStale(): void {
    // This page shows nothing of the gateway's status but the source of the data.
  }

  dispose(): void {
    this.chart?.dispose();
  }
}

/** The venues whose feed of a kind the viewer may see. */
export function offeredVenues({ viewer }: DashboardPage, feed: StockFeed): readonly Venue[] {
  return venues.filter((venue) => viewer.feeds.includes(stockTrId(feed, venue)));
}

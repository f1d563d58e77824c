import type { DashboardPage, GatewayKey, StatusPage } from "../gateway/pages";
import type { Settings } from "../settings/settings";
import { feedOf, targetOf, type Feed } from "../watch/target";
import type { WatchList } from "../watch/watch-list";
import type { AlertStore } from "../alerts/alert-store";
import { AlertPanel } from "./alert-panel";
import type { Context } from "./context";
import type { DayBar } from "./day-bar";
import { element } from "./dom";
import { Header } from "./header";
import { HealthPanel } from "./health-panel";
import { IndexPanel } from "./index-panel";
import type { NotificationBar } from "./notification-bar";
import { OrderPanel } from "./order-panel";
import { ProgramPanel } from "./program-panel";
import { QuotePanel } from "./quote-panel";
import { bondTable, futuresTable, overseasTable, stockTable } from "./quote-tables";
import { WatchPanel, type StockLinks } from "./watch-panel";

/** Actions of the viewer that the page forwards. */
export interface PageActions {
  share(): void;
  playSound(): void;
  followOrders(htsId: string): void;
}

/** All panels; shown once the viewer is signed in. */
export class Page {
  readonly root: HTMLElement;
  readonly header: Header;
  readonly watch: WatchPanel;
  readonly alerts: AlertPanel;
  private readonly quotes: readonly (readonly [{ readonly root: HTMLElement; show(targets: readonly string[]): void }, ...Feed[]])[];
  private readonly indexes: IndexPanel;
  private readonly programs: ProgramPanel;
  private readonly orders: OrderPanel;
  private readonly health: HealthPanel;

  constructor(
    context: Context,
    settings: Settings,
    notifications: NotificationBar,
    private readonly watchList: WatchList,
    private dashboard: DashboardPage,
    refusals: ReadonlyMap<string, string>,
    alertStore: AlertStore,
    dayBar: DayBar,
    stocks: StockLinks,
    actions: PageActions,
  ) {
    const { texts } = context.localization;
    this.header = new Header(context.localization, settings);
    this.header.showSource(dashboard.source);
    this.watch = new WatchPanel(
      context,
      watchList,
      refusals,
      (key) => this.dashboard.viewer.feeds.includes(key.trId),
      () => actions.share(),
      stocks,
    );
    this.alerts = new AlertPanel(context, alertStore, () => actions.playSound());
    const stockQuotes = new QuotePanel(
      context,
      stockTable(context, stocks.addressOf, (target, name) => this.alerts.makeOpener(target, name)),
    );
    const futures = new QuotePanel(context, futuresTable(context));
    const overseas = new QuotePanel(context, overseasTable(context));
    const bonds = new QuotePanel(context, bondTable(context));
    this.quotes = [
      [stockQuotes, "trade", "trade-krx", "trade-nxt"],
      [futures, "futures", "night-futures"],
      [overseas, "us", "overseas-futures"],
      [bonds, "bond"],
    ];
    this.indexes = new IndexPanel(context);
    this.programs = new ProgramPanel(context);
    this.orders = new OrderPanel(context, (htsId) => actions.followOrders(htsId));
    this.health = new HealthPanel(context);
    this.header.states.append(this.health.button);
    this.header.tools.prepend(this.alerts.button);
    const credit = element("a", { href: "https://www.tradingview.com/", rel: "noreferrer noopener", target: "_blank" }, texts.credit);
    this.root = element(
      "div",
      { class: "page" },
      this.header.root,
      dayBar.root,
      notifications.root,
      this.health.root,
      element(
        "main",
        {},
        this.watch.root,
        element("div", { class: "board" }, stockQuotes.root, element("div", { class: "stack" }, futures.root, overseas.root)),
        this.indexes.root,
        this.programs.root,
        bonds.root,
        this.orders.root,
      ),
      this.alerts.root,
      element("footer", {}, element("span", {}, texts.version(dashboard.version)), credit),
    );
  }

  /** Shows the watch list's keys. @param hasHtsId Whether an HTS ID for order notices is known. */
  show(hasHtsId: boolean): void {
    const { all } = this.watchList;
    const targets = (...feeds: readonly Feed[]): string[] =>
      all.filter((key) => feeds.includes(feedOf(key.trId)!)).map((key) => targetOf(key.trId, key.key));
    this.watch.show();
    for (const [panel, ...feeds] of this.quotes) panel.show(targets(...feeds));
    this.indexes.show(targets("index"));
    this.alerts.setWatched(all.filter((key) => !isProgram(key)));
    this.programs.show([...new Set(all.filter(isProgram).map(({ key }) => key))]);
    this.orders.show(this.dashboard.viewer.mayNotices, hasHtsId);
  }

  showDashboard(dashboard: DashboardPage, hasHtsId: boolean): void {
    this.dashboard = dashboard;
    this.header.showSource(dashboard.source);
    this.show(hasHtsId);
  }

  showStatus(status: StatusPage): void {
    this.header.showSource(status.source);
    this.health.show(status);
  }

  markStatusStale(): void {
    this.health.markStale();
  }

  dispose(): void {
    this.indexes.dispose();
    this.programs.dispose();
  }
}

function isProgram({ trId }: GatewayKey): boolean {
  return feedOf(trId)?.startsWith("program") === true;
}

import type { DashboardPage, GatewayKey, StatusPage } from "../gateway/pages";
import type { Settings } from "../settings/settings";
import { feedOf, targetOf } from "../watch/target";
import type { WatchList } from "../watch/watch-list";
import { BondPanel } from "./bond-panel";
import type { Context } from "./context";
import type { DayBar } from "./day-bar";
import { element } from "./dom";
import { Header } from "./header";
import { HealthPanel } from "./health-panel";
import { IndexPanel } from "./index-panel";
import type { NotificationBar } from "./notification-bar";
import { OrderPanel } from "./order-panel";
import { ProgramPanel } from "./program-panel";
import { WatchPanel, type StockLinks } from "./watch-panel";

/** Actions of the viewer that the page forwards. */
export interface PageActions {
  share(): void;
  followOrders(htsId: string): void;
}

/** All panels; shown once the viewer is signed in. */
export class Page {
  readonly root: HTMLElement;
  readonly header: Header;
  readonly watch: WatchPanel;
  private readonly indexes: IndexPanel;
  private readonly programs: ProgramPanel;
  private readonly bonds: BondPanel;
  private readonly orders: OrderPanel;
  private readonly health: HealthPanel;

  constructor(
    context: Context,
    settings: Settings,
    notifications: NotificationBar,
    private readonly watchList: WatchList,
    private dashboard: DashboardPage,
    refusals: ReadonlyMap<string, string>,
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
    this.indexes = new IndexPanel(context);
    this.programs = new ProgramPanel(context);
    this.bonds = new BondPanel(context);
    this.orders = new OrderPanel(context, (htsId) => actions.followOrders(htsId));
    this.health = new HealthPanel(context);
    const credit = element("a", { href: "https://www.tradingview.com/", rel: "noreferrer noopener", target: "_blank" }, texts.credit);
    this.root = element(
      "div",
      { class: "page" },
      this.header.root,
      dayBar.root,
      notifications.root,
      element(
        "main",
        {},
        this.watch.root,
        this.indexes.root,
        element(
          "div",
          { class: "columns" },
          element("div", { class: "wide" }, this.programs.root, this.bonds.root, this.orders.root),
          element("div", { class: "narrow" }, this.health.root),
        ),
      ),
      element("footer", {}, element("span", {}, texts.version(dashboard.version)), credit),
    );
  }

  /** Shows the watch list's keys. @param hasHtsId Whether an HTS ID for order notices is known. */
  show(hasHtsId: boolean): void {
    const { all } = this.watchList;
    const targets = (feed: string): string[] => all.filter((key) => feedOf(key.trId) === feed).map((key) => targetOf(key.trId, key.key));
    this.watch.show();
    this.indexes.show(targets("index"));
    this.bonds.show(targets("bond"));
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

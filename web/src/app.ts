import { CredentialsRequiredError, type Gateway } from "./gateway/gateway";
import type { AnyRecord, Item, Refused } from "./gateway/items";
import type { DashboardPage, GatewayKey, StatusPage } from "./gateway/pages";
import { readSignInCode, consumeSignInCode } from "./gateway/sign-in-link";
import { isUpstreamSilent } from "./gateway/silence";
import { Stream, type StreamState } from "./gateway/stream";
import { AlertStore } from "./alerts/alert-store";
import { AlertWatch } from "./alerts/alert-watch";
import type { AlertRule } from "./alerts/alert-rule";
import { showNotification } from "./alerts/browser-notification";
import { Sound } from "./alerts/sound";
import { DayView } from "./day-view";
import { HistoryLoader } from "./history-loader";
import { Market } from "./market/market";
import { stockKeys, type Venue } from "./market/stock-feeds";
import { StockMarket } from "./market/stock-market";
import { Settings } from "./settings/settings";
import { readStockAddress, stockPath, withVenue } from "./stock-address";
import { writeSession, readSession } from "./storage/session";
import { TapePast } from "./tape-past";
import { localize, type Localization } from "./text/localization";
import type { GapReason } from "./text/gateway-values";
import { alertText } from "./view/alert-text";
import type { Context } from "./view/context";
import { element } from "./view/dom";
import { Header, type ConnectionState } from "./view/header";
import { NotificationBar, type Message } from "./view/notification-bar";
import { Page } from "./view/page";
import { Painter } from "./view/painter";
import { readPalette } from "./view/palette";
import { signInErrorText, SignIn } from "./view/sign-in";
import { offeredVenues, StockPage, type StockView } from "./view/stock/stock-page";
import { Directory } from "./watch/directory";
import { feedOf, partsOf, stockNoticeTrIds, targetOf } from "./watch/target";
import { readAddress, WatchList } from "./watch/watch-list";

const statusInterval = 2_000;
const hiddenStatusInterval = 15_000;
const retryInterval = 3_000;
const storedHtsId = "kisfeed.htsId";

/** The page as a whole: connects the gateway's data with the market state and the panels, and recovers from errors. */
export class App {
  /** The stock in the page's address; null on the market's page. */
  private readonly stockAddress = readStockAddress(location.pathname, location.search);
  private readonly stockMarket: StockMarket | null;
  private stockView: StockView = "book";
  private readonly market: Market;
  private readonly painter = new Painter();
  private readonly settings = new Settings(() => this.build());
  private readonly watchList = new WatchList(() => this.onWatchListChanged());
  private readonly stream: Stream;
  private readonly historyLoader: HistoryLoader;
  private localization: Localization = localize(this.settings.language);
  private readonly notifications = new NotificationBar(this.localization);
  private directory = new Directory([]);
  private dashboard: DashboardPage | null = null;
  private page: Page | StockPage | null = null;
  private readonly day: DayView;
  private readonly alerts = new AlertStore(() => this.onAlertsChanged());
  private readonly alertWatch = new AlertWatch(this.alerts, (rule, record) => this.onAlertFired(rule, record));
  private readonly sound = new Sound(() => this.alerts.choices.sound);
  private state: ConnectionState = "connecting";
  private lostAt: number | null = null;
  /** Why signing in by a link failed; null after a successful sign-in. */
  private linkError: unknown = null;
  private status: StatusPage | null = null;
  private statusTimer: ReturnType<typeof setTimeout> | undefined;
  /** Targets whose history has been requested. */
  private readonly requestedHistories = new Set<string>();
  private readonly refusedHtsIds = new Set<string>();
  /** Reasons of refused registrations, by target. */
  private readonly refusals = new Map<string, string>();
  /** Targets with an interruption that has not ended yet. */
  private readonly interrupted = new Set<string>();

  constructor(
    private readonly gateway: Gateway,
    private readonly container: HTMLElement,
  ) {
    const { code = null, venue = "all" } = this.stockAddress ?? {};
    this.stockMarket =
      code === null ? null : new StockMarket(code, venue, new TapePast(gateway, () => this.dashboard?.hasHistory === true));
    this.market = this.stockMarket ?? new Market();
    this.day = new DayView(gateway, this.market, () => this.showSignIn());
    this.historyLoader = new HistoryLoader(gateway, (history) => this.market.seed(history));
    this.stream = new Stream(gateway, {
      onItem: (item) => this.onItem(item),
      onState: (state) => this.onStreamState(state),
      onOpened: (resumes) => this.onStreamOpened(resumes),
      beforeRetry: () => this.checkCredentials(),
    });
    addEventListener("hashchange", () => void this.onAddressChanged());
    this.painter.start();
  }

  /** Loads the dashboard and the instruments, retrying until the gateway answers, and shows the page. */
  async start(): Promise<void> {
    this.build();
    await this.signInByLink();
    for (;;) {
      try {
        const [dashboard, { instruments }] = await Promise.all([this.gateway.dashboard(), this.gateway.instruments()]);
        this.dashboard = dashboard;
        this.directory = new Directory(instruments);
        await this.day.open(this.dashboard.hasHistory);
        break;
      } catch (error) {
        if (error instanceof CredentialsRequiredError) return this.showSignIn();
        const message = error instanceof Error ? error.message : String(error);
        this.notifications.show(({ texts }) => texts.gatewayUnreachable(message), "bad");
        await new Promise((resolve) => setTimeout(resolve, retryInterval));
      }
    }
    this.state = this.day.isLive ? "connecting" : "recorded";
    this.notifications.clear();
    const linkError = this.linkError;
    this.linkError = null;
    // An earlier sign-in stays valid when a link fails.
    if (linkError !== null) this.notifications.show(({ texts }) => signInErrorText(linkError, texts), "bad");
    if (!this.readAddress()) this.watchList.replace(this.dashboard.watch.filter(({ trId }) => feedOf(trId) !== undefined));
    this.chooseOfferedVenue();
    this.updateSubscriptions();
    this.build();
    if (this.day.isLive) this.stream.start();
    void this.pollStatus();
  }

  /** Signs in with the code in the page's address, if it has one. */
  private async signInByLink(): Promise<void> {
    const code = consumeSignInCode();
    if (code === null) return;
    try {
      await this.gateway.signInByLink(code);
      this.linkError = null;
    } catch (error) {
      this.linkError = error;
    }
  }

  /** Rebuilds the whole page for the current settings. The market state is kept. */
  private build(): void {
    const { settings } = this;
    const focused = document.activeElement?.id;
    const root = document.documentElement;
    root.lang = settings.language;
    root.dataset["theme"] = settings.theme;
    root.dataset["colors"] = settings.colors;
    this.localization = localize(settings.language);
    this.notifications.translate(this.localization);
    document.title = `${this.localization.texts.title} · ${this.localization.texts.subtitle}`;
    this.painter.clear();
    this.page?.dispose();
    this.page = null;
    if (this.dashboard === null) {
      const header = new Header(this.localization, settings);
      header.showConnection(this.state);
      this.container.replaceChildren(header.root, this.notifications.root);
      if (this.state === "signin")
        this.container.append(
          element("main", {}, new SignIn(this.localization, this.gateway, () => void this.start(), this.linkError).root),
        );
    } else {
      const context: Context = {
        localization: this.localization,
        market: this.market,
        directory: this.directory,
        painter: this.painter,
        palette: readPalette(),
        noData: this.day.noData(this.localization),
      };
      this.page =
        this.stockAddress === null
          ? new Page(
              context,
              settings,
              this.notifications,
              this.watchList,
              this.dashboard,
              this.refusals,
              this.alerts,
              this.day.makeBar(this.localization),
              { addressOf: (code) => this.addressOf(code), areChosen: false },
              { share: () => void this.share(), followOrders: (htsId) => this.followOrders(htsId), playSound: () => this.sound.play() },
            )
          : this.makeStockPage(context, this.dashboard, this.stockAddress.text);
      this.page.header.showConnection(this.state);
      this.container.replaceChildren(this.page.root);
      this.page.show(this.htsIds().length > 0);
      if (this.status !== null) this.page.showStatus(this.status);
    }
    if (focused !== undefined && focused !== "") document.getElementById(focused)?.focus();
  }

  private makeStockPage(context: Context, dashboard: DashboardPage, text: string): StockPage {
    return new StockPage(
      context,
      this.settings,
      this.notifications,
      dashboard,
      this.stockMarket?.stock ?? null,
      text,
      this.stockView,
      this.watchList,
      (code) => this.addressOf(code),
      this.day.makeBar(this.localization),
      {
        share: () => void this.share(),
        chooseVenue: (venue) => this.chooseVenue(venue),
        chooseView: (view) => (this.stockView = view),
        followOrders: (htsId) => this.followOrders(htsId),
      },
    );
  }

  /** The address of a stock's page, or with null of the market's, with the watch list. */
  private addressOf(code: string | null): string {
    const { address } = this.watchList;
    return this.gateway.addressOf(code === null ? address : stockPath(code, this.stockMarket?.stock.venue ?? "all", address));
  }

  private chooseVenue(venue: Venue): void {
    history.replaceState(null, "", `${location.pathname}${withVenue(location.search, venue)}${location.hash}`);
    this.stockMarket?.chooseVenue(venue);
    this.updateTracking();
    this.build();
    this.page?.root.querySelector<HTMLElement>("#venue [aria-pressed=true]")?.focus();
  }

  /** A service, or the viewer's rights, may lack the consolidated feeds. */
  private chooseOfferedVenue(): void {
    const { dashboard, stockMarket } = this;
    if (dashboard === null || stockMarket === null) return;
    const offered = offeredVenues(dashboard, "trade");
    if (offered.length > 0 && !offered.includes(stockMarket.stock.venue)) stockMarket.chooseVenue(offered[0]!);
  }

  private showSignIn(): void {
    if (this.state === "signin") return;
    clearTimeout(this.statusTimer);
    this.stream.stop();
    this.dashboard = null;
    this.status = null;
    this.market.orders.clear(); // The next sign-in may be another consumer's.
    writeSession(storedHtsId, null);
    this.state = "signin";
    this.build();
    document.getElementById("appkey")?.focus();
  }

  private onItem(item: Item): void {
    this.market.apply(item);
    switch (item.kind) {
      case "interruption": {
        const { trId, key, reason } = item.interruption;
        if (feedOf(trId) === "notice") break; // The next notice may be hours away, so its absence means nothing.
        if (this.interrupted.size === 0) {
          const message = ({ texts }: Localization): string => texts.upstreamInterrupted(texts.gapReason[reason as GapReason] ?? reason);
          this.notifications.show(message, "bad");
          this.onDataMissing(message);
        }
        this.interrupted.add(targetOf(trId, key));
        break;
      }
      case "record": {
        const { trId, key, snapshot } = item.record;
        if (snapshot !== true && this.interrupted.size > 0 && this.interrupted.has(targetOf(trId, key))) {
          this.interrupted.clear();
          this.notifications.show(({ texts }) => texts.dataRestored, "good");
        }
        this.loadHistory(trId, key);
        this.alertWatch.onRecord(item.record);
        break;
      }
      case "subscribed": {
        const { trId, key, registered } = item.subscribed;
        if (this.refusals.delete(targetOf(trId, key))) this.page?.watch.show();
        if (registered) this.loadHistory(trId, key);
        break;
      }
      case "resumed":
        if (!item.complete) this.requestedHistories.clear();
        this.notifyReconnected(item.complete);
        break;
      case "refused":
        this.onRefused(item.refused);
        break;
      case "end":
        this.notifications.show(({ texts }) => texts.streamEnded(item.reason), "bad");
        break;
    }
  }

  /** Requests the history of a key, once. */
  private loadHistory(trId: string, key: string): void {
    const target = targetOf(trId, key);
    if (this.requestedHistories.has(target) || feedOf(trId) === "notice") return;
    this.requestedHistories.add(target);
    this.historyLoader.load(trId, key);
  }

  private onRefused({ trId, key, reason }: Refused): void {
    if (trId === undefined || key === undefined) return this.notifications.show(({ texts }) => texts.refused(texts.watch, reason), "bad");
    if (feedOf(trId) === "notice") {
      this.onOrdersRefused(key);
      return this.notifications.show(({ texts }) => texts.refused(texts.orders, reason), "bad");
    }
    const target = targetOf(trId, key);
    if (this.refusals.get(target) === reason) return; // A retry with the same result.
    this.refusals.set(target, reason);
    this.page?.watch.show();
    this.notifications.show((localization) => localization.texts.refused(localization.name(key, this.directory.find(key)), reason), "bad");
  }

  private onStreamState(state: StreamState): void {
    if (state === "lost" && this.state !== "lost") {
      this.lostAt = performance.now();
      this.market.onOwnConnectionLost();
      this.notifications.show(({ texts }) => texts.gatewayLost, "bad");
      this.onDataMissing(({ texts }) => texts.gatewayLost);
    }
    this.state = state;
    this.page?.header.showConnection(state);
  }

  private onStreamOpened(resumes: boolean): void {
    if (!resumes) this.requestedHistories.clear();
    if (!resumes && this.lostAt !== null) this.notifyReconnected(false);
    void this.refreshDashboard();
    void this.pollStatus();
  }

  /**
   * Reports that the page's own connection is back. If the stream was resumed, missed records arrive now, and the gateway sends gaps for
   * the rest.
   */
  private notifyReconnected(isComplete: boolean): void {
    const seconds = (performance.now() - (this.lostAt ?? performance.now())) / 1000;
    this.lostAt = null;
    if (isComplete) this.market.onOwnConnectionResumed();
    this.notifications.show(
      ({ texts, numbers }) => (isComplete ? texts.reconnectedComplete : texts.reconnectedWithGaps)(numbers.fixed(seconds, 1)),
      isComplete ? "good" : "plain",
    );
  }

  private onAlertsChanged(): void {
    if (this.page instanceof Page) this.page.alerts.show();
    this.updateTracking();
  }

  private onAlertFired(rule: AlertRule, record: AnyRecord): void {
    const price = "price" in record ? record.price : null;
    this.ring(
      (localization) =>
        localization.texts.alertFired(
          alertText(rule, localization, this.directory),
          price === null ? "" : localization.numbers.plain(price),
        ),
      targetOf(rule.trId, rule.key) + rule.kind,
      true,
    );
  }

  /** Rings if the viewer wants to know of missing data. The page shows them in any case. */
  private onDataMissing(message: Message): void {
    if (this.alerts.choices.gap) this.ring(message, "gap", false);
  }

  private ring(message: Message, tag: string, isShown: boolean): void {
    if (isShown) this.notifications.show(message, "alert");
    const { sound, browser } = this.alerts.choices;
    if (sound) this.sound.play();
    if (browser) showNotification(message(this.localization), tag);
  }

  private async refreshDashboard(): Promise<void> {
    const before = this.dashboard;
    if (before === null) return;
    const now = await this.gateway.dashboard().catch(() => null);
    if (now === null || this.dashboard === null) return;
    // A gateway with another version serves another page.
    if (now.version !== before.version) location.reload();
    this.dashboard = now;
    this.page?.showDashboard(now, this.htsIds().length > 0);
    this.updateSubscriptions();
  }

  /** Shows the sign-in form and rejects if the connection was lost because the approval key is no longer valid. */
  private async checkCredentials(): Promise<void> {
    try {
      await this.gateway.dashboard();
    } catch (error) {
      if (!(error instanceof CredentialsRequiredError)) return;
      this.showSignIn();
      throw error;
    }
  }

  private async pollStatus(): Promise<void> {
    clearTimeout(this.statusTimer);
    try {
      const status = await this.gateway.status();
      this.notifySilence(status);
      this.status = status;
      if (this.dashboard !== null) this.dashboard = { ...this.dashboard, source: status.source };
      this.market.rate.add(performance.now(), status.totals.framesReceived);
      this.page?.showStatus(status);
    } catch (error) {
      if (error instanceof CredentialsRequiredError) return this.showSignIn();
      // The stream reports a lost connection.
      this.status = null;
      this.page?.markStatusStale();
    }
    if (this.dashboard === null) return;
    clearTimeout(this.statusTimer);
    this.statusTimer = setTimeout(
      () => void this.pollStatus(),
      document.visibilityState === "visible" ? statusInterval : hiddenStatusInterval,
    );
  }

  /** Warns when upstream's connection is open but silent, before the gateway's watchdog replaces it. */
  private notifySilence(status: StatusPage): void {
    const isSilent = isUpstreamSilent(status);
    if (isSilent && (this.status === null || !isUpstreamSilent(this.status)))
      this.notifications.show(({ texts }) => texts.upstreamSilent, "bad");
  }

  private async onAddressChanged(): Promise<void> {
    if (readSignInCode(location.hash).code === null) {
      this.readAddress();
      return;
    }
    await this.signInByLink();
    // The new consumer may be another one: discard everything of the previous one.
    if (this.linkError === null) location.reload();
    else if (this.state === "signin") this.build();
    else this.notifications.show(({ texts }) => texts.signInLinkFailed, "bad");
  }

  /** Replaces the watch list with the one in the address, if it has one. */
  private readAddress(): boolean {
    // A shared link must not register more keys than there are slots.
    const read = readAddress(location.hash, this.dashboard?.slots);
    if (read === null || location.hash === this.watchList.address) return read !== null;
    if (read.invalid.length > 0) this.notifications.show(({ texts }) => texts.invalidKeys(read.invalid.join(", ")), "plain");
    this.watchList.replace(read.keys);
    return true;
  }

  /** The keys that the page shows, and those that alerts need. The page of a stock shows the watch list only as links. */
  private get keys(): readonly GatewayKey[] {
    const shown = this.shownKeys;
    const known = new Set(shown.map((key) => targetOf(key.trId, key.key)));
    return [...shown, ...this.offered(this.alerts.keys).filter((key) => !known.has(targetOf(key.trId, key.key)))];
  }

  private get shownKeys(): readonly GatewayKey[] {
    if (this.stockAddress === null) return this.watchList.all;
    if (this.stockMarket === null) return [];
    const { code, venue } = this.stockMarket.stock;
    return this.offered(stockKeys(code, venue));
  }

  private offered(keys: readonly GatewayKey[]): readonly GatewayKey[] {
    return keys.filter(({ trId }) => this.dashboard?.viewer.feeds.includes(trId) === true);
  }

  private onWatchListChanged(): void {
    if (location.hash !== this.watchList.address) history.replaceState(null, "", this.watchList.address);
    this.updateTracking();
    this.page?.show(this.htsIds().length > 0);
  }

  private updateTracking(): void {
    const targets = new Set(this.keys.map((key) => targetOf(key.trId, key.key)));
    for (const known of new Set([...this.requestedHistories, ...[...this.market.entries()].map(([target]) => target)])) {
      if (targets.has(known)) continue;
      const { trId, key } = partsOf(known);
      this.market.untrack(trId, key);
      this.requestedHistories.delete(known);
      this.day.forget(known);
      this.refusals.delete(known);
      this.interrupted.delete(known);
    }
    if (this.stockAddress === null) for (const key of this.keys) this.market.track(key.trId, key.key);
    this.updateSubscriptions();
  }

  private updateSubscriptions(): void {
    const { dashboard } = this;
    if (dashboard === null) return;
    const isOfStocks = this.stockAddress !== null;
    const notice = dashboard.viewer.feeds.find((trId) => feedOf(trId) === "notice" && stockNoticeTrIds.includes(trId) === isOfStocks);
    const notices: GatewayKey[] =
      notice === undefined || !dashboard.viewer.mayNotices ? [] : this.htsIds().map((key) => ({ trId: notice, key }));
    const keys = [...this.keys, ...notices];
    if (this.day.isLive) this.stream.setTargets(keys.map((key) => targetOf(key.trId, key.key)));
    else this.day.load(keys);
  }

  /** The HTS IDs whose order notices to show: the one entered on this page, or else those that the gateway knows. */
  private htsIds(): readonly string[] {
    const typed = readSession(storedHtsId);
    const known = typed === null ? (this.dashboard?.noticeKeys ?? []) : [typed];
    return known.filter((htsId) => !this.refusedHtsIds.has(htsId));
  }

  private followOrders(htsId: string): void {
    writeSession(storedHtsId, htsId);
    this.refusedHtsIds.delete(htsId);
    this.showOrders();
  }

  private onOrdersRefused(htsId: string): void {
    writeSession(storedHtsId, null);
    this.refusedHtsIds.add(htsId);
    this.showOrders();
  }

  private showOrders(): void {
    this.page?.show(this.htsIds().length > 0);
    this.updateSubscriptions();
  }

  private async share(): Promise<void> {
    try {
      await navigator.clipboard.writeText(location.href);
      this.notifications.show(({ texts }) => texts.shared, "good");
    } catch {
      this.notifications.show(({ texts }) => texts.shareFailed, "plain");
    }
  }
}

import { CredentialsNeeded, type Gateway } from "./gateway/gateway";
import type { Item, Refused } from "./gateway/items";
import type { DashboardPage, GatewayKey, StatusPage } from "./gateway/pages";
import { readSignInCode, takeSignInCode } from "./gateway/sign-in-link";
import { isUpstreamSilent } from "./gateway/silence";
import { Stream, type StreamState } from "./gateway/stream";
import { Histories } from "./histories";
import { Market } from "./market/market";
import { Settings } from "./settings/settings";
import { keep, recall } from "./storage/session";
import { speak, type Speech } from "./text/language";
import type { GapReason } from "./text/words";
import type { Context } from "./view/context";
import { element } from "./view/dom";
import { Header, type ConnectionState } from "./view/header";
import { News } from "./view/news";
import { Page } from "./view/page";
import { Painter } from "./view/painter";
import { readPalette } from "./view/palette";
import { reasonOf, SignIn } from "./view/sign-in";
import { Directory } from "./watch/directory";
import { feedOf, targetOf } from "./watch/target";
import { readAddress, WatchList } from "./watch/watch-list";

const statusEvery = 2_000;
const statusEveryUnseen = 15_000;
const retryEvery = 3_000;
const storedHtsId = "kisfeed.htsId";

/** The page as a whole: begins, brings what the gateway says to what is known and what is shown, and goes on when something breaks. */
export class App {
  private readonly market = new Market();
  private readonly painter = new Painter();
  private readonly settings = new Settings(() => this.build());
  private readonly list = new WatchList(() => this.watchChanged());
  private readonly stream: Stream;
  private readonly histories: Histories;
  private speech: Speech = speak(this.settings.language);
  private readonly news = new News(this.speech);
  private directory = new Directory([]);
  private dashboard: DashboardPage | null = null;
  private page: Page | null = null;
  private state: ConnectionState = "connecting";
  private lostAt: number | null = null;
  /** Why signing in by a link failed, until somebody is signed in. */
  private linkProblem: unknown = null;
  private status: StatusPage | null = null;
  private statusTimer: ReturnType<typeof setTimeout> | undefined;
  /** Keys whose day is known from its beginning. */
  private readonly seeded = new Set<string>();
  private readonly refusedHtsIds = new Set<string>();
  /** Why keys are not given, by target. */
  private readonly refusals = new Map<string, string>();
  /** Keys of which data may be missing just now, and nobody has said otherwise. */
  private readonly interrupted = new Set<string>();

  constructor(
    private readonly gateway: Gateway,
    private readonly place: HTMLElement,
  ) {
    this.histories = new Histories(gateway, (history) => this.market.seed(history));
    this.stream = new Stream(gateway, {
      item: (item) => this.take(item),
      state: (state) => this.streamIs(state),
      opened: (resumes) => this.streamOpened(resumes),
      beforeRetry: () => this.checkCredentials(),
    });
    addEventListener("hashchange", () => void this.addressChanged());
    this.painter.start();
  }

  /** Shows the page, as soon as the gateway says what there is. */
  async start(): Promise<void> {
    this.build();
    await this.signInByLink();
    for (;;) {
      try {
        this.dashboard = await this.gateway.dashboard();
        this.directory = new Directory((await this.gateway.instruments()).instruments);
        break;
      } catch (error) {
        if (error instanceof CredentialsNeeded) return this.askCredentials();
        const why = error instanceof Error ? error.message : String(error);
        this.news.tell(({ texts }) => texts.newsUnreachable(why), "bad");
        await new Promise((resolve) => setTimeout(resolve, retryEvery));
      }
    }
    this.state = "connecting";
    this.news.clear();
    const problem = this.linkProblem;
    this.linkProblem = null;
    // Whoever was signed in before stays it.
    if (problem !== null) this.news.tell(({ texts }) => reasonOf(problem, texts), "bad");
    if (!this.readAddress()) this.list.replace(this.dashboard.watch.filter(({ trId }) => feedOf(trId) !== undefined));
    this.want();
    this.build();
    this.stream.start();
    void this.pollStatus();
  }

  /** Signs in by the link that led here, where one did. */
  private async signInByLink(): Promise<void> {
    const code = takeSignInCode();
    if (code === null) return;
    try {
      await this.gateway.signInByLink(code);
      this.linkProblem = null;
    } catch (error) {
      this.linkProblem = error;
    }
  }

  /** Makes everything that is shown anew, as its viewer likes it. What is known stays. */
  private build(): void {
    const { settings } = this;
    const focused = document.activeElement?.id;
    const root = document.documentElement;
    root.lang = settings.language;
    root.dataset["theme"] = settings.theme;
    root.dataset["colors"] = settings.colors;
    this.speech = speak(settings.language);
    this.news.translate(this.speech);
    document.title = `${this.speech.texts.title} · ${this.speech.texts.subtitle}`;
    this.painter.clear();
    this.page?.dispose();
    this.page = null;
    if (this.dashboard === null) {
      const header = new Header(this.speech, settings);
      header.showConnection(this.state);
      this.place.replaceChildren(header.root, this.news.root);
      if (this.state === "signin") this.place.append(element("main", {}, new SignIn(this.speech, this.gateway, () => void this.start(), this.linkProblem).root));
    } else {
      const context: Context = { speech: this.speech, market: this.market, directory: this.directory, painter: this.painter, palette: readPalette() };
      this.page = new Page(context, settings, this.news, this.list, this.dashboard, this.refusals, { share: () => void this.share(), orders: (htsId) => this.followOrders(htsId) });
      this.page.header.showConnection(this.state);
      this.place.replaceChildren(this.page.root);
      this.page.show(this.htsIds().length > 0);
      if (this.status !== null) this.page.showStatus(this.status);
    }
    if (focused !== undefined && focused !== "") document.getElementById(focused)?.focus();
  }

  private askCredentials(): void {
    if (this.state === "signin") return;
    clearTimeout(this.statusTimer);
    this.stream.stop();
    this.dashboard = null;
    this.status = null;
    this.market.orders.clear(); // Who signs in next may be somebody else.
    keep(storedHtsId, null);
    this.state = "signin";
    this.build();
    document.getElementById("appkey")?.focus();
  }

  private take(item: Item): void {
    this.market.take(item);
    switch (item.kind) {
      case "interruption": {
        const { trId, key, reason } = item.interruption;
        if (feedOf(trId) === "notice") break; // The next one may be hours away, and say nothing of whether data come.
        if (this.interrupted.size === 0) this.news.tell(({ texts }) => texts.newsInterrupted(texts.gapReason[reason as GapReason] ?? reason), "bad");
        this.interrupted.add(targetOf(trId, key));
        break;
      }
      case "record": {
        const { trId, key, snapshot } = item.record;
        if (snapshot !== true && this.interrupted.size > 0 && this.interrupted.has(targetOf(trId, key))) {
          this.interrupted.clear();
          this.news.tell(({ texts }) => texts.newsRestored, "good");
        }
        this.askHistory(trId, key);
        break;
      }
      case "subscribed": {
        const { trId, key, registered } = item.subscribed;
        if (this.refusals.delete(targetOf(trId, key))) this.page?.watch.show();
        if (registered) this.askHistory(trId, key);
        break;
      }
      case "resumed":
        if (!item.complete) this.seeded.clear();
        this.toldBack(item.complete);
        break;
      case "refused":
        this.refuse(item.refused);
        break;
      case "end":
        this.news.tell(({ texts }) => texts.newsEnded(item.reason), "bad");
        break;
    }
  }

  /** Asks once for what has happened to a key: as soon as the gateway has it. */
  private askHistory(trId: string, key: string): void {
    const target = targetOf(trId, key);
    if (this.seeded.has(target) || feedOf(trId) === "notice") return;
    this.seeded.add(target);
    this.histories.ask(trId, key);
  }

  private refuse({ trId, key, reason }: Refused): void {
    if (trId === undefined || key === undefined) return this.news.tell(({ texts }) => texts.refused(texts.watch, reason), "bad");
    if (feedOf(trId) === "notice") {
      this.refuseOrders(key);
      return this.news.tell(({ texts }) => texts.refused(texts.orders, reason), "bad");
    }
    const target = targetOf(trId, key);
    if (this.refusals.get(target) === reason) return; // It was asked for again, and there is nothing new.
    this.refusals.set(target, reason);
    this.page?.watch.show();
    this.news.tell((speech) => speech.texts.refused(speech.name(key, this.directory.find(key)), reason), "bad");
  }

  private streamIs(state: StreamState): void {
    if (state === "lost" && this.state !== "lost") {
      this.lostAt = performance.now();
      this.market.interruptOwn();
      this.news.tell(({ texts }) => texts.newsLost, "bad");
    }
    this.state = state;
    this.page?.header.showConnection(state);
  }

  private streamOpened(resumes: boolean): void {
    if (!resumes) this.seeded.clear();
    if (!resumes && this.lostAt !== null) this.toldBack(false);
    void this.refreshDashboard();
    void this.pollStatus();
  }

  /** The page's own connection stands again. Where it could go on, what it missed comes now, or has a gap of the gateway's telling. */
  private toldBack(isComplete: boolean): void {
    const seconds = (performance.now() - (this.lostAt ?? performance.now())) / 1000;
    this.lostAt = null;
    if (isComplete) this.market.resumeOwn();
    this.news.tell(({ texts, numbers }) => (isComplete ? texts.newsBackWhole : texts.newsBackGaps)(numbers.fixed(seconds, 1)), isComplete ? "good" : "plain");
  }

  private async refreshDashboard(): Promise<void> {
    const before = this.dashboard;
    if (before === null) return;
    const now = await this.gateway.dashboard().catch(() => null);
    if (now === null || this.dashboard === null) return;
    // A newer gateway has a newer page.
    if (now.version !== before.version) location.reload();
    this.dashboard = now;
    this.page?.showDashboard(now, this.htsIds().length > 0);
    this.want();
  }

  /** Whether the connection is lost because the gateway does not know us any more. */
  private async checkCredentials(): Promise<void> {
    try {
      await this.gateway.dashboard();
    } catch (error) {
      if (!(error instanceof CredentialsNeeded)) return;
      this.askCredentials();
      throw error;
    }
  }

  private async pollStatus(): Promise<void> {
    clearTimeout(this.statusTimer);
    try {
      const status = await this.gateway.status();
      this.tellSilence(status);
      this.status = status;
      if (this.dashboard !== null) this.dashboard = { ...this.dashboard, source: status.source };
      this.market.rate.add(performance.now(), status.totals.framesReceived);
      this.page?.showStatus(status);
    } catch (error) {
      if (error instanceof CredentialsNeeded) return this.askCredentials();
      // That the connection is lost the stream tells.
      this.status = null;
      this.page?.forgetStatus();
    }
    if (this.dashboard === null) return;
    clearTimeout(this.statusTimer);
    this.statusTimer = setTimeout(() => void this.pollStatus(), document.visibilityState === "visible" ? statusEvery : statusEveryUnseen);
  }

  /** A connection that stands and brings nothing, no heartbeat either: before the gateway gives it up, it says so. */
  private tellSilence(status: StatusPage): void {
    const isSilent = isUpstreamSilent(status);
    if (isSilent && (this.status === null || !isUpstreamSilent(this.status))) this.news.tell(({ texts }) => texts.newsSilent, "bad");
  }

  private async addressChanged(): Promise<void> {
    if (readSignInCode(location.hash).code === null) {
      this.readAddress();
      return;
    }
    await this.signInByLink();
    // Somebody else may be looking from now on: nothing of before is theirs.
    if (this.linkProblem === null) location.reload();
    else if (this.state === "signin") this.build();
    else this.news.tell(({ texts }) => texts.signInLinkFailed, "bad");
  }

  /** Takes the list from the address, where it has one. */
  private readAddress(): boolean {
    // Whoever made the link may take no more places than there are.
    const read = readAddress(location.hash, this.dashboard?.places);
    if (read === null || location.hash === this.list.address) return read !== null;
    if (read.unknown.length > 0) this.news.tell(({ texts }) => texts.notKeys(read.unknown.join(", ")), "plain");
    this.list.replace(read.keys);
    return true;
  }

  private watchChanged(): void {
    const wanted = new Set(this.list.all.map((key) => targetOf(key.trId, key.key)));
    for (const [known] of [...this.market.entries()]) {
      const colon = known.indexOf(":");
      if (wanted.has(known)) continue;
      this.market.forget(known.slice(0, colon), known.slice(colon + 1));
      this.seeded.delete(known);
      this.refusals.delete(known);
      this.interrupted.delete(known);
    }
    for (const key of this.list.all) this.market.follow(key.trId, key.key);
    if (location.hash !== this.list.address) history.replaceState(null, "", this.list.address);
    this.page?.show(this.htsIds().length > 0);
    this.want();
  }

  private want(): void {
    const { dashboard } = this;
    if (dashboard === null) return;
    const notice = dashboard.viewer.feeds.find((trId) => feedOf(trId) === "notice");
    const notices: GatewayKey[] = notice === undefined || !dashboard.viewer.mayNotices ? [] : this.htsIds().map((key) => ({ trId: notice, key }));
    this.stream.want([...this.list.all, ...notices].map((key) => targetOf(key.trId, key.key)));
  }

  /** Whose order notices to show: what somebody has typed here, or whom the gateway knows. */
  private htsIds(): readonly string[] {
    const typed = recall(storedHtsId);
    const known = typed === null ? (this.dashboard?.noticeKeys ?? []) : [typed];
    return known.filter((htsId) => !this.refusedHtsIds.has(htsId));
  }

  private followOrders(htsId: string): void {
    keep(storedHtsId, htsId);
    this.refusedHtsIds.delete(htsId);
    this.showOrders();
  }

  private refuseOrders(htsId: string): void {
    keep(storedHtsId, null);
    this.refusedHtsIds.add(htsId);
    this.showOrders();
  }

  private showOrders(): void {
    this.page?.show(this.htsIds().length > 0);
    this.want();
  }

  private async share(): Promise<void> {
    try {
      await navigator.clipboard.writeText(location.href);
      this.news.tell(({ texts }) => texts.shared, "good");
    } catch {
      this.news.tell(({ texts }) => texts.shareFailed, "plain");
    }
  }
}

import { DayLoader } from "./day/day-loader";
import { koreanToday, readDate, resolveDate } from "./day/shown-day";
import type { Gateway } from "./gateway/gateway";
import type { DaysPage, GatewayKey } from "./gateway/pages";
import type { Market } from "./market/market";
import type { Localization } from "./text/localization";
import { DayBar, type DayState } from "./view/day-bar";

/** The recorded day in the page's address: loads it, and says in the page which day is shown. Without one, the page shows live data. */
export class DayView {
  readonly isLive: boolean;
  private readonly requested = readDate(location.search);
  private days: DaysPage | null = null;
  private loader: DayLoader | null = null;
  private bar: DayBar | null = null;
  private state: DayState = "loading";

  constructor(
    private readonly gateway: Gateway,
    private readonly market: Market,
    private readonly onCredentialsRequired: () => void,
  ) {
    this.isLive = this.requested === null;
  }

  /** Asks the gateway which days it has recorded. @param hasHistory Whether it records. */
  async open(hasHistory: boolean): Promise<void> {
    this.days = hasHistory ? await this.gateway.days() : null;
    const { date } = this;
    this.state = this.days === null ? "noHistory" : date === null ? "invalid" : this.days.days.includes(date) ? "loading" : "notRecorded";
    if (date === null || this.state !== "loading") return;
    this.loader = new DayLoader(this.gateway, date, {
      onDay: (day) => this.market.showDay(day),
      // As a snapshot: the delay of its receipt is not a current one.
      onItem: (item) => this.market.apply(item.kind === "record" ? { ...item, record: { ...item.record, snapshot: true } } : item),
      onLoaded: () => this.show("shown"),
      onProblem: (problem) => this.show(problem.kind === "failed" ? { failed: problem.reason } : problem.kind),
      onCredentialsRequired: this.onCredentialsRequired,
    });
  }

  /** Creates the bar for a page that is built again. */
  makeBar(localization: Localization): DayBar {
    return (this.bar = new DayBar(localization, this.isLive ? null : (this.date ?? this.requested), this.days, this.state));
  }

  /** The text in place of a chart without data. */
  noData({ texts }: Localization): string {
    return this.isLive ? texts.waiting : texts.dayNoData;
  }

  /** Loads the day of the keys that are not loaded yet. */
  load(keys: readonly GatewayKey[]): void {
    this.loader?.load(keys);
  }

  /** The key is no longer shown. */
  forget(target: string): void {
    this.loader?.forget(target);
  }

  /** The day that is shown; null if live data are, or if the address has no valid date. */
  private get date(): string | null {
    return this.requested === null ? null : resolveDate(this.requested, this.days?.today ?? koreanToday(Date.now()));
  }

  private show(state: DayState): void {
    this.state = state;
    this.bar?.show(state);
  }
}

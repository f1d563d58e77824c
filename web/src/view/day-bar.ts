import { addressOf, neighboursOf } from "../day/shown-day";
import type { DaysPage } from "../gateway/pages";
import type { Localization } from "../text/localization";
import { element, setText } from "./dom";

/** What is shown of a recorded day. */
export type DayState = "loading" | "shown" | "invalid" | "noHistory" | "notRecorded" | { readonly failed: string };

/** Says which day is shown, and leads to other recorded days and to live data. */
export class DayBar {
  readonly root: HTMLElement;
  private readonly text = element("p", { id: "day-text", role: "status" });

  /**
   * @param date The recorded day that is shown, or the text in the address if it is not a date; null for live data.
   * @param days The recorded days; null if the gateway does not record.
   */
  constructor(
    private readonly localization: Localization,
    private readonly date: string | null,
    days: DaysPage | null,
    state: DayState,
  ) {
    const { texts } = localization;
    this.root = element(
      "section",
      { id: "day", "data-mode": date === null ? "live" : "recorded", "aria-label": texts.dayLabel },
      this.text,
    );
    this.root.hidden = date === null && days === null;
    const today = days?.today ?? "";
    const earlier = (days?.days ?? []).filter((day) => day < today);
    const { previous, next } = neighboursOf(date ?? today, earlier);
    const link = (id: string, label: string, target: string | null, shown: string): HTMLAnchorElement => {
      const created = element("a", { id, href: addressOf(target, location.hash), title: label, "aria-label": label }, shown);
      // The watch list may have changed since.
      created.addEventListener("click", () => (created.href = addressOf(target, location.hash)));
      return created;
    };
    const tools = element("nav", { "aria-label": texts.dayLabel });
    if (previous !== null) tools.append(link("day-previous", texts.previousDay(this.name(previous)), previous, `‹ ${previous}`));
    if (days !== null) tools.append(this.picker(earlier[0] ?? today, today));
    if (next !== null) tools.append(link("day-next", texts.nextDay(this.name(next)), next, `${next} ›`));
    if (date !== null) tools.append(link("day-live", texts.toLive, null, texts.toLive));
    this.root.append(tools);
    this.show(state);
  }

  show(state: DayState): void {
    const { texts } = this.localization;
    const { date } = this;
    this.root.dataset["state"] = typeof state === "string" ? state : "failed";
    if (date === null) return void setText(this.text, texts.dayLive);
    if (typeof state !== "string") return void setText(this.text, texts.dayFailed(this.name(date), state.failed));
    switch (state) {
      case "loading":
        return void setText(this.text, texts.dayLoading(this.name(date)));
      case "shown":
        return void setText(this.text, texts.dayShown(this.name(date)));
      case "invalid":
        return void setText(this.text, texts.dayInvalid(date));
      case "noHistory":
        return void setText(this.text, texts.dayNoHistory);
      case "notRecorded":
        return void setText(this.text, texts.dayNotRecorded(this.name(date)));
    }
  }

  private picker(first: string, today: string): HTMLElement {
    const { texts } = this.localization;
    const input = element("input", {
      id: "day-date",
      type: "date",
      min: first,
      max: today,
      value: this.date ?? today,
      "aria-label": texts.chooseDay,
      title: texts.chooseDay,
    });
    input.addEventListener("change", () => {
      if (input.value !== "" && input.validity.valid) location.assign(addressOf(input.value === today ? null : input.value, location.hash));
    });
    return input;
  }

  private name(date: string): string {
    const time = Date.parse(`${date}T00:00:00Z`);
    return Number.isNaN(time)
      ? date
      : new Intl.DateTimeFormat(this.localization.texts.locale, { dateStyle: "full", timeZone: "UTC" }).format(time);
  }
}

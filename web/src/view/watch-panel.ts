import type { GatewayKey } from "../gateway/pages";
import type { Suggestion } from "../watch/directory";
import { stockFeedOf } from "../market/stock-feeds";
import { feedOf, shortText, targetOf } from "../watch/target";
import type { WatchList } from "../watch/watch-list";
import type { Context } from "./context";
import { element, reorder, setAttribute, setText } from "./dom";

/** The keys of one instrument, which are added and removed together. */
interface Entry {
  readonly code: string;
  readonly keys: readonly GatewayKey[];
}

interface Chip {
  readonly root: HTMLElement;
  readonly link: HTMLAnchorElement | null;
  readonly remove: HTMLButtonElement;
  entry: Entry;
}

/** The pages of stocks. */
export interface StockLinks {
  addressOf(code: string): string;
  /** Whether choosing a stock opens its page, rather than watching it. */
  readonly areChosen: boolean;
}

/** The watch list, and an input to add to it by code or name: a combobox with suggestions as described by WAI-ARIA. */
export class WatchPanel {
  readonly root: HTMLElement;
  private readonly input: HTMLInputElement;
  private readonly options = element("ul", { id: "suggestions", role: "listbox" });
  private readonly searchStatus = element("p", { class: "visually-hidden", role: "status" });
  private readonly chipList = element("ul", { class: "chips" });
  private readonly chips = new Map<string, Chip>();
  private readonly empty: HTMLElement;
  private suggestions: readonly Suggestion[] = [];
  private active = -1;
  /**
   * @param refusals Reasons of refused registrations, by target.
   * @param isOffered Whether the viewer has the right to a key's feed.
   * @param share Called to copy the address of the view.
   * @param stocks The pages of stocks, to which the list has links.
   */
  constructor(
    private readonly context: Context,
    private readonly watchList: WatchList,
    private readonly refusals: ReadonlyMap<string, string>,
    private readonly isOffered: (key: GatewayKey) => boolean,
    share: () => void,
    private readonly stocks: StockLinks,
  ) {
    const { texts } = context.localization;
    this.input = element("input", {
      id: "add",
      type: "text",
      role: "combobox",
      placeholder: texts.addHint,
      autocomplete: "off",
      autocapitalize: "off",
      spellcheck: "false",
      enterkeyhint: "done",
      "aria-autocomplete": "list",
      "aria-expanded": "false",
      "aria-controls": "suggestions",
    });
    this.options.setAttribute("aria-label", texts.addLabel);
    this.options.hidden = true;
    this.input.addEventListener("input", () => this.search());
    this.input.addEventListener("keydown", (event) => this.onKeyDown(event));
    this.input.addEventListener("blur", () => this.close());
    this.input.addEventListener("focus", () => this.search());
    this.empty = element("p", { class: "empty" }, texts.emptyWatch);
    const copy = element("button", { type: "button", id: "share" }, texts.share);
    copy.addEventListener("click", share);
    this.root = element(
      "section",
      { id: "watchlist", "aria-labelledby": "watch-title" },
      element("h2", { id: "watch-title", class: "visually-hidden" }, texts.watch),
      element(
        "div",
        { class: "adder" },
        element("label", { for: "add", class: "visually-hidden" }, texts.addLabel),
        this.input,
        this.options,
      ),
      this.chipList,
      copy,
      this.searchStatus,
      this.empty,
    );
    this.show();
  }

  show(): void {
    const entries = entriesOf(this.watchList.all);
    for (const [code, { root }] of this.chips) {
      if (entries.some((entry) => entry.code === code)) continue;
      root.remove();
      this.chips.delete(code);
    }
    for (const entry of entries) this.showChip(entry);
    reorder(
      this.chipList,
      entries.map(({ code }) => this.chips.get(code)!.root),
    );
    this.empty.hidden = entries.length > 0;
  }

  private showChip(entry: Entry): void {
    let chip = this.chips.get(entry.code);
    if (chip === undefined) this.chips.set(entry.code, (chip = this.makeChip(entry)));
    chip.entry = entry;
    if (chip.link !== null) setAttribute(chip.link, "href", this.stocks.addressOf(entry.code));
    const refusal = entry.keys.map((key) => this.refusals.get(targetOf(key.trId, key.key))).find((text) => text !== undefined);
    chip.root.classList.toggle("refused", refusal !== undefined);
    chip.root.title = refusal ?? "";
    setAttribute(chip.root, "data-target", entry.keys.map(shortText).join(","));
  }

  private makeChip(entry: Entry): Chip {
    const { localization, directory } = this.context;
    const name = localization.name(entry.code, directory.find(entry.code));
    const remove = element(
      "button",
      { type: "button", "aria-label": localization.texts.remove(name), title: localization.texts.remove(name) },
      "×",
    );
    const isStock = entry.keys.some(({ trId }) => stockFeedOf(trId) !== undefined);
    const names = [element("bdi", { class: "name" }, name), element("small", {}, entry.code === name ? "" : entry.code)];
    const link = isStock ? element("a", { title: localization.texts.stockPage.openStock(name) }, ...names) : null;
    const root = element("li", {}, link ?? element("span", {}, ...names), remove);
    const chip: Chip = { root, link, remove, entry };
    remove.addEventListener("click", () => this.remove(chip));
    return chip;
  }

  /** Moves the focus to the neighbour of the removed entry. */
  private remove({ root, entry }: Chip): void {
    const neighbour = root.nextElementSibling ?? root.previousElementSibling;
    this.watchList.remove(...entry.keys);
    (neighbour?.querySelector("button") ?? this.input).focus();
  }

  private search(): void {
    const text = this.input.value;
    const found = this.context.directory.suggest(text, this.isOffered);
    const pages = found.filter(({ action }) => action === "open");
    this.suggestions = this.stocks.areChosen ? [...pages, ...found.filter(({ action }) => action !== "open")] : found;
    this.active = this.suggestions.length > 0 ? 0 : -1;
    this.showSuggestions(text.trim() !== "");
  }

  private showSuggestions(isOpen: boolean): void {
    const { directory, localization } = this.context;
    const { texts } = localization;
    const nothingFound = directory.isComplete ? texts.nothingFound : `${texts.nothingFound} ${texts.namesHint}`;
    this.options.replaceChildren(...this.suggestions.map((suggestion, i) => this.option(suggestion, i)));
    this.options.hidden = !isOpen || this.suggestions.length === 0;
    this.input.setAttribute("aria-expanded", String(!this.options.hidden));
    setText(this.searchStatus, !isOpen ? "" : this.suggestions.length === 0 ? nothingFound : texts.suggestions(this.suggestions.length));
    this.searchStatus.classList.toggle("visually-hidden", !isOpen || this.suggestions.length > 0);
    this.markActive();
  }

  private option(suggestion: Suggestion, i: number): HTMLElement {
    const { localization } = this.context;
    const name = localization.name(suggestion.code, suggestion.instrument ?? undefined);
    const option = element(
      "li",
      { role: "option", id: `suggestion-${i}`, "data-code": suggestion.code, "data-action": suggestion.action },
      element("b", {}, name),
      element("small", {}, [...(suggestion.code === name ? [] : [suggestion.code]), this.purposeOf(suggestion)].join(" · ")),
    );
    // Not "click": the input would lose its focus first, which closes the list.
    option.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      this.choose(i);
    });
    return option;
  }

  private purposeOf({ action, kind, keys }: Suggestion): string {
    const { texts } = this.context.localization;
    if (action === "open") return texts.openStock;
    return keys.some(({ trId }) => feedOf(trId)?.startsWith("program") === true) ? texts.addPrograms : texts.addTo(texts.kind[kind]);
  }

  private onKeyDown(event: KeyboardEvent): void {
    if (event.isComposing) return; // A Korean syllable is being composed.
    switch (event.key) {
      case "ArrowDown":
      case "ArrowUp":
        if (this.suggestions.length === 0) return;
        event.preventDefault();
        this.active = (this.active + (event.key === "ArrowDown" ? 1 : -1) + this.suggestions.length) % this.suggestions.length;
        this.markActive();
        break;
      case "Enter":
        event.preventDefault();
        if (this.active >= 0) this.choose(this.active);
        break;
      case "Escape":
        this.input.value = "";
        this.search();
        break;
    }
  }

  private choose(i: number): void {
    const suggestion = this.suggestions[i];
    if (suggestion === undefined) return;
    this.input.value = "";
    this.search();
    if (suggestion.action === "open") location.assign(this.stocks.addressOf(suggestion.code));
    else this.watchList.add(...suggestion.keys);
  }

  private markActive(): void {
    [...this.options.children].forEach((option, i) => {
      setAttribute(option, "aria-selected", String(i === this.active));
      if (i === this.active) option.scrollIntoView({ block: "nearest" });
    });
    if (this.active >= 0 && !this.options.hidden) this.input.setAttribute("aria-activedescendant", `suggestion-${this.active}`);
    else this.input.removeAttribute("aria-activedescendant");
  }

  private close(): void {
    this.options.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
    this.searchStatus.classList.add("visually-hidden");
  }
}

function entriesOf(keys: readonly GatewayKey[]): readonly Entry[] {
  const chips = new Map<string, GatewayKey[]>();
  for (const key of keys) {
    const known = chips.get(key.key);
    if (known === undefined) chips.set(key.key, [key]);
    else known.push(key);
  }
  return [...chips].map(([code, keys]) => ({ code, keys: keys }));
}

import type { GatewayKey } from "../gateway/pages";
import type { Suggestion } from "../watch/directory";
import { feedOf, parseTarget, shortText, targetOf } from "../watch/target";
import type { WatchList } from "../watch/watch-list";
import type { Context } from "./context";
import { element, order, setAttribute, setText } from "./dom";

/** Keys of one instrument, which are added and removed together. */
interface Entry {
  readonly code: string;
  readonly keys: readonly GatewayKey[];
}

interface Chip {
  readonly root: HTMLElement;
  readonly remove: HTMLButtonElement;
  entry: Entry;
}

/** What is watched, and a place to add to it by code or by name: a combobox as WAI-ARIA describes it, with a list of what is meant. */
export class WatchPanel {
  readonly root: HTMLElement;
  private readonly input: HTMLInputElement;
  private readonly options = element("ul", { id: "suggestions", role: "listbox" });
  private readonly told = element("p", { class: "unseen", role: "status" });
  private readonly chipList = element("ul", { class: "chips" });
  private readonly chips = new Map<string, Chip>();
  private readonly empty: HTMLElement;
  private suggestions: readonly Suggestion[] = [];
  private active = -1;
  /**
   * @param refusals Why keys are not given, by target.
   * @param isOffered Whether the viewer may have a feed at all.
   * @param share Called to copy the address of the view.
   */
  constructor(
    private readonly context: Context,
    private readonly list: WatchList,
    private readonly refusals: ReadonlyMap<string, string>,
    private readonly isOffered: (key: GatewayKey) => boolean,
    share: () => void,
  ) {
    const { texts } = context.speech;
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
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.close());
    this.input.addEventListener("focus", () => this.search());
    this.empty = element("p", { class: "empty" }, texts.emptyWatch);
    const copy = element("button", { type: "button", id: "share" }, texts.share);
    copy.addEventListener("click", share);
    this.root = element(
      "section",
      { id: "watchlist", "aria-labelledby": "watch-title" },
      element("h2", { id: "watch-title", class: "unseen" }, texts.watch),
      element("div", { class: "adder" }, element("label", { for: "add", class: "unseen" }, texts.addLabel), this.input, this.options),
      this.chipList,
      copy,
      this.told,
      this.empty,
    );
    this.show();
  }

  /** Shows the list as it is now. */
  show(): void {
    const entries = entriesOf(this.list.all);
    for (const [code, { root }] of this.chips) {
      if (entries.some((entry) => entry.code === code)) continue;
      root.remove();
      this.chips.delete(code);
    }
    for (const entry of entries) this.showChip(entry);
    order(
      this.chipList,
      entries.map(({ code }) => this.chips.get(code)!.root),
    );
    this.empty.hidden = entries.length > 0;
  }

  private showChip(entry: Entry): void {
    let chip = this.chips.get(entry.code);
    if (chip === undefined) this.chips.set(entry.code, (chip = this.makeChip(entry)));
    chip.entry = entry;
    const refusal = entry.keys.map((key) => this.refusals.get(targetOf(key.trId, key.key))).find((text) => text !== undefined);
    chip.root.classList.toggle("refused", refusal !== undefined);
    chip.root.title = refusal ?? "";
    setAttribute(chip.root, "data-target", entry.keys.map(shortText).join(","));
  }

  private makeChip(entry: Entry): Chip {
    const { speech, directory } = this.context;
    const name = speech.name(entry.code, directory.find(entry.code));
    const remove = element("button", { type: "button", "aria-label": speech.texts.remove(name), title: speech.texts.remove(name) }, "×");
    const root = element("li", {}, element("span", {}, element("bdi", { class: "name" }, name), element("small", {}, entry.code === name ? "" : entry.code)), remove);
    const chip: Chip = { root, remove, entry };
    remove.addEventListener("click", () => this.remove(chip));
    return chip;
  }

  /** The focus goes to what stands beside what is gone. */
  private remove({ root, entry }: Chip): void {
    const beside = root.nextElementSibling ?? root.previousElementSibling;
    this.list.remove(...entry.keys);
    (beside?.querySelector("button") ?? this.input).focus();
  }

  private search(): void {
    const text = this.input.value;
    const direct = parseTarget(text);
    this.suggestions =
      direct !== null && feedOf(direct.trId) !== "notice"
        ? [{ kind: feedOf(direct.trId) === "index" ? "index" : feedOf(direct.trId) === "bond" ? "bond" : "stock", code: direct.key, instrument: this.context.directory.find(direct.key) ?? null, keys: [direct] }]
        : this.context.directory.search(text);
    this.suggestions = this.suggestions
      .map((suggestion) => ({ ...suggestion, keys: suggestion.keys.filter((key) => this.isOffered(key)) }))
      .filter(({ keys }) => keys.length > 0);
    this.active = this.suggestions.length > 0 ? 0 : -1;
    this.showSuggestions(text.trim() !== "");
  }

  private showSuggestions(isOpen: boolean): void {
    const { texts } = this.context.speech;
    this.options.replaceChildren(...this.suggestions.map((suggestion, i) => this.option(suggestion, i)));
    this.options.hidden = !isOpen || this.suggestions.length === 0;
    this.input.setAttribute("aria-expanded", String(!this.options.hidden));
    setText(this.told, !isOpen ? "" : this.suggestions.length === 0 ? texts.nothingFound : texts.suggestions(this.suggestions.length));
    this.told.classList.toggle("unseen", !isOpen || this.suggestions.length > 0);
    this.mark();
  }

  private option(suggestion: Suggestion, i: number): HTMLElement {
    const { speech } = this.context;
    const { texts } = speech;
    const name = speech.name(suggestion.code, suggestion.instrument ?? undefined);
    const feeds = suggestion.kind === "stock" && suggestion.keys.length > 1 ? texts.stockFeeds : suggestion.keys.map(shortText).join(", ");
    const option = element(
      "li",
      { role: "option", id: `suggestion-${i}`, "data-code": suggestion.code },
      element("b", {}, name),
      element("small", {}, `${suggestion.code === name ? "" : `${suggestion.code} · `}${texts.kind[suggestion.kind]} · ${feeds}`),
    );
    // Before the input loses its focus, which would close the list.
    option.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      this.take(i);
    });
    return option;
  }

  private key(event: KeyboardEvent): void {
    if (event.isComposing) return; // A Korean syllable is being put together.
    switch (event.key) {
      case "ArrowDown":
      case "ArrowUp":
        if (this.suggestions.length === 0) return;
        event.preventDefault();
        this.active = (this.active + (event.key === "ArrowDown" ? 1 : -1) + this.suggestions.length) % this.suggestions.length;
        this.mark();
        break;
      case "Enter":
        event.preventDefault();
        if (this.active >= 0) this.take(this.active);
        break;
      case "Escape":
        this.input.value = "";
        this.search();
        break;
    }
  }

  private take(i: number): void {
    const suggestion = this.suggestions[i];
    if (suggestion === undefined) return;
    this.input.value = "";
    this.search();
    this.list.add(...suggestion.keys);
  }

  private mark(): void {
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
    this.told.classList.add("unseen");
  }
}

function entriesOf(keys: readonly GatewayKey[]): readonly Entry[] {
  const chips = new Map<string, GatewayKey[]>();
  for (const key of keys) {
    const known = chips.get(key.key);
    if (known === undefined) chips.set(key.key, [key]);
    else known.push(key);
  }
  return [...chips].map(([code, of]) => ({ code, keys: of }));
}

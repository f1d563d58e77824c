import type { AlertRule, AlertKind } from "../alerts/alert-rule";
import { alertKinds, hasVolatilityInterruptions } from "../alerts/alert-rule";
import { AlertStore } from "../alerts/alert-store";
import { notificationPermission, requestNotifications } from "../alerts/browser-notification";
import type { GatewayKey } from "../gateway/pages";
import { targetOf } from "../watch/target";
import { alertText } from "./alert-text";
import type { Context } from "./context";
import { element, setText } from "./dom";

/** The viewer's alerts: a button for the head of the page, and the dialog that it opens. */
export class AlertPanel {
  readonly button: HTMLButtonElement;
  readonly root: HTMLDialogElement;
  private readonly instrument = element("select", { id: "alert-instrument" });
  private readonly kind = element("select", { id: "alert-kind" });
  private readonly value = element("input", { id: "alert-value", type: "number", step: "any", min: "0", required: true });
  private readonly valueField: HTMLElement;
  private readonly list = element("ul", { id: "alert-list" });
  private readonly none: HTMLElement;
  private readonly problem = element("p", { class: "problem", role: "alert" });
  private readonly browser: HTMLInputElement;
  private readonly browserHint = element("p", { class: "empty" });
  private watched: readonly GatewayKey[] = [];

  /** @param playSound Lets the viewer hear the sound. */
  constructor(
    private readonly context: Context,
    private readonly store: AlertStore,
    playSound: () => void,
  ) {
    const { texts } = context.localization;
    this.button = element("button", { id: "alerts-open", type: "button", "aria-haspopup": "dialog" });
    this.button.addEventListener("click", () => this.open());
    this.kind.append(...alertKinds.map((kind) => element("option", { value: kind }, texts.alertKind[kind])));
    this.valueField = labelled(texts.alertValue, this.value);
    this.none = element("p", { class: "empty" }, texts.alertsNone);
    const form = element(
      "form",
      {},
      labelled(texts.alertInstrument, this.instrument),
      labelled(texts.alertCondition, this.kind),
      this.valueField,
      element("button", { type: "submit" }, texts.alertAdd),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.add();
    });
    this.instrument.addEventListener("change", () => this.fill());
    this.kind.addEventListener("change", () => this.fill());
    const test = element("button", { type: "button", id: "alert-sound-test" }, texts.alertSoundTest);
    test.addEventListener("click", playSound);
    this.browser = this.choice("browser", store.choices.browser, (isOn) => void this.chooseBrowser(isOn));
    const close = element("button", { type: "button", id: "alerts-close", "aria-label": texts.close, title: texts.close }, "×");
    close.addEventListener("click", () => this.root.close());
    this.root = element(
      "dialog",
      { id: "alerts", class: "card", "aria-labelledby": "alerts-title" },
      element("header", {}, element("h2", { id: "alerts-title" }, texts.alerts), close),
      form,
      this.problem,
      this.list,
      this.none,
      element(
        "fieldset",
        {},
        element("legend", { class: "visually-hidden" }, texts.alerts),
        element(
          "div",
          {},
          this.checkbox(
            this.choice("sound", store.choices.sound, (sound) => store.choose({ sound })),
            texts.alertSound,
          ),
          test,
        ),
        this.checkbox(this.browser, texts.alertBrowser),
        this.browserHint,
        this.checkbox(
          this.choice("gap", store.choices.gap, (gap) => store.choose({ gap })),
          texts.alertGap,
        ),
      ),
      element("p", { class: "empty" }, texts.alertHint),
    );
    this.show();
  }

  /** Creates the button of a row that opens the dialog for its instrument. */
  makeOpener(target: string, name: string): HTMLElement {
    const hint = this.context.localization.texts.alertsOf(name);
    const opener = element("button", { type: "button", class: "bell", "aria-label": hint, title: hint }, makeBell());
    opener.addEventListener("click", () => this.open(target));
    return opener;
  }

  /** @param watched The keys with prices that alerts can be set for. */
  setWatched(watched: readonly GatewayKey[]): void {
    this.watched = watched;
  }

  /** Opens the dialog. @param target The instrument to begin with. */
  open(target?: string): void {
    const { texts } = this.context.localization;
    const chosen = target ?? this.instrument.value;
    this.instrument.replaceChildren(
      ...this.watched.map(({ trId, key }) => element("option", { value: targetOf(trId, key) }, this.nameOf(key))),
    );
    if (this.watched.some(({ trId, key }) => targetOf(trId, key) === chosen)) this.instrument.value = chosen;
    setText(this.problem, "");
    this.fill();
    this.show();
    const permission = notificationPermission();
    this.browser.disabled = permission === "denied" || permission === "insecure";
    setText(
      this.browserHint,
      permission === "denied" ? texts.alertBrowserDenied : permission === "insecure" ? texts.alertBrowserInsecure : "",
    );
    this.browserHint.hidden = !this.browser.disabled;
    this.root.showModal();
    (target === undefined ? this.instrument : this.value).focus();
  }

  /** Shows the rules after a change. */
  show(): void {
    const { texts } = this.context.localization;
    const { rules } = this.store;
    setText(this.button, texts.alertsOpen(rules.filter(({ firedAt }) => firedAt === null).length));
    this.none.hidden = rules.length > 0;
    const focused = this.list.contains(document.activeElement);
    this.list.replaceChildren(...rules.map((rule) => this.item(rule)));
    if (focused) (this.list.querySelector("button") ?? this.instrument).focus();
  }

  private item(rule: AlertRule): HTMLElement {
    const { localization, directory } = this.context;
    const { texts } = localization;
    const text = alertText(rule, localization, directory);
    const remove = element(
      "button",
      { type: "button", class: "remove", "aria-label": texts.alertRemove(text), title: texts.alertRemove(text) },
      "×",
    );
    remove.addEventListener("click", () => this.store.remove(rule));
    const again = element("button", { type: "button" }, texts.alertAgain);
    again.addEventListener("click", () => this.store.setFired(rule, null));
    const state = rule.firedAt === null ? texts.alertWaits : texts.alertFiredAt(new Date(rule.firedAt).toLocaleTimeString(texts.locale));
    return element(
      "li",
      { "data-kind": rule.kind, "data-fired": String(rule.firedAt !== null) },
      element("span", {}, text),
      element("small", {}, state),
      ...(rule.firedAt !== null && rule.kind !== "vi" ? [again] : []),
      remove,
    );
  }

  private add(): void {
    const chosen = this.watched.find(({ trId, key }) => targetOf(trId, key) === this.instrument.value);
    if (chosen === undefined) return;
    const kind = this.kind.value as AlertKind;
    const isAdded = this.store.add({ ...chosen, kind, value: kind === "vi" ? null : Number(this.value.value) });
    setText(this.problem, isAdded ? "" : this.context.localization.texts.alertsFull(AlertStore.maxRules));
  }

  /** Fills in what is likely: the current price. */
  private fill(): void {
    const chosen = this.watched.find(({ trId, key }) => targetOf(trId, key) === this.instrument.value);
    const canInterrupt = chosen !== undefined && hasVolatilityInterruptions(chosen.trId);
    (this.kind.lastElementChild as HTMLOptionElement).disabled = !canInterrupt;
    if (!canInterrupt && this.kind.value === "vi") this.kind.value = "above";
    const kind = this.kind.value as AlertKind;
    this.valueField.hidden = kind === "vi";
    this.value.required = kind !== "vi";
    const latest: unknown = chosen === undefined ? null : this.context.market.find(chosen.trId, chosen.key)?.latest?.price;
    this.value.value = kind === "change" ? "3" : typeof latest === "number" ? String(latest) : "";
  }

  private async chooseBrowser(isOn: boolean): Promise<void> {
    const isGranted = isOn && (await requestNotifications()) === "granted";
    this.browser.checked = isGranted;
    this.store.choose({ browser: isGranted });
  }

  private choice(name: string, isChecked: boolean, choose: (isOn: boolean) => void): HTMLInputElement {
    const input = element("input", { type: "checkbox", id: `alert-${name}`, checked: isChecked });
    input.addEventListener("change", () => choose(input.checked));
    return input;
  }

  private checkbox(input: HTMLInputElement, text: string): HTMLElement {
    return element("label", { class: "check" }, input, text);
  }

  private nameOf(key: string): string {
    const { localization, directory } = this.context;
    const name = localization.name(key, directory.find(key));
    return name === key ? key : `${name} ${key}`;
  }
}

function makeBell(): SVGElement {
  const make = (name: string, attributes: Readonly<Record<string, string>>): SVGElement => {
    const created = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [attribute, value] of Object.entries(attributes)) created.setAttribute(attribute, value);
    return created;
  };
  const bell = make("svg", { viewBox: "0 0 16 16", width: "15", height: "15", "aria-hidden": "true" });
  bell.append(make("path", { d: "M8 1.5a4 4 0 0 0-4 4v3L2.6 11.5h10.8L12 8.5v-3a4 4 0 0 0-4-4zM6.3 13a1.8 1.8 0 0 0 3.4 0z" }));
  return bell;
}

function labelled(text: string, input: HTMLElement): HTMLElement {
  return element("label", {}, element("span", {}, text), input);
}

import type { Localization } from "../text/localization";
import { element } from "./dom";

export type Severity = "good" | "bad" | "alert" | "plain";

/** A message in the current language. */
export type Message = (localization: Localization) => string;

const displayTime = 12_000;

/**
 * Shows the latest event, also to screen readers. Bad news and alerts stay until the next message; other messages disappear after some
 * seconds.
 */
export class NotificationBar {
  readonly root = element("div", { id: "notification", role: "status", "aria-live": "polite" });
  private message: Message | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private localization: Localization) {}

  show(message: Message, severity: Severity): void {
    clearTimeout(this.timer);
    this.root.dataset["severity"] = severity;
    this.message = message;
    this.render();
    if (severity !== "bad" && severity !== "alert") this.timer = setTimeout(() => this.clear(), displayTime);
  }

  translate(localization: Localization): void {
    if (localization.language === this.localization.language) return;
    this.localization = localization;
    this.render();
  }

  clear(): void {
    this.message = null;
    this.root.replaceChildren();
    delete this.root.dataset["severity"];
  }

  private render(): void {
    if (this.message !== null) this.root.replaceChildren(element("p", {}, this.message(this.localization)));
  }
}

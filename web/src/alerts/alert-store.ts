import type { GatewayKey } from "../gateway/pages";
import { feedOf, targetOf } from "../watch/target";
import { alertKinds, isSameRule, keysOf, type AlertKind, type AlertRule } from "./alert-rule";

const storageKey = "kisfeed.alerts";

export interface AlertChoices {
  readonly sound: boolean;
  /** Whether the browser shows a notification. */
  readonly browser: boolean;
  /** Whether missing data ring. */
  readonly gap: boolean;
}

/** The viewer's alerts. Stored in the browser, as the settings are; the gateway does not know them. */
export class AlertStore {
  static readonly maxRules = 50;
  private kept: { readonly rules: readonly AlertRule[]; readonly choices: AlertChoices } = read();

  /** @param onChanged Called after each change. */
  constructor(private readonly onChanged: () => void) {}

  get rules(): readonly AlertRule[] {
    return this.kept.rules;
  }

  get choices(): AlertChoices {
    return this.kept.choices;
  }

  /** The keys that the rules need, each once. */
  get keys(): readonly GatewayKey[] {
    return [...new Map(this.rules.flatMap(keysOf).map((key) => [targetOf(key.trId, key.key), key])).values()];
  }

  /** Adds a rule, or sets the same one again. @returns Whether there was room for it. */
  add(rule: GatewayKey & { readonly kind: AlertKind; readonly value: number | null }): boolean {
    const added: AlertRule = { trId: rule.trId, key: rule.key, kind: rule.kind, value: rule.value, firedAt: null };
    const others = this.rules.filter((known) => !isSameRule(known, added));
    if (others.length >= AlertStore.maxRules) return false;
    this.keep({ rules: [...others, added] });
    return true;
  }

  remove(rule: AlertRule): void {
    this.keep({ rules: this.rules.filter((known) => !isSameRule(known, rule)) });
  }

  /** @param at When the rule rang; null to set it again. */
  setFired(rule: AlertRule, at: number | null): void {
    this.keep({ rules: this.rules.map((known) => (isSameRule(known, rule) ? { ...known, firedAt: at } : known)) });
  }

  choose(choices: Partial<AlertChoices>): void {
    this.keep({ choices: { ...this.choices, ...choices } });
  }

  private keep(changed: Partial<typeof this.kept>): void {
    this.kept = { ...this.kept, ...changed };
    try {
      localStorage.setItem(storageKey, JSON.stringify(this.kept));
    } catch {
      // Storage is disabled; the alerts are valid until the page is closed.
    }
    this.onChanged();
  }
}

function read(): { readonly rules: readonly AlertRule[]; readonly choices: AlertChoices } {
  let stored: Record<string, unknown> = {};
  try {
    stored = (JSON.parse(localStorage.getItem(storageKey) ?? "{}") ?? {}) as Record<string, unknown>;
  } catch {
    // Storage is disabled, or not what this page has written.
  }
  const choices = (stored["choices"] ?? {}) as Record<string, unknown>;
  return {
    rules: (Array.isArray(stored["rules"]) ? stored["rules"] : []).filter(isRule).slice(0, AlertStore.maxRules),
    choices: { sound: choices["sound"] !== false, browser: choices["browser"] === true, gap: choices["gap"] === true },
  };
}

function isRule(value: unknown): value is AlertRule {
  if (typeof value !== "object" || value === null) return false;
  const rule = value as Record<string, unknown>;
  return (
    typeof rule["trId"] === "string" &&
    feedOf(rule["trId"]) !== undefined &&
    typeof rule["key"] === "string" &&
    alertKinds.includes(rule["kind"] as AlertKind) &&
    (rule["kind"] === "vi" ? rule["value"] === null : Number.isFinite(rule["value"])) &&
    (rule["firedAt"] === null || Number.isFinite(rule["firedAt"]))
  );
}

import type { AlertRule } from "../alerts/alert-rule";
import type { Localization } from "../text/localization";
import type { Directory } from "../watch/directory";

/** The condition of an alert in words. */
export function alertText({ kind, key, value }: AlertRule, localization: Localization, directory: Directory): string {
  const { texts, numbers } = localization;
  return texts.alertText[kind](localization.name(key, directory.find(key)), numbers.plain(value));
}

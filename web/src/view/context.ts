import type { Market } from "../market/market";
import type { Localization } from "../text/localization";
import type { Directory } from "../watch/directory";
import type { Painter } from "./painter";
import type { Palette } from "./palette";

/** The dependencies of every panel. Created again with all panels when the language or the colours change. */
export interface Context {
  readonly localization: Localization;
  readonly market: Market;
  readonly directory: Directory;
  readonly painter: Painter;
  readonly palette: Palette;
  /** The text in place of a chart without data. */
  readonly noData: string;
}

import type { Market } from "../market/market";
import type { Speech } from "../text/language";
import type { Directory } from "../watch/directory";
import type { Painter } from "./painter";
import type { Palette } from "./palette";

/** What every panel needs. Made anew when somebody chooses another language or other colours, and all panels with it. */
export interface Context {
  readonly speech: Speech;
  readonly market: Market;
  readonly directory: Directory;
  readonly painter: Painter;
  readonly palette: Palette;
}

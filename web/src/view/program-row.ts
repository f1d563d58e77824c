import type { Program } from "../market/market";
import { Sparkline, sparklineInterval } from "./chart/sparkline";
import type { Context } from "./context";
import { element, setDirection, setText } from "./dom";
import { makeRow, type Column } from "./table";

/** A stock's program trading on all venues and on NXT. Undefined if not watched. */
export interface Venues {
  readonly all: Program | undefined;
  readonly nxt: Program | undefined;
}

/** One stock in the ranking. */
export class ProgramRow {
  readonly tr: HTMLTableRowElement;
  readonly name: string;
  private readonly cells: ReadonlyMap<string, HTMLTableCellElement>;
  private readonly button: HTMLButtonElement;
  private readonly sparkline: Sparkline;
  private readonly sparklinePart = { paint: (): void => this.drawSparkline() };
  private state = "";

  constructor(
    private readonly context: Context,
    readonly code: string,
    readonly venues: Venues,
    columns: readonly Column[],
    select: () => void,
  ) {
    const { localization, directory, palette } = context;
    this.name = localization.name(code, directory.find(code));
    const { tr, cells } = makeRow(columns, "stock");
    this.tr = tr;
    this.cells = cells;
    tr.dataset["code"] = code;
    this.button = element(
      "button",
      { type: "button", class: "pick", "aria-pressed": "false", title: localization.texts.showChart(this.name) },
      element("span", { class: "name" }, this.name),
      element("small", {}, code),
    );
    tr.addEventListener("click", select); // The button is for keyboards and screen readers; a pointer can click anywhere in the row.
    cells.get("stock")!.append(this.button);
    this.sparkline = new Sparkline(palette);
    cells.get("trend")!.append(this.sparkline.canvas);
    context.painter.add(this.sparklinePart, sparklineInterval);
  }

  dispose(): void {
    this.context.painter.remove(this.sparklinePart);
    this.tr.remove();
  }

  /** The rank's criterion: net turnover of all venues, or of NXT if only that is known. */
  get net(): number {
    return (this.venues.all ?? this.venues.nxt)?.latest?.netValue ?? -Infinity;
  }

  set isSelected(value: boolean) {
    this.button.setAttribute("aria-pressed", String(value));
    this.tr.classList.toggle("selected", value);
  }

  draw(rank: number): void {
    const { all, nxt } = this.venues;
    const state = `${rank}:${all?.count}:${nxt?.count}:${all?.gaps.revision}:${nxt?.gaps.revision}`;
    if (state === this.state) return;
    this.state = state;
    const { numbers } = this.context.localization;
    const latest = (all ?? nxt)?.latest;
    setText(this.cell("rank"), String(rank));
    this.signed("netAll", all?.latest?.netValue, numbers.amount(all?.latest?.netValue, true));
    this.signed("netNxt", nxt?.latest?.netValue, numbers.amount(nxt?.latest?.netValue, true));
    setText(this.cell("buys"), numbers.whole(latest?.buyVolume));
    setText(this.cell("sells"), numbers.whole(latest?.sellVolume));
    setText(this.cell("restingBuys"), numbers.whole(latest?.restingBuyVolume));
    setText(this.cell("restingSells"), numbers.whole(latest?.restingSellVolume));
    this.tr.classList.toggle("interrupted", all?.gaps.open !== undefined || nxt?.gaps.open !== undefined);
  }

  private drawSparkline(): void {
    const { all, nxt } = this.venues;
    this.sparkline.draw(
      [...lineOf(all, this.context.palette.first), ...lineOf(nxt, this.context.palette.second)],
      [...(all?.gaps.all ?? []), ...(nxt?.gaps.all ?? [])],
    );
  }

  private signed(field: string, value: number | null | undefined, text: string): void {
    const cell = this.cell(field);
    setText(cell, text);
    setDirection(cell, value);
  }

  private cell(field: string): HTMLTableCellElement {
    return this.cells.get(field)!;
  }
}

function lineOf(program: Program | undefined, color: string) {
  return program === undefined ? [] : [{ line: program.seriesOf("netValue").line, color }];
}

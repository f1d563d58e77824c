import type { Program } from "../market/market";
import { Spark, sparkEvery } from "./chart/spark";
import type { Context } from "./context";
import { element, setDirection, setText } from "./dom";
import { makeRow, type Column } from "./table";

/** A stock's program trading: on all venues, and on NXT. Either may not be watched. */
export interface Venues {
  readonly all: Program | undefined;
  readonly nxt: Program | undefined;
}

/** One stock in the ranking. */
export class ProgramRow {
  readonly row: HTMLTableRowElement;
  readonly name: string;
  private readonly cells: ReadonlyMap<string, HTMLTableCellElement>;
  private readonly button: HTMLButtonElement;
  private readonly spark: Spark;
  private readonly sparkPart = { paint: (): void => this.drawSpark() };
  private state = "";

  constructor(
    private readonly context: Context,
    readonly code: string,
    readonly venues: Venues,
    columns: readonly Column[],
    select: () => void,
  ) {
    const { speech, directory, palette } = context;
    this.name = speech.name(code, directory.find(code));
    const { row, cells } = makeRow(columns, "stock");
    this.row = row;
    this.cells = cells;
    row.dataset["code"] = code;
    this.button = element("button", { type: "button", class: "pick", "aria-pressed": "false", title: speech.texts.showChart(this.name) }, element("span", { class: "name" }, this.name), element("small", {}, code));
    row.addEventListener("click", select); // The button is for keyboards and screen readers; a pointer may take any of the row.
    cells.get("stock")!.append(this.button);
    this.spark = new Spark(palette);
    cells.get("course")!.append(this.spark.canvas);
    context.painter.add(this.sparkPart, sparkEvery);
  }

  dispose(): void {
    this.context.painter.remove(this.sparkPart);
    this.row.remove();
  }

  /** What the ranking goes by: net turnover of all venues, or of NXT where nothing else is known. */
  get net(): number {
    return (this.venues.all ?? this.venues.nxt)?.latest?.netValue ?? -Infinity;
  }

  set isSelected(value: boolean) {
    this.button.setAttribute("aria-pressed", String(value));
    this.row.classList.toggle("selected", value);
  }

  draw(rank: number): void {
    const { all, nxt } = this.venues;
    const state = `${rank}:${all?.count}:${nxt?.count}:${all?.gaps.revision}:${nxt?.gaps.revision}`;
    if (state === this.state) return;
    this.state = state;
    const { numbers } = this.context.speech;
    const latest = (all ?? nxt)?.latest;
    setText(this.cell("rank"), String(rank));
    this.signed("netAll", all?.latest?.netValue, numbers.amount(all?.latest?.netValue, true));
    this.signed("netNxt", nxt?.latest?.netValue, numbers.amount(nxt?.latest?.netValue, true));
    setText(this.cell("buys"), numbers.whole(latest?.buyVolume));
    setText(this.cell("sells"), numbers.whole(latest?.sellVolume));
    setText(this.cell("restingBuys"), numbers.whole(latest?.restingBuyVolume));
    setText(this.cell("restingSells"), numbers.whole(latest?.restingSellVolume));
    this.row.classList.toggle("interrupted", all?.gaps.open !== undefined || nxt?.gaps.open !== undefined);
  }

  private drawSpark(): void {
    const { all, nxt } = this.venues;
    this.spark.draw(
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
  return program === undefined ? [] : [{ line: program.course("netValue").line, color }];
}

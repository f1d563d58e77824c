import { clockText } from "../market/market-time";
import type { Bond } from "../market/market";
import { Sparkline, sparklineInterval } from "./chart/sparkline";
import type { Context } from "./context";
import { element, flash, reorder, setDirection, setText } from "./dom";
import type { Part } from "./painter";
import { makeRow, makeTable, type Column } from "./table";

/** The unit of a bond's volumes: thousands of KRW of face value. */
const volumeUnit = 1_000;

const paintInterval = 250;

interface Row {
  readonly bond: Bond;
  readonly element: HTMLTableRowElement;
  readonly cells: ReadonlyMap<string, HTMLTableCellElement>;
  readonly name: HTMLElement;
  readonly sparklinePart: Part;
  state: string;
  count: number;
}

/** The watched bonds, with the latest trade of each. */
export class BondPanel {
  readonly root: HTMLElement;
  private readonly rows = new Map<string, Row>();
  private readonly columns: readonly Column[];
  private readonly body: HTMLTableSectionElement;
  private readonly card: HTMLElement;
  private readonly empty: HTMLElement;

  constructor(private readonly context: Context) {
    const { texts } = context.localization;
    this.columns = [
      { field: "bond", title: texts.bond },
      { field: "price", title: texts.price, isNumber: true },
      { field: "yield", title: texts.yield, isNumber: true },
      { field: "change", title: texts.change, isNumber: true },
      { field: "changeRate", title: texts.changeRate, isNumber: true, priority: "minor" },
      { field: "volume", title: texts.tradeVolume, isNumber: true, priority: "minor" },
      { field: "accumulatedVolume", title: texts.dayVolume, isNumber: true, priority: "minor" },
      { field: "trend", title: texts.yield },
      { field: "time", title: texts.time, isNumber: true, priority: "minor" },
    ];
    const table = makeTable(texts.bondsCaption, this.columns);
    this.body = table.body;
    this.card = element("div", { class: "card" }, table.root);
    this.empty = element("p", { class: "empty" }, texts.emptyBonds);
    this.root = element(
      "section",
      { id: "bonds", "aria-labelledby": "bonds-title" },
      element("header", { class: "panel-head" }, element("h2", { id: "bonds-title" }, texts.bonds)),
      this.card,
      this.empty,
    );
    context.painter.add(this, paintInterval);
  }

  /** Shows the bonds of these targets, in their order. */
  show(targets: readonly string[]): void {
    for (const [target, row] of this.rows) {
      if (targets.includes(target)) continue;
      this.context.painter.remove(row.sparklinePart);
      row.element.remove();
      this.rows.delete(target);
    }
    for (const target of targets) {
      const bond = this.context.market.bonds.get(target);
      if (bond !== undefined && !this.rows.has(target)) this.rows.set(target, this.makeBondRow(target, bond));
    }
    reorder(
      this.body,
      targets.flatMap((target) => this.rows.get(target)?.element ?? []),
    );
    this.card.hidden = this.rows.size === 0;
    this.empty.hidden = this.rows.size > 0;
  }

  paint(): void {
    for (const row of this.rows.values()) this.draw(row);
  }

  private makeBondRow(target: string, bond: Bond): Row {
    const { localization, directory, palette } = this.context;
    const { tr: row, cells } = makeRow(this.columns, "bond");
    row.dataset["key"] = target;
    const code = target.slice(target.indexOf(":") + 1);
    const name = element("span", { class: "name" }, localization.name(code, directory.find(code)));
    cells.get("bond")!.append(name, element("small", {}, code));
    const sparkline = new Sparkline(palette);
    cells.get("trend")!.append(sparkline.canvas);
    const sparklinePart = {
      paint: (): void => sparkline.draw([{ line: bond.seriesOf("yield").line, color: palette.first }], bond.gaps.all),
    };
    this.context.painter.add(sparklinePart, sparklineInterval);
    return { bond, element: row, cells, name, sparklinePart, state: "", count: -1 };
  }

  private draw(row: Row): void {
    const { bond } = row;
    const state = `${bond.count}:${bond.gaps.revision}`;
    if (state === row.state) return;
    row.state = state;
    const { latest } = bond;
    const { palette, localization } = this.context;
    const { numbers } = localization;
    row.element.classList.toggle("interrupted", bond.gaps.open !== undefined);
    if (latest === null) return;
    if (latest.name !== null && latest.name !== "" && setText(row.name, latest.name)) row.name.title = latest.name;
    const cell = (field: string): HTMLTableCellElement => row.cells.get(field)!;
    setText(cell("price"), numbers.fixed(latest.price, 2));
    setText(cell("yield"), latest.yield === null ? "–" : `${numbers.fixed(latest.yield, 3)}%`);
    setText(cell("change"), numbers.signed(latest.change, 2));
    setText(cell("changeRate"), numbers.percent(latest.changeRate));
    for (const field of ["price", "change", "changeRate"]) setDirection(cell(field), latest.change);
    setText(cell("volume"), numbers.amount(latest.volume === null ? null : latest.volume * volumeUnit));
    setText(cell("accumulatedVolume"), numbers.amount(latest.accumulatedVolume === null ? null : latest.accumulatedVolume * volumeUnit));
    setText(cell("time"), bond.latestTime === null ? "–" : clockText(bond.latestTime));
    if (row.count >= 0 && bond.count !== row.count)
      flash(
        row.element,
        latest.change === null || latest.change === 0 ? palette.neutral : latest.change < 0 ? palette.downSoft : palette.upSoft,
      );
    row.count = bond.count;
  }
}

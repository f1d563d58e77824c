import { clockText } from "../market/market-time";
import type { TrackedKeys } from "../market/market";
import type { TrackedKey } from "../market/tracked-key";
import type { AnyRecord } from "../gateway/items";
import type { Numbers } from "../text/numbers";
import { partsOf } from "../watch/target";
import { Sparkline, sparklineInterval } from "./chart/sparkline";
import type { Context } from "./context";
import { element, flash, reorder, setAttribute, setDirection, setText } from "./dom";
import type { Part } from "./painter";
import { makeRow, makeTable, type Column } from "./table";

const paintInterval = 250;

/** The values that every quoted record has. */
type Quoted = AnyRecord & { readonly price: number | null; readonly change: number | null };

export interface QuoteColumn<TRecord> extends Column {
  /** The text of a record. The panel itself fills the columns `name`, `trend` and `time`. */
  readonly text?: (record: TRecord, numbers: Numbers) => string;
  /** The value whose sign colours the text. */
  readonly sign?: (record: TRecord) => number | null;
}

export interface QuoteTable<TRecord extends Quoted> {
  readonly id: string;
  readonly title: string;
  readonly caption: string;
  readonly columns: readonly QuoteColumn<TRecord>[];
  readonly keys: TrackedKeys<TRecord>;
  /** The series of the sparkline, which has the colour of the day's change unless one is given. */
  readonly trend: { readonly series: string; readonly color?: string };
  /** The code as people write it, and what else distinguishes the key. */
  readonly label: (target: string) => string;
  /** A name that is part of the record. */
  readonly name?: (record: TRecord) => string | null;
  /** The address of the instrument's page. */
  readonly href?: (code: string) => string;
  /** States of trading, such as a halt, shown beside the name. */
  readonly states?: (record: TRecord) => readonly string[];
  /** Creates the control at the end of a row. */
  readonly action?: (target: string, name: string) => HTMLElement;
}

interface Row<TRecord extends Quoted> {
  readonly key: TrackedKey<TRecord>;
  readonly tr: HTMLTableRowElement;
  readonly cells: ReadonlyMap<string, HTMLTableCellElement>;
  readonly name: HTMLElement;
  readonly link: HTMLAnchorElement | null;
  readonly states: HTMLElement;
  readonly sparklinePart: Part;
  state: string;
  price: number | null;
}

/** A table of watched instruments with the latest trade of each. Hidden while none is watched. */
export class QuotePanel<TRecord extends Quoted> {
  readonly root: HTMLElement;
  private readonly rows = new Map<string, Row<TRecord>>();
  private readonly body: HTMLTableSectionElement;

  constructor(
    private readonly context: Context,
    private readonly table: QuoteTable<TRecord>,
  ) {
    const { root, body } = makeTable(table.caption, table.columns);
    this.body = body;
    this.root = element(
      "section",
      { id: table.id, class: "quotes", "aria-labelledby": `${table.id}-title` },
      element("header", { class: "panel-head" }, element("h2", { id: `${table.id}-title` }, table.title)),
      element("div", { class: "card" }, root),
    );
    context.painter.add(this, paintInterval);
  }

  /** Shows the instruments of these targets, in their order. */
  show(targets: readonly string[]): void {
    for (const [target, row] of this.rows) {
      if (targets.includes(target) && row.key === this.table.keys.get(target)) continue;
      this.context.painter.remove(row.sparklinePart);
      row.tr.remove();
      this.rows.delete(target);
    }
    for (const target of targets) {
      const key = this.table.keys.get(target);
      if (key !== undefined && !this.rows.has(target)) this.rows.set(target, this.makeQuoteRow(target, key));
    }
    for (const [target, { link }] of this.rows) if (link !== null) setAttribute(link, "href", this.table.href!(partsOf(target).key));
    reorder(
      this.body,
      targets.flatMap((target) => this.rows.get(target)?.tr ?? []),
    );
    this.root.hidden = this.rows.size === 0;
  }

  paint(): void {
    for (const row of this.rows.values()) this.draw(row);
  }

  private makeQuoteRow(target: string, key: TrackedKey<TRecord>): Row<TRecord> {
    const { localization, directory, palette } = this.context;
    const { table } = this;
    const { tr, cells } = makeRow(table.columns, "name");
    tr.dataset["key"] = target;
    const code = partsOf(target).key;
    const label = table.label(target);
    const instrument = directory.find(code);
    const name = localization.name(instrument === undefined ? label : code, instrument);
    const text = element("bdi", { class: "name" }, name);
    const states = element("span", { class: "states-of-trading" });
    const small = element("small", {}, name === label ? "" : label);
    const names = [text, states, small];
    const link = table.href === undefined ? null : element("a", {}, ...names);
    cells.get("name")!.append(...(link === null ? names : [link]));
    cells.get("action")?.append(table.action?.(target, name) ?? "");
    const sparkline = new Sparkline(palette);
    cells.get("trend")!.append(sparkline.canvas);
    const sparklinePart = {
      paint: (): void => {
        const change = key.latest?.change ?? 0;
        const color = table.trend.color ?? (change > 0 ? palette.up : change < 0 ? palette.down : palette.text);
        sparkline.draw([{ line: key.seriesOf(table.trend.series).line, color }], key.gaps.all);
      },
    };
    this.context.painter.add(sparklinePart, sparklineInterval);
    return { key, tr, cells, name: text, link, states, sparklinePart, state: "", price: null };
  }

  private draw(row: Row<TRecord>): void {
    const { key, cells } = row;
    const state = `${key.count}:${key.gaps.revision}`;
    if (state === row.state) return;
    row.state = state;
    row.tr.classList.toggle("interrupted", key.gaps.open !== undefined);
    const { latest } = key;
    if (latest === null) return;
    const { palette, localization } = this.context;
    const name = this.table.name?.(latest) ?? "";
    if (name !== "" && setText(row.name, name)) row.name.title = name;
    for (const { field, text, sign } of this.table.columns) {
      if (text === undefined) continue;
      const cell = cells.get(field)!;
      setText(cell, text(latest, localization.numbers));
      if (sign !== undefined) setDirection(cell, sign(latest));
    }
    const time = cells.get("time");
    if (time !== undefined) setText(time, key.latestTime === null ? "–" : clockText(key.latestTime));
    this.showStates(row.states, this.table.states?.(latest) ?? []);
    if (row.price !== null && latest.price !== null && latest.price !== row.price)
      flash(cells.get("price")!, latest.price > row.price ? palette.upSoft : palette.downSoft);
    row.price = latest.price;
  }

  private showStates(container: HTMLElement, states: readonly string[]): void {
    if (container.textContent === states.join("")) return;
    container.replaceChildren(...states.map((text) => element("span", { class: "badge state" }, text)));
  }
}

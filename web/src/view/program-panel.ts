import { targetOf, trIdOf } from "../watch/target";
import type { Context } from "./context";
import { element, reorder } from "./dom";
import { ProgramDetail } from "./program-detail";
import { ProgramRow } from "./program-row";
import { makeTable, type Column } from "./table";

/** Milliseconds between two sorts; a ranking that moves more often is hard to read. */
const rankInterval = 1_000;
const paintInterval = 250;

/** Program trading in stocks, ranked by net turnover, with the details of the selected one. Hidden while none is watched. */
export class ProgramPanel {
  readonly root: HTMLElement;
  private readonly rows = new Map<string, ProgramRow>();
  private readonly columns: readonly Column[];
  private readonly body: HTMLTableSectionElement;
  private readonly detail: ProgramDetail;
  private ranking: readonly ProgramRow[] = [];
  private rankedAt = -rankInterval;
  private selected: string | null = null;

  constructor(private readonly context: Context) {
    const { texts } = context.localization;
    this.columns = [
      { field: "rank", title: texts.rank, isNumber: true },
      { field: "stock", title: texts.stock },
      { field: "netAll", title: texts.netAll, isNumber: true },
      { field: "netNxt", title: texts.netNxt, isNumber: true },
      { field: "buys", title: texts.buys, isNumber: true, priority: "minor" },
      { field: "sells", title: texts.sells, isNumber: true, priority: "minor" },
      { field: "restingBuys", title: texts.restingBuys, isNumber: true, priority: "extra" },
      { field: "restingSells", title: texts.restingSells, isNumber: true, priority: "extra" },
      { field: "trend", title: texts.trend },
    ];
    const table = makeTable(texts.programsCaption, this.columns);
    this.body = table.body;
    this.detail = new ProgramDetail(context);
    const content = element("div", { class: "stack" }, element("div", { class: "card" }, table.root), this.detail.root);
    this.root = element(
      "section",
      { id: "programs", "aria-labelledby": "programs-title" },
      element("header", { class: "panel-head" }, element("h2", { id: "programs-title" }, texts.programs)),
      content,
    );
    context.painter.add(this, paintInterval);
  }

  /** Shows the stocks with these codes. */
  show(codes: readonly string[]): void {
    for (const [code, row] of this.rows) {
      const venues = this.venuesOf(code);
      if (codes.includes(code) && venues.all === row.venues.all && venues.nxt === row.venues.nxt) continue;
      row.dispose();
      this.rows.delete(code);
    }
    for (const code of codes) {
      if (!this.rows.has(code))
        this.rows.set(code, new ProgramRow(this.context, code, this.venuesOf(code), this.columns, () => this.select(code)));
    }
    this.rankedAt = -rankInterval;
    this.root.hidden = this.rows.size === 0;
    this.select(this.selected !== null && this.rows.has(this.selected) ? this.selected : (codes[0] ?? null));
  }

  paint(): void {
    const now = performance.now();
    if (now - this.rankedAt >= rankInterval) {
      this.rankedAt = now;
      this.ranking = [...this.rows.values()].sort((a, b) => b.net - a.net || (a.code < b.code ? -1 : 1));
      reorder(
        this.body,
        this.ranking.map((row) => row.tr),
      );
    }
    this.ranking.forEach((row, i) => row.draw(i + 1));
    this.detail.draw();
  }

  dispose(): void {
    this.detail.dispose();
  }

  private select(code: string | null): void {
    this.selected = code;
    for (const row of this.rows.values()) row.isSelected = row.code === code;
    this.detail.show(code === null ? null : (this.rows.get(code) ?? null));
  }

  private venuesOf(code: string) {
    const { programs } = this.context.market;
    return {
      all: programs.get(targetOf(trIdOf("program"), code)),
      nxt: programs.get(targetOf(trIdOf("program-nxt"), code)),
    };
  }
}

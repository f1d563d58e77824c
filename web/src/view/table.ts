import { element } from "./dom";

export interface Column {
  readonly field: string;
  readonly title: string;
  readonly isNumber?: boolean;
  /** Left out where there is little room; an extra one sooner than a minor one. */
  readonly weight?: "minor" | "extra";
}

/** A table with its head, and a place to scroll it sideways where it does not fit. */
export function makeTable(caption: string, columns: readonly Column[]): { readonly root: HTMLElement; readonly body: HTMLTableSectionElement } {
  // Roles are said once more because rows are laid out otherwise where there is little room, and some browsers take such for no table.
  const body = element("tbody", { role: "rowgroup" });
  const head = element(
    "thead",
    { role: "rowgroup" },
    element("tr", { role: "row" }, ...columns.map((column) => element("th", { scope: "col", role: "columnheader", class: classOf(column), "data-column": column.field }, column.title))),
  );
  const table = element("table", { role: "table" }, element("caption", { class: "unseen" }, caption), head, body);
  // A keyboard scrolls what it can reach.
  return { root: element("div", { class: "table", tabindex: 0, role: "region", "aria-label": caption }, table), body };
}

/** An empty row of such a table, and its cells by name. The first column names the row where it is asked for. */
export function makeRow(columns: readonly Column[], named?: string): { readonly row: HTMLTableRowElement; readonly cells: ReadonlyMap<string, HTMLTableCellElement> } {
  const cells = new Map<string, HTMLTableCellElement>();
  const row = element("tr", { role: "row" });
  for (const column of columns) {
    const isName = column.field === named;
    const cell = element(isName ? "th" : "td", { role: isName ? "rowheader" : "cell", class: classOf(column), "data-field": column.field, scope: isName ? "row" : undefined });
    cells.set(column.field, cell);
    row.append(cell);
  }
  return { row, cells };
}

function classOf({ isNumber, weight }: Column): string | undefined {
  return [isNumber === true ? "number" : "", weight ?? ""].filter((name) => name !== "").join(" ") || undefined;
}

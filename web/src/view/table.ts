import { element } from "./dom";

export interface Column {
  readonly field: string;
  readonly title: string;
  readonly isNumber?: boolean;
  /** Hidden if the table is narrow; extra columns before minor ones. */
  readonly priority?: "minor" | "extra";
}

/** Creates a table with its head, in a container that scrolls horizontally. */
export function makeTable(
  caption: string,
  columns: readonly Column[],
): { readonly root: HTMLElement; readonly body: HTMLTableSectionElement } {
  // Explicit roles: narrow tables have another display type, for which some browsers drop the implicit roles.
  const body = element("tbody", { role: "rowgroup" });
  const head = element(
    "thead",
    { role: "rowgroup" },
    element(
      "tr",
      { role: "row" },
      ...columns.map((column) =>
        element("th", { scope: "col", role: "columnheader", class: classOf(column), "data-column": column.field }, column.title),
      ),
    ),
  );
  const table = element("table", { role: "table" }, element("caption", { class: "visually-hidden" }, caption), head, body);
  // Focusable, so that it can be scrolled with the keyboard.
  return { root: element("div", { class: "table", tabindex: 0, role: "region", "aria-label": caption }, table), body };
}

/** Creates an empty row and its cells by field. @param named The column that is the row's header. */
export function makeRow(
  columns: readonly Column[],
  named?: string,
): { readonly tr: HTMLTableRowElement; readonly cells: ReadonlyMap<string, HTMLTableCellElement> } {
  const cells = new Map<string, HTMLTableCellElement>();
  const tr = element("tr", { role: "row" });
  for (const column of columns) {
    const isName = column.field === named;
    const cell = element(isName ? "th" : "td", {
      role: isName ? "rowheader" : "cell",
      class: classOf(column),
      "data-field": column.field,
      "data-title": column.title,
      scope: isName ? "row" : undefined,
    });
    cells.set(column.field, cell);
    tr.append(cell);
  }
  return { tr, cells };
}

function classOf({ isNumber, priority }: Column): string | undefined {
  return [isNumber === true ? "number" : "", priority ?? ""].filter((name) => name !== "").join(" ") || undefined;
}

import { clockText, marketSeconds } from "../market/market-time";
import { maskAccount, type OrderLine } from "../market/orders";
import type { Context } from "./context";
import { element, flash, setDirection, setText } from "./dom";
import { makeRow, makeTable, type Column } from "./table";

const paintInterval = 300;
const maxRows = 50;

interface Row {
  readonly tr: HTMLTableRowElement;
  readonly cells: ReadonlyMap<string, HTMLTableCellElement>;
}

/** Order notices, newest first. Hidden from viewers without the right to them. */
export class OrderPanel {
  readonly root: HTMLElement;
  private readonly rows: Row[] = [];
  private readonly columns: readonly Column[];
  private readonly body: HTMLTableSectionElement;
  private readonly card: HTMLElement;
  private readonly empty: HTMLElement;
  private readonly form: HTMLFormElement;
  private lastShown = 0;

  /** @param followOrders Called with the entered HTS ID. @param orders Notices of one stock; otherwise all. */
  constructor(
    private readonly context: Context,
    followOrders: (htsId: string) => void,
    private readonly orders = context.market.orders,
  ) {
    const { texts } = context.localization;
    this.columns = [
      { field: "time", title: texts.time, isNumber: true },
      { field: "event", title: texts.event },
      { field: "instrument", title: texts.instrument },
      { field: "side", title: texts.sideLabel },
      { field: "quantity", title: texts.quantity, isNumber: true },
      { field: "price", title: texts.orderPrice, isNumber: true },
      { field: "orderNumber", title: texts.orderNumber, isNumber: true, priority: "minor" },
      { field: "account", title: texts.account, isNumber: true, priority: "minor" },
    ];
    const table = makeTable(texts.ordersCaption, this.columns);
    this.body = table.body;
    this.card = element("div", { class: "card scroll" }, table.root);
    this.empty = element("p", { class: "empty" }, texts.emptyOrders);
    const input = element("input", { id: "htsid", name: "htsid", autocomplete: "off", spellcheck: "false", required: true });
    this.form = element(
      "form",
      { id: "orders-id" },
      element("label", { for: "htsid" }, texts.htsIdLabel),
      input,
      element("button", { type: "submit" }, texts.showOrders),
    );
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const htsId = input.value.trim();
      if (htsId !== "") followOrders(htsId);
    });
    this.root = element(
      "section",
      { id: "orders", "aria-labelledby": "orders-title" },
      element("header", { class: "panel-head" }, element("h2", { id: "orders-title" }, texts.orders)),
      this.form,
      this.card,
      this.empty,
    );
    context.painter.add(this, paintInterval);
  }

  /** @param isAllowed Whether the viewer has the right to order notices. @param hasHtsId Whether an HTS ID is known. */
  show(isAllowed: boolean, hasHtsId: boolean): void {
    this.root.hidden = !isAllowed;
    this.form.hidden = hasHtsId;
    this.empty.hidden = !hasHtsId || this.rows.length > 0;
    this.card.hidden = this.rows.length === 0;
  }

  paint(): void {
    const { orders } = this;
    if (orders.total === this.lastShown) return;
    const added = orders.all.filter((line) => line.number > this.lastShown).slice(0, maxRows);
    const isFirst = this.lastShown === 0;
    this.lastShown = orders.total;
    for (const line of added.reverse()) {
      const row = this.nextRow();
      this.write(row, line);
      this.body.prepend(row.tr);
      if (!isFirst) flash(row.tr, this.context.palette.neutral);
    }
    this.card.hidden = false;
    this.empty.hidden = true;
  }

  /** A new row, or the oldest one to reuse. */
  private nextRow(): Row {
    if (this.rows.length < maxRows) {
      const created = makeRow(this.columns);
      this.rows.push(created);
      return created;
    }
    const oldest = this.rows.shift()!;
    this.rows.push(oldest);
    return oldest;
  }

  private write({ tr: row, cells }: Row, { number, record, event }: OrderLine): void {
    const { texts, numbers } = this.context.localization;
    const cell = (field: string): HTMLTableCellElement => cells.get(field)!;
    row.dataset["order"] = String(number);
    row.dataset["event"] = event;
    const time = marketSeconds(record.timestamp ?? record.receivedAt);
    setText(cell("time"), time === null ? "–" : clockText(time));
    const action = record.action === null || record.action === "new" ? "" : (texts.action[record.action] ?? record.action);
    const words = [...new Set([texts.orderEvent[event], action])].filter((word) => word !== "").join(" · ");
    cell("event").replaceChildren(element("span", { class: "badge", "data-event": event }, words));
    cell("instrument").replaceChildren(
      element("span", { class: "name" }, (record.instrumentName ?? record.symbol ?? "–").replaceAll(/\s+/g, " ")),
      element("small", {}, record.symbol ?? ""),
    );
    setText(cell("side"), texts.side[record.side ?? ""] ?? record.side ?? "–");
    setDirection(cell("side"), record.side === "buy" ? 1 : record.side === "sell" ? -1 : 0);
    setText(cell("quantity"), numbers.whole(record.fillQuantity));
    setText(cell("price"), numbers.plain(record.fillPrice));
    setText(cell("orderNumber"), record.orderNumber ?? "–");
    setText(cell("account"), maskAccount(record.accountNumber));
  }
}

import { clockText, marketSeconds } from "../market/market-time";
import { maskAccount, type OrderLine } from "../market/orders";
import type { Context } from "./context";
import { element, flash, setDirection, setText } from "./dom";
import { makeRow, makeTable, type Column } from "./table";

const paintEvery = 300;
const most = 50;

interface Row {
  readonly row: HTMLTableRowElement;
  readonly cells: ReadonlyMap<string, HTMLTableCellElement>;
}

/** What became of the account's orders, newest first. Who has not the right to them does not see that there are any. */
export class OrderPanel {
  readonly root: HTMLElement;
  private readonly rows: Row[] = [];
  private readonly columns: readonly Column[];
  private readonly body: HTMLTableSectionElement;
  private readonly card: HTMLElement;
  private readonly empty: HTMLElement;
  private readonly form: HTMLFormElement;
  private shown = 0;

  /** @param ask Called with the HTS ID whose notices somebody wants to see. */
  constructor(
    private readonly context: Context,
    ask: (htsId: string) => void,
  ) {
    const { texts } = context.speech;
    this.columns = [
      { field: "time", title: texts.time, isNumber: true },
      { field: "event", title: texts.event },
      { field: "instrument", title: texts.instrument },
      { field: "side", title: texts.sideLabel },
      { field: "quantity", title: texts.quantity, isNumber: true },
      { field: "price", title: texts.orderPrice, isNumber: true },
      { field: "orderNumber", title: texts.orderNumber, isNumber: true, weight: "minor" },
      { field: "account", title: texts.account, isNumber: true, weight: "minor" },
    ];
    const table = makeTable(texts.ordersCaption, this.columns);
    this.body = table.body;
    this.card = element("div", { class: "card scroll" }, table.root);
    this.empty = element("p", { class: "empty" }, texts.emptyOrders);
    const input = element("input", { id: "htsid", name: "htsid", autocomplete: "off", spellcheck: "false", required: true });
    this.form = element("form", { id: "orders-id" }, element("label", { for: "htsid" }, texts.htsIdLabel), input, element("button", { type: "submit" }, texts.showOrders));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const htsId = input.value.trim();
      if (htsId !== "") ask(htsId);
    });
    this.root = element(
      "section",
      { id: "orders", "aria-labelledby": "orders-title" },
      element("header", { class: "panel-head" }, element("h2", { id: "orders-title" }, texts.orders)),
      this.form,
      this.card,
      this.empty,
    );
    context.painter.add(this, paintEvery);
  }

  /** @param isAllowed Whether the viewer may see order notices at all. @param isAsked Whether it is known whose. */
  show(isAllowed: boolean, isAsked: boolean): void {
    this.root.hidden = !isAllowed;
    this.form.hidden = isAsked;
    this.empty.hidden = !isAsked || this.rows.length > 0;
    this.card.hidden = this.rows.length === 0;
  }

  paint(): void {
    const { orders } = this.context.market;
    if (orders.total === this.shown) return;
    const fresh = orders.all.filter((line) => line.number > this.shown).slice(0, most);
    const isFirst = this.shown === 0;
    this.shown = orders.total;
    for (const line of fresh.reverse()) {
      const row = this.take();
      this.write(row, line);
      this.body.prepend(row.row);
      if (!isFirst) flash(row.row, this.context.palette.gap);
    }
    this.card.hidden = false;
    this.empty.hidden = true;
  }

  /** A row to write to: a new one, or the oldest. */
  private take(): Row {
    if (this.rows.length < most) {
      const made = makeRow(this.columns);
      this.rows.push(made);
      return made;
    }
    const oldest = this.rows.shift()!;
    this.rows.push(oldest);
    return oldest;
  }

  private write({ row, cells }: Row, { number, record, event }: OrderLine): void {
    const { texts, numbers } = this.context.speech;
    const cell = (field: string): HTMLTableCellElement => cells.get(field)!;
    row.dataset["order"] = String(number);
    row.dataset["event"] = event;
    const time = marketSeconds(record.timestamp ?? record.receivedAt);
    setText(cell("time"), time === null ? "–" : clockText(time));
    const action = record.action === null || record.action === "new" ? "" : (texts.action[record.action] ?? record.action);
    const told = [...new Set([texts.orderEvent[event], action])].filter((word) => word !== "").join(" · ");
    cell("event").replaceChildren(element("span", { class: "badge", "data-event": event }, told));
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

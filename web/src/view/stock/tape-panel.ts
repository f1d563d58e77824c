import { clockText } from "../../market/market-time";
import type { Stock } from "../../market/stock";
import type { TapeEvent, TapeLine } from "../../market/tape";
import type { GapReason } from "../../text/gateway-values";
import type { Context } from "../context";
import { element, setDirection, setText } from "../dom";
import { makeTable } from "../table";
import { showStrength } from "./facts";

const paintInterval = 150;
const maxRows = 80;

interface Row {
  readonly tr: HTMLTableRowElement;
  readonly cells: readonly HTMLTableCellElement[];
  number: number;
  state: string;
}

/** Time and sales: the newest trades, with gaps and interruptions in their places; and the strength of buyers against sellers. */
export class TapePanel {
  readonly root: HTMLElement;
  private readonly rows: Row[] = [];
  private readonly body: HTMLTableSectionElement;
  private readonly strength = element("b", { "data-field": "strength" }, "–");
  private readonly bought = element("span", { class: "share", "data-side": "bid" });
  private readonly sold = element("span", { class: "share", "data-side": "ask" });
  private readonly shares = element("div", { class: "shares", role: "img" });
  private readonly empty: HTMLElement;
  private revision = -1;

  constructor(
    private readonly context: Context,
    private readonly stock: Stock,
  ) {
    const { texts } = context.localization;
    const { stockPage } = texts;
    const { root, body } = makeTable(stockPage.tapeCaption, [
      { field: "time", title: texts.time },
      { field: "price", title: stockPage.tradePrice, isNumber: true },
      { field: "change", title: texts.change, isNumber: true },
      { field: "volume", title: stockPage.tradeVolume, isNumber: true },
    ]);
    this.body = body;
    this.empty = element("p", { class: "waiting" }, context.noData);
    this.shares.append(this.bought, this.sold);
    this.root = element(
      "section",
      { id: "tape", class: "card", "data-view": "tape", "aria-labelledby": "tape-title" },
      element(
        "header",
        {},
        element("h3", { id: "tape-title" }, stockPage.tape),
        element("p", { class: "strength", title: stockPage.strengthHint }, `${texts.strength} `, this.strength),
      ),
      this.shares,
      this.empty,
      root,
    );
    context.painter.add(this, paintInterval);
  }

  paint(): void {
    const { tape } = this.stock;
    if (tape.revision === this.revision) return;
    this.revision = tape.revision;
    this.paintStrength();
    const lines = tape.all.slice(-maxRows);
    this.empty.hidden = lines.length > 0;
    const first = lines[0]?.number ?? Infinity;
    // The oldest rows leave, or those of lines that are gone.
    const known = new Set(lines.map(({ number }) => number));
    for (let i = this.rows.length - 1; i >= 0; i--) {
      const row = this.rows[i]!;
      if (row.number >= first && known.has(row.number)) continue;
      row.tr.remove();
      this.rows.splice(i, 1);
    }
    // Rows are newest first, lines oldest first.
    const byNumber = new Map(this.rows.map((row) => [row.number, row]));
    const newest = this.rows[0]?.number ?? 0;
    for (const line of lines) {
      const row = byNumber.get(line.number);
      if (row !== undefined) {
        this.write(row, line);
        continue;
      }
      const created = makeRow(line.number);
      this.write(created, line);
      if (line.number > newest) {
        this.body.prepend(created.tr);
        this.rows.unshift(created);
      } else {
        // Lines of the past were inserted.
        const at = this.rows.findIndex(({ number }) => number < line.number);
        this.body.insertBefore(created.tr, at < 0 ? null : this.rows[at]!.tr);
        this.rows.splice(at < 0 ? this.rows.length : at, 0, created);
      }
    }
  }

  private write(row: Row, { time, trade, event }: TapeLine): void {
    if (trade !== null && row.state === "trade") return;
    const { numbers, texts } = this.context.localization;
    const [clock, price, change, volume] = row.cells as [HTMLTableCellElement, HTMLElement, HTMLElement, HTMLElement];
    const text = event === null ? "trade" : this.textOf(event);
    if (row.state === text) return;
    row.state = text;
    row.tr.dataset["kind"] = event?.kind ?? "trade";
    setText(clock, time === null ? "–" : clockText(time));
    if (event !== null) {
      const cell = row.cells[1]!;
      cell.colSpan = 3;
      setText(cell, text);
      cell.className = "event";
      change.hidden = true;
      volume.hidden = true;
      return;
    }
    setText(price, numbers.plain(trade!.price));
    setDirection(price, trade!.change);
    setText(change, numbers.signed(trade!.change, 0));
    setDirection(change, trade!.change);
    const side = trade!.side ?? "";
    const sideText = texts.stockPage.tapeSide[side];
    row.tr.dataset["side"] = side;
    volume.replaceChildren(numbers.whole(trade!.volume));
    // Not by colour alone.
    if (sideText !== undefined) volume.prepend(element("span", { class: "visually-hidden" }, `${sideText} `));
    setDirection(volume, side === "buy" ? 1 : side === "sell" ? -1 : 0);
  }

  private textOf(event: TapeEvent): string {
    const { texts, numbers } = this.context.localization;
    const { stockPage } = texts;
    switch (event.kind) {
      case "gap": {
        const reason = texts.gapReason[event.reason as GapReason] ?? event.reason;
        return event.to === null
          ? stockPage.gapOpen(reason)
          : stockPage.gapClosed(clockText(event.to), reason, event.missedVolume === null ? null : numbers.whole(event.missedVolume));
      }
      case "vi":
        return event.isActive ? stockPage.viStart : stockPage.viEnd;
      case "halt":
        return event.isActive ? stockPage.haltStart : stockPage.haltEnd;
      case "operation":
        return stockPage.operation[event.code] ?? stockPage.otherOperation(event.code);
    }
  }

  private paintStrength(): void {
    const { latest } = this.stock.trade;
    if (latest === null) return;
    const { numbers, texts } = this.context.localization;
    const { tradeStrength, buyVolume, sellVolume } = latest;
    showStrength(this.strength, tradeStrength, numbers);
    this.bought.style.flexGrow = String(buyVolume ?? 0);
    this.sold.style.flexGrow = String(sellVolume ?? 0);
    this.shares.setAttribute("aria-label", texts.stockPage.boughtSold(numbers.whole(buyVolume), numbers.whole(sellVolume)));
  }
}

function makeRow(number: number): Row {
  const cells = ["time", "price", "change", "volume"].map((field, i) =>
    element("td", { role: "cell", "data-field": field, class: i === 0 ? undefined : "number" }),
  );
  return { tr: element("tr", { role: "row", "data-number": number }, ...cells), cells, number, state: "" };
}

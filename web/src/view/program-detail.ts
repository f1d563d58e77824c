import type { ProgramRecord } from "../gateway/items";
import { clockText } from "../market/market-time";
import { LinesChart } from "./chart/lines-chart";
import type { Context } from "./context";
import { element, setAttribute, setDirection, setText } from "./dom";
import type { ProgramRow } from "./program-row";

const facts = ["netVolume", "buys", "sells", "restingBuys", "restingSells"] as const;
type Fact = (typeof facts)[number];

/** The selected stock: its day on all venues against NXT, and all its figures. */
export class ProgramDetail {
  readonly root: HTMLElement;
  private readonly title = element("h3");
  private readonly figure = element("figure", { class: "chart", role: "img" });
  private readonly cells = new Map<string, HTMLElement>();
  private chart: LinesChart | null = null;
  private shown: ProgramRow | null = null;
  private state = "";

  constructor(private readonly context: Context) {
    const { texts } = context.localization;
    const cell = (name: string): HTMLElement => {
      const created = element("td", { class: "number", "data-field": name }, "–");
      this.cells.set(name, created);
      return created;
    };
    const rows = (["net", ...facts] as const).map((name) =>
      element(
        "tr",
        {},
        element("th", { scope: "row" }, name === "net" ? texts.netValue : texts[name]),
        cell(`${name}:all`),
        cell(`${name}:nxt`),
      ),
    );
    this.root = element(
      "article",
      { class: "card program-detail" },
      element(
        "header",
        {},
        this.title,
        element(
          "ul",
          { class: "legend" },
          element("li", { "data-series": 1 }, texts.allVenues),
          element("li", { "data-series": 2 }, texts.nxt),
        ),
      ),
      this.figure,
      element(
        "table",
        {},
        element(
          "thead",
          {},
          element(
            "tr",
            {},
            element("td"),
            element("th", { scope: "col", class: "number" }, texts.allVenues),
            element("th", { scope: "col", class: "number" }, texts.nxt),
          ),
        ),
        element("tbody", {}, ...rows),
      ),
    );
    this.root.hidden = true;
  }

  show(row: ProgramRow | null): void {
    if (row === this.shown) return;
    this.shown = row;
    this.state = "";
    this.chart?.dispose();
    this.chart = null;
    this.figure.replaceChildren();
    this.root.hidden = row === null;
    if (row === null) return;
    this.title.replaceChildren(row.name, element("small", {}, row.code));
    this.root.setAttribute("aria-label", row.name);
    this.figure.setAttribute("aria-label", `${row.name}: ${this.context.localization.texts.waiting}`);
  }

  /** Called by the ranking when it draws the same record, so that both show the same instant. */
  draw(): void {
    const row = this.shown;
    if (row === null) return;
    const { all, nxt } = row.venues;
    const state = `${all?.count}:${nxt?.count}:${all?.gaps.revision}:${nxt?.gaps.revision}`;
    if (state === this.state) return;
    this.state = state;
    this.write("all", all?.latest ?? null);
    this.write("nxt", nxt?.latest ?? null);
    const first = (all ?? nxt)?.seriesOf("netValue").line.all[0];
    if (first === undefined) return;
    const { numbers, texts } = this.context.localization;
    if (this.chart === null) {
      const container = element("div", { class: "plot", "aria-hidden": "true" });
      this.figure.replaceChildren(container);
      this.chart = new LinesChart(container, this.context.palette, texts.locale, (value) => numbers.amount(value));
    }
    this.chart.draw(
      all === undefined ? undefined : [all.seriesOf("netValue").line, all.gaps],
      nxt === undefined ? undefined : [nxt.seriesOf("netValue").line, nxt.gaps],
    );
    const gaps = (all ?? nxt)!.gaps;
    this.figure.dataset["gaps"] = String(gaps.all.length);
    this.figure.dataset["gapOpen"] = String(gaps.open !== undefined);
    const latest = (all ?? nxt)!;
    setAttribute(
      this.figure,
      "aria-label",
      texts.chartOf(
        row.name,
        clockText(first.time).slice(0, 5),
        clockText(latest.latestTime ?? first.time).slice(0, 5),
        numbers.amount(latest.latest?.netValue, true),
        gaps.all.length,
      ),
    );
  }

  dispose(): void {
    this.chart?.dispose();
  }

  private write(venue: "all" | "nxt", record: ProgramRecord | null): void {
    const { numbers } = this.context.localization;
    const net = this.cells.get(`net:${venue}`)!;
    setText(net, numbers.amount(record?.netValue, true));
    setDirection(net, record?.netValue);
    const texts: Readonly<Record<Fact, string>> = {
      netVolume: numbers.signed(record?.netVolume, 0),
      buys: `${numbers.whole(record?.buyVolume)}`,
      sells: `${numbers.whole(record?.sellVolume)}`,
      restingBuys: numbers.whole(record?.restingBuyVolume),
      restingSells: numbers.whole(record?.restingSellVolume),
    };
    for (const fact of facts) setText(this.cells.get(`${fact}:${venue}`)!, texts[fact]);
    setDirection(this.cells.get(`netVolume:${venue}`)!, record?.netVolume);
  }
}

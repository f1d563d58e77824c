import type { ConsumerStatus, StatusPage, UpstreamSession } from "../gateway/pages";
import { silenceOf } from "../gateway/silence";
import { clockText, marketSeconds } from "../market/market-time";
import { outagesOf } from "../market/outages";
import type { GapReason, Phase } from "../text/gateway-values";
import { ClusterSection } from "./cluster-section";
import { partsOf } from "../watch/target";
import type { Context } from "./context";
import { element, reorder, setText } from "./dom";
import { publisherText } from "./publisher-text";
import { sinkText } from "./sink-text";
import { makeRow, makeTable, type Column } from "./table";

/** What a trader wants to know, and what an operator does. */
const dataFields = ["session", "delay", "lastFrame", "gaps"] as const;
const operationFields = ["slots", "rate", "drops", "reconnects", "malformed", "consumers", "recording", "sink", "publisher"] as const;
type OperationField = (typeof operationFields)[number];
type Field = (typeof dataFields)[number] | OperationField;

type Severity = "good" | "bad" | "plain";

const paintInterval = 500;

/** Maximum numbers of listed outages, and of names in each. */
const maxOutages = 30;
const maxNames = 3;

/** The gateway's name for consumers without credentials. */
const everybody = "(everybody)";

/** The state of the data in one line, which opens the details: connection, delay, missing data, and the operation of the gateway. */
export class HealthPanel {
  /** The line, for the head of the page. */
  readonly button: HTMLButtonElement;
  readonly root: HTMLElement;
  private readonly summary = new Map<"connection" | "delay" | "gaps" | "operation", HTMLElement>();
  private readonly cells = new Map<Field, HTMLElement>();
  private readonly facts: HTMLElement;
  private readonly cluster: ClusterSection;
  private readonly problem = element("p", { class: "problem" });
  private readonly consumers: HTMLTableSectionElement;
  private readonly consumerRows = new Map<string, ReturnType<typeof makeRow>>();
  private readonly columns: readonly Column[];
  private readonly gapList = element("ol", { id: "gap-list", tabindex: 0 });
  private readonly noGaps: HTMLElement;
  private shownGapRevision = -1;

  constructor(private readonly context: Context) {
    const { texts } = context.localization;
    const factsOf = (fields: readonly Field[]): HTMLElement =>
      element(
        "dl",
        { class: "facts" },
        ...fields.map((field) => {
          const cell = element("dd", { "data-field": field }, "–");
          this.cells.set(field, cell);
          return element("div", {}, element("dt", {}, texts[field]), cell);
        }),
      );
    // The page is built again when the language or the colours change.
    const isOpen = document.getElementById("health")?.hidden === false;
    this.button = this.makeButton(isOpen);
    this.columns = [
      { field: "name", title: texts.consumer },
      { field: "connections", title: texts.connections, isNumber: true },
      { field: "registrations", title: texts.registrations, isNumber: true },
      { field: "queue", title: texts.queue, isNumber: true },
      { field: "delivered", title: texts.delivered, isNumber: true, priority: "minor" },
      { field: "dropped", title: texts.drops, isNumber: true },
    ];
    this.gapList.setAttribute("aria-label", texts.gapList);
    const table = makeTable(texts.consumersCaption, this.columns);
    this.consumers = table.body;
    this.noGaps = element("p", { class: "empty" }, texts.noGaps);
    this.problem.hidden = true;
    this.cluster = new ClusterSection(context.localization);
    this.facts = element(
      "div",
      { class: "card" },
      element("h2", { id: "health-title" }, texts.health),
      this.problem,
      element(
        "div",
        { class: "columns" },
        factsOf(dataFields),
        element("div", {}, element("h3", {}, texts.gapList), this.noGaps, this.gapList),
      ),
      element(
        "details",
        { id: "operation" },
        element("summary", {}, texts.operation),
        element("div", { class: "columns" }, factsOf(operationFields), element("div", {}, table.root, this.cluster.root)),
      ),
    );
    this.root = element("section", { id: "health", "aria-labelledby": "health-title" }, this.facts);
    this.root.hidden = !isOpen;
    context.painter.add(this, paintInterval);
  }

  show(status: StatusPage): void {
    const { market, localization } = this.context;
    const { texts, numbers } = localization;
    this.facts.classList.remove("stale");
    const { totals, upstream, recording } = status;
    const sum = (read: (session: StatusPage["upstream"][number]) => number): number =>
      upstream.reduce((all, session) => all + read(session), 0);
    // The sessions of a standby wait for their app keys.
    const isStandby = status.cluster?.role === "standby";
    if (isStandby) this.setSession(texts.clusterRole.standby, "plain");
    else this.showSessions(upstream);
    this.set("slots", texts.usedOf(numbers.whole(sum((session) => session.confirmed)), numbers.whole(sum((session) => session.slots))));
    this.set("rate", numbers.fixed(market.rate.perSecond, 1));
    this.set("lastFrame", status.lastFrame.secondsAgo === null ? texts.never : texts.ago(numbers.fixed(status.lastFrame.secondsAgo, 1)));
    const drops = totals.framesDropped + totals.streamRecordsDropped + (recording?.dropped ?? 0);
    this.set("drops", numbers.whole(drops), drops > 0 ? "bad" : "plain");
    this.set("reconnects", numbers.whole(sum((session) => session.reconnects)));
    this.set("malformed", numbers.whole(totals.framesMalformed), totals.framesMalformed > 0 ? "bad" : "plain");
    this.set("consumers", texts.consumersText(numbers.whole(totals.connections), numbers.whole(totals.streams)));
    if (recording === null) this.set("recording", texts.notRecording);
    else if (recording.isWriting) this.set("recording", texts.recordingText(numbers.bytes(recording.bytes)), "good");
    else
      this.set(
        "recording",
        recording.problemSince === null
          ? texts.recordingEnded
          : texts.recordingProblem(clockText(marketSeconds(recording.problemSince) ?? 0)),
        "bad",
      );
    this.showSink(status.sink);
    this.showPublisher(status.publisher);
    this.cluster.show(status.cluster);
    const isBad = this.root.querySelector("#operation [data-severity=bad]") !== null;
    this.summarize("operation", isBad ? texts.operationProblem : "", isBad ? "bad" : "plain");
    const problem = isStandby ? null : (upstream.find((session) => session.problem !== null)?.problem ?? null);
    this.problem.hidden = problem === null;
    setText(this.problem, problem ?? "");
    this.showConsumers(status.consumers);
  }

  private showSink(sink: StatusPage["sink"]): void {
    const { text, severity } = sinkText(sink, this.context.localization);
    this.cells.get("sink")!.parentElement!.hidden = sink === null;
    this.set("sink", text, severity);
  }

  private showPublisher(publisher: StatusPage["publisher"]): void {
    const { text, severity } = publisherText(publisher, this.context.localization);
    this.cells.get("publisher")!.parentElement!.hidden = publisher === null;
    this.set("publisher", text, severity);
  }

  private showSessions(upstream: readonly UpstreamSession[]): void {
    const { texts, numbers } = this.context.localization;
    const worst = upstream.find(({ phase }) => phase !== "open" && phase !== "idle") ?? upstream.find(({ phase }) => phase !== "open");
    const phase = texts.phase[(worst ?? upstream[0])?.phase as Phase] ?? worst?.phase ?? "–";
    const open = upstream.filter((session) => session.phase === "open").length;
    const silence = upstream.map(silenceOf).find((seconds) => seconds !== null) ?? null;
    const text = silence === null ? phase : texts.silent(numbers.whole(silence));
    const severity = silence !== null ? "bad" : worst === undefined ? "good" : worst.phase === "idle" ? "plain" : "bad";
    this.setSession(upstream.length > 1 ? `${text} · ${texts.sessions(open, upstream.length)}` : text, severity);
  }

  private setSession(text: string, severity: Severity): void {
    this.set("session", text, severity);
    this.summarize("connection", severity === "good" ? this.context.localization.texts.healthGood : text, severity);
  }

  /** Marks the last status as stale, because the gateway does not answer. */
  markStale(): void {
    this.context.market.rate.clear();
    this.facts.classList.add("stale");
    this.cluster.markStale();
    this.setSession(this.context.localization.texts.unknown, "bad");
    for (const field of ["slots", "rate", "lastFrame", "consumers", "recording", "sink", "publisher"] as const) this.set(field, "–");
  }

  paint(): void {
    const { market, localization } = this.context;
    const { texts, numbers } = localization;
    const delay = market.delay.read();
    const cell = this.cells.get("delay")!;
    if (delay !== null) {
      const [median, p95] = [numbers.fixed(delay.median, 2), numbers.fixed(delay.p95, 2)];
      this.set("delay", delay.isRelative ? texts.delayRelative(median, p95) : texts.delayText(median, p95));
      cell.title = delay.isRelative ? texts.delayRelativeHint : texts.delayHint;
      this.summarize("delay", texts.seconds(numbers.fixed(delay.median, 1)));
    }
    const revision = [...market.entries()].reduce((sum, [, { gaps }]) => sum + gaps.revision, 0);
    if (revision === this.shownGapRevision) return;
    this.shownGapRevision = revision;
    this.showGaps();
  }

  private makeButton(isOpen: boolean): HTMLButtonElement {
    const { texts } = this.context.localization;
    const part = (name: "connection" | "delay" | "gaps" | "operation", label: string): HTMLElement => {
      const value = element("b", {}, name === "operation" ? "" : "–");
      this.summary.set(name, value);
      return element("span", { "data-part": name }, label, value);
    };
    const button = element(
      "button",
      { id: "health-open", type: "button", "aria-expanded": String(isOpen), "aria-controls": "health", title: texts.healthOpen },
      part("connection", texts.healthConnection),
      part("delay", texts.healthDelay),
      part("gaps", texts.healthGaps),
      part("operation", ""),
    );
    button.addEventListener("click", () => {
      this.root.hidden = !this.root.hidden;
      button.setAttribute("aria-expanded", String(!this.root.hidden));
    });
    return button;
  }

  private summarize(name: "connection" | "delay" | "gaps" | "operation", text: string, severity: Severity = "plain"): void {
    const value = this.summary.get(name)!;
    setText(value, text);
    if (value.dataset["severity"] !== severity) value.dataset["severity"] = severity;
  }

  private set(field: Field, text: string, severity: Severity = "plain"): void {
    const cell = this.cells.get(field)!;
    setText(cell, text);
    if (cell.dataset["severity"] !== severity) cell.dataset["severity"] = severity;
  }

  private showConsumers(consumers: readonly ConsumerStatus[]): void {
    const { texts, numbers } = this.context.localization;
    const names = new Set(consumers.map(({ name }) => name ?? ""));
    for (const [name, { tr }] of this.consumerRows) {
      if (names.has(name)) continue;
      tr.remove();
      this.consumerRows.delete(name);
    }
    for (const consumer of consumers) {
      const name = consumer.name ?? "";
      let row = this.consumerRows.get(name);
      if (row === undefined) this.consumerRows.set(name, (row = makeRow(this.columns, "name")));
      const { cells } = row;
      setText(cells.get("name")!, name === "" || name === everybody ? texts.everybody : name);
      setText(cells.get("connections")!, numbers.whole(consumer.connections));
      setText(cells.get("registrations")!, numbers.whole(consumer.registrations));
      setText(cells.get("queue")!, consumer.waiting === undefined ? "–" : numbers.bytes(consumer.waiting.bytes));
      setText(cells.get("delivered")!, numbers.whole(consumer.delivered));
      setText(cells.get("dropped")!, numbers.whole(consumer.dropped));
    }
    reorder(
      this.consumers,
      consumers.map(({ name }) => this.consumerRows.get(name ?? "")!.tr),
    );
  }

  private showGaps(): void {
    const { market, localization } = this.context;
    const { texts, numbers } = localization;
    const outages = outagesOf([...market.entries()].map(([target, { gaps }]) => [target, gaps.all]));
    const keys = new Set(outages.flatMap(({ targets }) => targets));
    this.noGaps.hidden = outages.length > 0;
    this.set("gaps", texts.gapsCount(numbers.whole(outages.length), numbers.whole(keys.size)), outages.length > 0 ? "bad" : "plain");
    this.summarize(
      "gaps",
      outages.length === 0 ? texts.healthNoGaps : texts.healthGapCount(numbers.whole(outages.length)),
      outages.length === 0 ? "good" : "bad",
    );
    this.gapList.replaceChildren(
      ...outages.slice(0, maxOutages).map(({ from, to, reason, targets }) => {
        const names = [...new Set(targets.map((target) => this.nameOf(target)))];
        return element(
          "li",
          {},
          texts.outage(clockText(from), to === null ? "…" : clockText(to), texts.gapReason[reason as GapReason] ?? reason),
          element("small", {}, texts.outageOf(names.slice(0, maxNames).join(", "), Math.max(0, names.length - maxNames))),
        );
      }),
    );
  }

  private nameOf(target: string): string {
    const { localization, directory } = this.context;
    const code = partsOf(target).key;
    return localization.name(code, directory.find(code));
  }
}

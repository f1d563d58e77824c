import type { ClusterLease, ClusterNode, ClusterStatus } from "../gateway/pages";
import type { Localization } from "../text/localization";
import {
  clusterDatabaseText,
  clusterGatewayText,
  clusterKeysText,
  leaseHolderText,
  nodeLagText,
  nodeRoleText,
  type ClusterText,
} from "./cluster-text";
import { element, reorder, setText } from "./dom";
import { makeRow, makeTable, type Column } from "./table";

/** The digits of an app key's hash that tell it from others on one page. */
const hashDigits = 8;

type Row = ReturnType<typeof makeRow>;

/** The cluster that the gateway belongs to: gateways, app keys and their holders, keys, and problems. */
export class ClusterSection {
  readonly root: HTMLElement;
  private readonly facts: HTMLElement;
  private readonly gateway = element("dd", { "data-field": "cluster-gateway" });
  private readonly database = element("dd", { "data-field": "cluster-database" });
  private readonly keys = element("dd", { "data-field": "cluster-keys" });
  private readonly problems: HTMLElement;
  private readonly nodes: ClusterTable<ClusterNode>;
  private readonly leases: ClusterTable<ClusterLease>;

  constructor(private readonly localization: Localization) {
    const { texts, numbers } = localization;
    const facts: readonly (readonly [string, HTMLElement])[] = [
      [texts.clusterGateway, this.gateway],
      [texts.clusterDatabase, this.database],
      [texts.clusterKeys, this.keys],
    ];
    this.facts = element("dl", { class: "facts" }, ...facts.map(([title, cell]) => element("div", {}, element("dt", {}, title), cell)));
    this.problems = element("ul", { class: "problem", "aria-label": texts.clusterProblems });
    this.nodes = new ClusterTable<ClusterNode>(
      texts.clusterNodes,
      [
        { field: "node", title: texts.clusterNode },
        { field: "role", title: texts.clusterNodeRole },
        { field: "wanted", title: texts.clusterWants, isNumber: true },
        { field: "lag", title: texts.clusterLag, isNumber: true },
      ],
      ({ name }) => name,
      (node) => [
        plain(node.name),
        nodeRoleText(node, localization),
        plain(node.role === "edge" ? numbers.whole(node.wanted) : "–"),
        nodeLagText(node, localization),
      ],
    );
    this.leases = new ClusterTable<ClusterLease>(
      texts.clusterAppKeys,
      [
        { field: "app-key", title: texts.clusterAppKey },
        { field: "holder", title: texts.clusterHolder },
        { field: "keys", title: texts.clusterKeys, isNumber: true },
      ],
      ({ appKey }) => appKey,
      (lease) => [
        plain(lease.appKey.slice(0, hashDigits)),
        leaseHolderText(lease, localization),
        plain(texts.usedOf(numbers.whole(lease.keys), numbers.whole(lease.slots))),
      ],
    );
    this.root = element(
      "section",
      { id: "cluster", "aria-labelledby": "cluster-title" },
      element("h3", { id: "cluster-title" }, texts.cluster),
      this.problems,
      this.facts,
      this.nodes.root,
      this.leases.root,
    );
    this.root.hidden = true;
  }

  show(cluster: ClusterStatus | null): void {
    this.root.hidden = cluster === null;
    if (cluster === null) return;
    this.facts.classList.remove("stale");
    setCell(this.gateway, clusterGatewayText(cluster, this.localization));
    setCell(this.database, clusterDatabaseText(cluster, this.localization));
    setCell(this.keys, clusterKeysText(cluster, this.localization));
    const problems = cluster.problems ?? [];
    this.problems.hidden = problems.length === 0;
    if ([...this.problems.children].map(({ textContent }) => textContent).join("\n") !== problems.join("\n"))
      this.problems.replaceChildren(...problems.map((problem) => element("li", {}, problem)));
    this.nodes.show(cluster.nodes);
    this.leases.show(cluster.leases);
  }

  /** Marks the last state as stale, because the gateway does not answer. */
  markStale(): void {
    this.facts.classList.add("stale");
  }
}

/** A table whose rows have a name. */
class ClusterTable<TItem> {
  readonly root: HTMLElement;
  private readonly body: HTMLTableSectionElement;
  private readonly rows = new Map<string, Row>();

  constructor(
    caption: string,
    private readonly columns: readonly Column[],
    private readonly nameOf: (item: TItem) => string,
    private readonly cellsOf: (item: TItem) => readonly ClusterText[],
  ) {
    ({ root: this.root, body: this.body } = makeTable(caption, columns));
  }

  show(items: readonly TItem[] | null): void {
    this.root.hidden = items === null || items.length === 0;
    const names = new Set((items ?? []).map(this.nameOf));
    for (const [name, { tr }] of this.rows) {
      if (names.has(name)) continue;
      tr.remove();
      this.rows.delete(name);
    }
    for (const item of items ?? []) this.showRow(item);
    reorder(
      this.body,
      (items ?? []).map((item) => this.rows.get(this.nameOf(item))!.tr),
    );
  }

  private showRow(item: TItem): void {
    const name = this.nameOf(item);
    let row = this.rows.get(name);
    if (row === undefined) {
      this.rows.set(name, (row = makeRow(this.columns, this.columns[0]!.field)));
      row.tr.dataset["name"] = name;
      row.cells.get(this.columns[0]!.field)!.title = name;
    }
    const { cells } = row;
    this.cellsOf(item).forEach((text, index) => setCell(cells.get(this.columns[index]!.field)!, text));
  }
}

function plain(text: string): ClusterText {
  return { text, severity: "plain" };
}

function setCell(cell: HTMLElement, { text, severity }: ClusterText): void {
  setText(cell, text);
  if (cell.dataset["severity"] !== severity) cell.dataset["severity"] = severity;
}

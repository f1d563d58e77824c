import type { ClusterLease, ClusterNode, ClusterStatus } from "../gateway/pages";
import { clockText, marketSeconds } from "../market/market-time";
import type { ClusterRole } from "../text/gateway-values";
import type { Localization } from "../text/localization";

export interface ClusterText {
  readonly text: string;
  readonly severity: "good" | "bad" | "plain";
}

/** A gateway that is further behind is a problem, as in `kisfeed cluster status`. */
const maxLagSeconds = 10;

/** What this gateway does in the cluster. */
export function clusterGatewayText(cluster: ClusterStatus, { texts, numbers }: Localization): ClusterText {
  const role = texts.clusterRole[cluster.role as ClusterRole] ?? cluster.role;
  const held = cluster.appKeys > 1 ? texts.usedOf(numbers.whole(cluster.heldAppKeys), numbers.whole(cluster.appKeys)) : "";
  return { text: joined(role, held, cluster.node ?? ""), severity: "plain" };
}

/** Whether the database answers, and otherwise from when the rest is. */
export function clusterDatabaseText(cluster: ClusterStatus, { texts }: Localization): ClusterText {
  const since = marketSeconds(cluster.problemSince);
  const at = marketSeconds(cluster.readAt);
  if (since === null)
    return at === null ? { text: texts.clusterUnread, severity: "plain" } : { text: texts.clusterDatabaseGood, severity: "good" };
  return {
    text: joined(
      texts.clusterDatabaseProblem(clockText(since)),
      cluster.problem ?? "",
      at === null ? "" : texts.clusterAsOf(clockText(at)),
    ),
    severity: "bad",
  };
}

/** How many keys are registered and wanted, and how many of these are not registered. */
export function clusterKeysText({ keys }: ClusterStatus, { texts, numbers }: Localization): ClusterText {
  if (keys === null) return { text: "–", severity: "plain" };
  const waiting = keys.waiting > 0 ? texts.clusterWaiting(numbers.whole(keys.waiting)) : "";
  const refused = keys.refused > 0 ? texts.clusterRefused(numbers.whole(keys.refused)) : "";
  return {
    text: joined(texts.clusterKeysText(numbers.whole(keys.registered), numbers.whole(keys.wanted)), waiting, refused),
    severity: waiting === "" && refused === "" ? "plain" : "bad",
  };
}

/** What a gateway of the cluster does. */
export function nodeRoleText(node: ClusterNode, { texts }: Localization): ClusterText {
  const role = texts.clusterRole[node.role as ClusterRole] ?? node.role;
  return node.isPresent ? { text: role, severity: "plain" } : { text: joined(role, texts.clusterGone), severity: "bad" };
}

/** How far a gateway of the cluster is behind. */
export function nodeLagText({ lagSeconds, isPresent }: ClusterNode, { texts, numbers }: Localization): ClusterText {
  if (lagSeconds === null) return { text: "–", severity: "plain" };
  return { text: texts.seconds(numbers.fixed(lagSeconds, 1)), severity: isPresent && lagSeconds > maxLagSeconds ? "bad" : "plain" };
}

/** Which gateway holds an app key. */
export function leaseHolderText({ holder, isHeld }: ClusterLease, { texts }: Localization): ClusterText {
  return isHeld && holder !== null ? { text: holder, severity: "plain" } : { text: texts.clusterNobody, severity: "bad" };
}

function joined(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(" · ");
}

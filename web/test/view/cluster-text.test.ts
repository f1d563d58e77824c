import { describe, expect, it } from "vitest";
import type { ClusterNode, ClusterStatus } from "../../src/gateway/pages";
import { localize } from "../../src/text/localization";
import {
  clusterDatabaseText,
  clusterGatewayText,
  clusterKeysText,
  leaseHolderText,
  nodeLagText,
  nodeRoleText,
} from "../../src/view/cluster-text";

const english = localize("en");
const healthy: ClusterStatus = {
  node: "gw1-3f9a01c2",
  role: "ingest",
  appKeys: 1,
  heldAppKeys: 1,
  problemSince: null,
  problem: null,
  readAt: "2026-11-20T09:04:07+09:00",
  keys: { wanted: 1200, waiting: 0, registered: 1204, refused: 0 },
  nodes: [],
  leases: [],
  problems: [],
};
const edge: ClusterNode = { name: "edge1-77aa01c2", role: "edge", isPresent: true, wanted: 41, appKeys: 0, lagSeconds: 0.24 };
const lease = {
  appKey: "0123456789abcdef",
  environment: "production",
  holder: "gw1-3f9a01c2",
  epoch: 3,
  isHeld: true,
  keys: 40,
  slots: 41,
};

describe("the texts of the cluster", () => {
  it("say what this gateway does", () => {
    expect(clusterGatewayText(healthy, english).text).toBe("Ingest · gw1-3f9a01c2");
    expect(clusterGatewayText({ ...healthy, appKeys: 2, node: null }, english).text).toBe("Ingest · 1 of 2");
    expect(clusterGatewayText({ ...healthy, role: "standby", node: null }, localize("ko")).text).toBe("예비");
    expect(clusterGatewayText({ ...healthy, role: "witness", node: null }, english).text).toBe("witness");
  });

  it("say whether the database answers, and from when the rest is", () => {
    const failing = { ...healthy, problemSince: "2026-11-20T09:04:12+09:00", problem: "the database cannot be reached" };
    expect(clusterDatabaseText(healthy, english)).toEqual({ text: "database answers", severity: "good" });
    expect(clusterDatabaseText(failing, english)).toEqual({
      text: "no answer since 09:04:12 · the database cannot be reached · as of 09:04:07",
      severity: "bad",
    });
    expect(clusterDatabaseText({ ...failing, readAt: null }, english).text).toBe(
      "no answer since 09:04:12 · the database cannot be reached",
    );
    expect(clusterDatabaseText({ ...healthy, readAt: null }, english)).toEqual({ text: "not read yet", severity: "plain" });
  });

  it("count the keys that are registered, wanted, waiting and refused", () => {
    expect(clusterKeysText(healthy, english)).toEqual({ text: "1,204 registered · 1,200 wanted", severity: "plain" });
    expect(clusterKeysText({ ...healthy, keys: { wanted: 3, waiting: 1, registered: 1, refused: 1 } }, english)).toEqual({
      text: "1 registered · 3 wanted · 1 waiting · 1 refused",
      severity: "bad",
    });
    expect(clusterKeysText({ ...healthy, keys: null }, english)).toEqual({ text: "–", severity: "plain" });
  });

  it("mark gateways that are gone or behind, and app keys without a holder", () => {
    expect(nodeRoleText(edge, english)).toEqual({ text: "Edge", severity: "plain" });
    expect(nodeRoleText({ ...edge, isPresent: false }, english)).toEqual({ text: "Edge · gone", severity: "bad" });
    expect(nodeLagText(edge, english)).toEqual({ text: "0.2 s", severity: "plain" });
    expect(nodeLagText({ ...edge, lagSeconds: 12 }, english)).toEqual({ text: "12.0 s", severity: "bad" });
    expect(nodeLagText({ ...edge, lagSeconds: null }, english)).toEqual({ text: "–", severity: "plain" });
    expect(leaseHolderText(lease, english)).toEqual({ text: "gw1-3f9a01c2", severity: "plain" });
    expect(leaseHolderText({ ...lease, isHeld: false }, english)).toEqual({ text: "nobody", severity: "bad" });
  });
});

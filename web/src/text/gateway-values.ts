/** Values of the gateway's JSON for which the page has texts. */
export type Phase = "idle" | "connecting" | "open" | "waiting" | "halted";

export type ClusterRole = "edge" | "ingest" | "standby";

export type GapReason =
  | "queueOverflow"
  | "renewed"
  | "connectionLost"
  | "silence"
  | "moved"
  | "notRecorded"
  | "unreadable"
  | "stoodDown"
  | "paused"
  | "evicted"
  | "notRegistered"
  | "ownConnection";

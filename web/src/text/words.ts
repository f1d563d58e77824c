/** Words of the gateway that the page has texts for. */
export type Phase = "idle" | "connecting" | "open" | "waiting" | "halted";

export type GapReason = "queueOverflow" | "renewed" | "connectionLost" | "silence" | "moved" | "notRecorded" | "unreadable" | "notRegistered" | "ownConnection";

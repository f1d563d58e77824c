/** The responses of the gateway's pages: `docs/gateway-http.md`. Only the members that this page uses are declared. */

import type { AnyRecord } from "./items";

export interface GatewayKey {
  readonly trId: string;
  readonly key: string;
}

/** The origin of the data. The gateway learns it from upstream, so it may change while the page is open. */
export type Source = "service" | "simulation" | "replay";

/** `/v1/dashboard` */
export interface DashboardPage {
  readonly version: string;
  readonly source: Source;
  readonly viewer: {
    readonly name: string | null;
    readonly isOpen: boolean;
    readonly isOperator: boolean;
    readonly mayNotices: boolean;
    readonly feeds: readonly string[];
  };
  readonly watch: readonly GatewayKey[];
  readonly noticeKeys: readonly string[];
  readonly slots: number;
  /** Whether the gateway records, so that it has earlier days. */
  readonly hasHistory: boolean;
}

/** The kinds of instruments whose feeds this page shows. The gateway may know others. */
export const instrumentKinds = ["index", "stock", "bond", "future", "overseasStock", "overseasFuture"] as const;

export type InstrumentKind = (typeof instrumentKinds)[number];

export interface Instrument {
  readonly kind: InstrumentKind;
  readonly code: string;
  readonly name: string;
  readonly englishName: string | null;
}

/** `/v1/instruments?kind=…` */
export interface InstrumentsPage {
  readonly instruments: readonly Instrument[];
}

export interface HistoryBar {
  readonly start: string;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

export interface HistoryGap {
  /** The exchange time of the last record before the gap. */
  readonly from: string;
  /** The exchange time of the first record after the gap; null while the gap is open. */
  readonly to: string | null;
  readonly reason: string;
  /** The last value of each series before the gap and the first one after it; `after` is empty while the gap is open. */
  readonly before: Readonly<Record<string, number>>;
  readonly after: Readonly<Record<string, number>>;
}

/** `/v1/history/{feed}/{key}`; empty before the first record. */
export interface HistoryPage {
  readonly trId: string;
  readonly key: string;
  readonly series: Readonly<Record<string, readonly HistoryBar[]>>;
  readonly gaps: readonly HistoryGap[];
}

/** `/v1/days` */
export interface DaysPage {
  /** The current day in Korea. */
  readonly today: string;
  /** The days of which something is recorded, earliest first. */
  readonly days: readonly string[];
}

/** The recorded day of a key. */
export interface RecordedKeyDay extends HistoryPage {
  readonly records: number;
  /** The last record, as in a stream but without an id; null if there is none. */
  readonly last: AnyRecord | null;
}

/** `/v1/days/{date}` */
export interface DayPage {
  readonly date: string;
  readonly keys: readonly RecordedKeyDay[];
}

/** `/v1/records`: recorded items, as in a stream. */
export interface RecordsPage {
  readonly items: readonly Readonly<Record<string, unknown>>[];
  readonly next: string | null;
  readonly more: boolean;
}

export interface UpstreamSession {
  readonly name: string;
  readonly phase: string;
  readonly desired: number;
  readonly confirmed: number;
  readonly slots: number;
  readonly reconnects: number;
  readonly failures: number;
  readonly nextAttemptAt: string | null;
  readonly lastMessage: { readonly at: string | null; readonly secondsAgo: number | null };
  readonly problem: string | null;
  readonly problemSince: string | null;
  readonly haltReason: string | null;
}

export interface ConsumerStatus {
  readonly name: string | null;
  readonly connections: number;
  readonly registrations: number;
  readonly delivered: number;
  readonly dropped: number;
  readonly slowCloses: number;
  readonly waiting?: { readonly bytes: number; readonly records: number };
}

export interface RecordingStatus {
  readonly isWriting: boolean;
  readonly problemSince: string | null;
  readonly received: number;
  readonly flushed: number;
  readonly waiting: number;
  readonly dropped: number;
  readonly bytes: number;
  readonly files: number;
}

/** The sink that stores the recording in a database. */
export interface SinkStatus {
  readonly isStoring: boolean;
  readonly problemSince: string | null;
  /** The problem in a few words; the gateway's log has the rest. */
  readonly problem: string | null;
  readonly lastStoredAt: string | null;
  readonly records: number;
  readonly lagBytes: number;
  readonly lagSeconds: number;
}

/** The publisher of the recording to a cluster. */
export interface PublisherStatus {
  readonly isPublishing: boolean;
  readonly isLive: boolean;
  readonly problemSince: string | null;
  /** The problem in a few words; the gateway's log has the rest. */
  readonly problem: string | null;
  readonly publishedAt: string | null;
  readonly lagSeconds: number;
  readonly published: number;
  readonly caughtUp: number;
  readonly dropped: number;
}

export interface ClusterNode {
  readonly name: string;
  readonly role: string;
  readonly isPresent: boolean;
  readonly wanted: number;
  readonly appKeys: number;
  readonly lagSeconds: number | null;
}

export interface ClusterLease {
  /** The hash of the app key. */
  readonly appKey: string;
  readonly environment: string;
  readonly holder: string | null;
  readonly epoch: number;
  readonly isHeld: boolean;
  readonly keys: number;
  readonly slots: number;
}

/** The cluster that the gateway belongs to. Names of gateways are null unless the viewer is an operator. */
export interface ClusterStatus {
  readonly node: string | null;
  readonly role: string;
  readonly appKeys: number;
  readonly heldAppKeys: number;
  /** Since when the database has not answered. All below is then as of `readAt`. */
  readonly problemSince: string | null;
  /** The problem in a few words; the gateway's log has the rest. */
  readonly problem: string | null;
  readonly readAt: string | null;
  readonly keys: { readonly wanted: number; readonly waiting: number; readonly registered: number; readonly refused: number } | null;
  readonly nodes: readonly ClusterNode[] | null;
  readonly leases: readonly ClusterLease[] | null;
  readonly problems: readonly string[] | null;
}

/** `/v1/status` */
export interface StatusPage {
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly isReady: boolean;
  readonly isOpenToEverybody: boolean;
  readonly source: Source;
  readonly lastFrame: { readonly at: string | null; readonly secondsAgo: number | null };
  readonly upstream: readonly UpstreamSession[];
  readonly registrations: readonly {
    readonly trId: string;
    readonly key: string | null;
    readonly consumers: number;
    readonly isRegistered: boolean;
  }[];
  readonly totals: {
    readonly connections: number;
    readonly streams: number;
    readonly framesReceived: number;
    readonly framesDropped: number;
    readonly framesMalformed: number;
    readonly streamRecordsDropped: number;
  };
  readonly consumers: readonly ConsumerStatus[];
  readonly recording: RecordingStatus | null;
  readonly sink: SinkStatus | null;
  readonly publisher: PublisherStatus | null;
  readonly cluster: ClusterStatus | null;
}

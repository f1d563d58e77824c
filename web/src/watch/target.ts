import type { GatewayKey } from "../gateway/pages";

/** The feeds that the page shows, by the gateway's aliases. */
export type Feed =
  | "index"
  | "bond"
  | "trade"
  | "trade-krx"
  | "trade-nxt"
  | "program"
  | "program-nxt"
  | "futures"
  | "night-futures"
  | "us"
  | "overseas-futures"
  | "status"
  | "status-krx"
  | "notice";

const trIds: Readonly<Record<Feed, string>> = {
  index: "H0UPCNT0",
  bond: "H0BJCNT0",
  trade: "H0UNCNT0",
  "trade-krx": "H0STCNT0",
  "trade-nxt": "H0NXCNT0",
  program: "H0UNPGM0",
  "program-nxt": "H0NXPGM0",
  futures: "H0IFCNT0",
  "night-futures": "H0MFCNT0",
  us: "HDFSCNT0",
  "overseas-futures": "HDFFF020",
  status: "H0UNMKO0",
  "status-krx": "H0STMKO0",
  notice: "H0IFCNI0",
};

/** Notices of orders in stocks, in production and on the mock service. */
export const stockNoticeTrIds: readonly string[] = ["H0STCNI0", "H0STCNI9"];

const feeds = new Map<string, Feed>([
  ...Object.entries(trIds).map(([feed, trId]) => [trId, feed as Feed] as const),
  ["H0IFCNI9", "notice"],
  ...stockNoticeTrIds.map((trId) => [trId, "notice"] as const),
]);

const stockCode = /^[0-9A-Z]{6}$/;
const contractCode = /^[0-9A-Z]{3,12}$/;

/** The patterns of keys, to reject mistyped ones. */
const keyPatterns: Readonly<Record<Feed, RegExp>> = {
  index: /^[0-9]{4}$/,
  bond: /^[A-Z]{2}[0-9A-Z]{10}$/,
  trade: stockCode,
  "trade-krx": stockCode,
  "trade-nxt": stockCode,
  program: stockCode,
  "program-nxt": stockCode,
  futures: contractCode,
  "night-futures": contractCode,
  us: /^[DR][A-Z]{3}[0-9A-Z./]{1,12}$/,
  "overseas-futures": contractCode,
  status: stockCode,
  "status-krx": stockCode,
  notice: /^[^\^|,\s\p{Cc}]+$/u,
};

export function feedOf(trId: string): Feed | undefined {
  return feeds.get(trId);
}

export function trIdOf(feed: Feed): string {
  return trIds[feed];
}

/** `TRID:KEY`, as in the gateway's streams. */
export function targetOf(trId: string, key: string): string {
  return `${trId}:${key}`;
}

/** The two parts of a target. */
export function partsOf(target: string): GatewayKey {
  const colon = target.indexOf(":");
  return { trId: target.slice(0, colon), key: target.slice(colon + 1) };
}

/** `index:0001`, as in the page's address. */
export function shortText(target: GatewayKey): string {
  return `${feedOf(target.trId) ?? target.trId}:${target.key}`;
}

/**
 * Reads `index:0001` or `H0UPCNT0:0001`; null if it is not a key of a feed that this page shows. Keys of stocks and bonds may be in lower
 * case.
 */
export function parseTarget(text: string): GatewayKey | null {
  const colon = text.indexOf(":");
  if (colon < 0) return null;
  const name = text.slice(0, colon).trim();
  const feed = feedOf(name.toUpperCase()) ?? (name.toLowerCase() as Feed);
  const trId = Object.hasOwn(trIds, feed) ? trIds[feed] : undefined;
  if (trId === undefined || feed.startsWith("status")) return null; // For alerts only: no panel shows it.
  const key = text.slice(colon + 1).trim();
  const normalized = feed === "notice" ? key : key.toUpperCase();
  return keyPatterns[feed].test(normalized) ? { trId, key: normalized } : null;
}

/** Whether a key belongs to order notices, which are never part of an address. */
export function isNotice(target: GatewayKey): boolean {
  return feedOf(target.trId) === "notice";
}

import type { GatewayKey } from "../gateway/pages";

/** Where a stock is traded; `all` is both exchanges consolidated. */
export type Venue = "all" | "krx" | "nxt";
export type StockFeed = "trade" | "book" | "expected" | "status" | "program";

export const venues: readonly Venue[] = ["all", "krx", "nxt"];

const trIds: Readonly<Record<StockFeed, Readonly<Record<Venue, string>>>> = {
  trade: { all: "H0UNCNT0", krx: "H0STCNT0", nxt: "H0NXCNT0" },
  book: { all: "H0UNASP0", krx: "H0STASP0", nxt: "H0NXASP0" },
  expected: { all: "H0UNANC0", krx: "H0STANC0", nxt: "H0NXANC0" },
  status: { all: "H0UNMKO0", krx: "H0STMKO0", nxt: "H0NXMKO0" },
  program: { all: "H0UNPGM0", krx: "H0STPGM0", nxt: "H0NXPGM0" },
};

const codePattern = /^Q?[0-9A-Z]{6}$/;

const byTrId = new Map(
  (Object.keys(trIds) as StockFeed[]).flatMap((feed) => venues.map((venue) => [trIds[feed][venue], { feed, venue }] as const)),
);

export function stockTrId(feed: StockFeed, venue: Venue): string {
  return trIds[feed][venue];
}

export function stockFeedOf(trId: string): { readonly feed: StockFeed; readonly venue: Venue } | undefined {
  return byTrId.get(trId);
}

/** The keys of a stock's page: the feeds of one venue, and program trading on each. */
export function stockKeys(code: string, venue: Venue): readonly GatewayKey[] {
  const feeds: readonly StockFeed[] = ["trade", "book", "status", "expected"];
  return [...feeds.map((feed) => trIds[feed][venue]), ...venues.map((each) => trIds.program[each])].map((trId) => ({ trId, key: code }));
}

/** The code of a stock in the form of the feeds' keys; null if a text is not one. */
export function stockCode(text: string): string | null {
  const code = text.trim().toUpperCase();
  return codePattern.test(code) ? code : null;
}

/** The venue and code in `trade:005930`, `book-nxt:005930` or `H0STCNT0:005930`; null if a text is not a key of a feed of stocks. */
export function parseStockTarget(text: string): { readonly code: string; readonly venue: Venue } | null {
  const colon = text.indexOf(":");
  const code = colon < 0 ? null : stockCode(text.slice(colon + 1));
  if (code === null) return null;
  const name = text.slice(0, colon).trim();
  const known = stockFeedOf(name.toUpperCase());
  if (known !== undefined) return { code, venue: known.venue };
  const alias = /^(trade|book|expected|program|status|members|after-hours[a-z-]*?)(?:-(krx|nxt))?$/.exec(name.toLowerCase());
  return alias === null ? null : { code, venue: (alias[2] as Venue | undefined) ?? "all" };
}

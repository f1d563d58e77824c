import { stockCode, venues, type Venue } from "./market/stock-feeds";

const pathPattern = /\/stock\/([^/]+)\/?$/;
const venueParameter = "venue";

/** The stock that an address shows. */
export interface StockAddress {
  /** Null if the address has a text that is not the code of a stock. */
  readonly code: string | null;
  /** As written in the address. */
  readonly text: string;
  readonly venue: Venue;
}

/** Reads `/stock/005930?venue=nxt`; null for the other pages. */
export function readStockAddress(pathname: string, search: string): StockAddress | null {
  const match = pathPattern.exec(pathname);
  if (match === null) return null;
  const text = decode(match[1]!);
  const named = new URLSearchParams(search).get(venueParameter);
  return { code: stockCode(text), text, venue: venues.find((venue) => venue === named) ?? "all" };
}

/** The address of a stock's page, relative to the gateway's. The watch list in the fragment is kept. */
export function stockPath(code: string, venue: Venue, hash: string): string {
  return `stock/${encodeURIComponent(code)}${venue === "all" ? "" : `?${venueParameter}=${venue}`}${hash}`;
}

/** The query of the shown page with another venue. */
export function withVenue(search: string, venue: Venue): string {
  const parameters = new URLSearchParams(search);
  if (venue === "all") parameters.delete(venueParameter);
  else parameters.set(venueParameter, venue);
  const text = parameters.toString();
  return text === "" ? "" : `?${text}`;
}

/** The address of the gateway, from that of any of its pages. */
export function gatewayBase(href: string): URL {
  const url = new URL(href);
  return new URL(pathPattern.test(url.pathname) ? ".." : ".", href);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

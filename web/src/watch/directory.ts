import { instrumentKinds, type GatewayKey, type Instrument, type InstrumentKind } from "../gateway/pages";
import { splitClusters, areInitials, initialsOf } from "./initials";
import { parseStockTarget } from "../market/stock-feeds";
import { feedOf, isNotice, parseTarget, trIdOf, type Feed } from "./target";

interface Entry {
  readonly instrument: Instrument;
  /** Its code and its names, each of which finds it exactly. */
  readonly exact: readonly string[];
  readonly names: string;
  readonly initials: string;
}

/** What a suggestion does when it is chosen: adds its keys to the watch list, or opens the page of the stock. */
export type Action = "add" | "open";

/** An instrument that matches the search. */
export interface Suggestion {
  readonly action: Action;
  readonly kind: InstrumentKind;
  readonly code: string;
  /** Null if only the code is known. */
  readonly instrument: Instrument | null;
  /** The keys to add to the watch list. */
  readonly keys: readonly GatewayKey[];
}

/** The feed to watch an instrument of each kind. The first one that the viewer may use: not every service has consolidated trades. */
const feedsOf: Readonly<Record<InstrumentKind, readonly Feed[]>> = {
  index: ["index"],
  stock: ["trade", "trade-krx"],
  bond: ["bond"],
  future: ["futures"],
  overseasStock: ["us"],
  overseasFuture: ["overseas-futures"],
};

/** Patterns of codes that can be added without a known name. */
const codePatterns: readonly (readonly [InstrumentKind, RegExp])[] = [
  ["index", /^[0-9]{4}$/],
  ["stock", /^[0-9][0-9A-Z]{5}$/],
  ["bond", /^KR[0-9A-Z]{10}$/],
  ["overseasStock", /^D[A-Z]{3}[0-9A-Z./]{1,12}$/],
];

/** More stocks than the built-in names have, and fewer than any exchange lists. */
const fewestListed = 300;

/** The instruments' names, with a search by code, part of a name, or initial consonants of a Korean name. */
export class Directory {
  private readonly entries: readonly Entry[];
  private readonly byCode: ReadonlyMap<string, Instrument>;

  constructor(instruments: readonly Instrument[]) {
    this.entries = instruments.map((instrument) => ({
      instrument,
      exact: [instrument.code, instrument.name, instrument.englishName ?? ""].map(normalize),
      names: normalize(`${instrument.name} ${instrument.englishName ?? ""}`),
      initials: initialsOf(normalize(instrument.name)),
    }));
    this.byCode = new Map(this.entries.map(({ instrument }) => [instrument.code, instrument]));
  }

  /** Whether the gateway has the names of a whole exchange, rather than only the built-in ones. */
  get isComplete(): boolean {
    return this.entries.filter(({ instrument }) => instrument.kind === "stock").length >= fewestListed;
  }

  find(code: string): Instrument | undefined {
    return this.byCode.get(code);
  }

  /**
   * The suggestions for a text: those of a key such as `index:0001`, or else of a search. The best match of a stock can also be opened, and
   * its program trading be watched.
   * @param isOffered Whether the viewer may use the feed of a key.
   */
  suggest(text: string, isOffered: (key: GatewayKey) => boolean): readonly Suggestion[] {
    const stock = parseStockTarget(text)?.code ?? null;
    const key = parseTarget(text);
    const typed =
      key === null || isNotice(key)
        ? []
        : [{ action: "add", kind: kindOf(feedOf(key.trId)), code: key.key, instrument: this.find(key.key) ?? null, keys: [key] } as const];
    const found = typed.length > 0 || stock !== null ? typed : this.search(text);
    const offered = found
      .map((suggestion) => ({ ...suggestion, keys: suggestion.keys.filter(isOffered).slice(0, 1) }))
      .filter(({ keys }) => keys.length > 0);
    const code = stock ?? (found[0]?.kind === "stock" ? found[0].code : null);
    if (code === null) return offered;
    const ofStock = { kind: "stock", code, instrument: this.find(code) ?? null } as const;
    const open: Suggestion = { ...ofStock, action: "open", keys: [] };
    if (stock !== null) return [open, ...offered];
    const programs = (["program", "program-nxt"] as const).map((feed) => ({ trId: trIdOf(feed), key: code })).filter(isOffered);
    const program: readonly Suggestion[] = programs.length === 0 ? [] : [{ ...ofStock, action: "add", keys: programs }];
    return [...offered.slice(0, 1), open, ...program, ...offered.slice(1)];
  }

  /** Finds instruments, best match first. */
  search(text: string, limit = 12): readonly Suggestion[] {
    const query = splitClusters(normalize(text));
    if (query === "") return [];
    const found = this.entries
      .map((entry) => ({ entry, rank: rankOf(entry, query) }))
      .filter(({ rank }) => rank < unranked)
      .sort((a, b) => a.rank - b.rank)
      .slice(0, limit)
      .map(({ entry: { instrument } }) => suggestionOf(instrument.kind, instrument.code, instrument));
    return found.some(({ code }) => code === query.toUpperCase()) ? found : [...found, ...byPattern(query.toUpperCase())].slice(0, limit);
  }
}

/** The kind of the instruments of a feed. */
function kindOf(feed: Feed | undefined): InstrumentKind {
  if (feed === "night-futures") return "future";
  return instrumentKinds.find((kind) => feedsOf[kind].some((known) => known === feed)) ?? "stock";
}

const unranked = 9;

function rankOf({ instrument, exact, names, initials }: Entry, query: string): number {
  const code = instrument.code.toLowerCase();
  if (exact.includes(query)) return 0;
  if (names.startsWith(query)) return 1;
  if (code.startsWith(query)) return 2;
  if (areInitials(query) && initials === query) return 3;
  if (areInitials(query) && initials.startsWith(query)) return 4;
  if (names.includes(query)) return 5;
  if (areInitials(query) && initials.includes(query)) return 6;
  return code.includes(query) ? 7 : unranked;
}

function byPattern(code: string): readonly Suggestion[] {
  return codePatterns.filter(([, pattern]) => pattern.test(code)).map(([kind]) => suggestionOf(kind, code, null));
}

function suggestionOf(kind: InstrumentKind, code: string, instrument: Instrument | null): Suggestion {
  return { action: "add", kind, code, instrument, keys: feedsOf[kind].map((feed) => ({ trId: trIdOf(feed), key: code })) };
}

/** Removes case and blanks (KOSPI200, kospi 200), and composes Korean syllables, which some systems decompose. */
function normalize(text: string): string {
  return text.normalize("NFC").toLowerCase().replaceAll(/\s/g, "");
}

import type { GatewayKey, Instrument, InstrumentKind } from "../gateway/pages";
import { splitClusters, areInitials, initialsOf } from "./initials";
import { trIdOf, type Feed } from "./target";

interface Entry {
  readonly instrument: Instrument;
  /** Its code and its names, each of which finds it exactly. */
  readonly exact: readonly string[];
  readonly names: string;
  readonly initials: string;
}

/** An instrument that matches the search, with the keys to add to the watch list. */
export interface Suggestion {
  readonly kind: InstrumentKind;
  readonly code: string;
  /** Null if only the code is known. */
  readonly instrument: Instrument | null;
  readonly keys: readonly GatewayKey[];
}

const feedsOf: Readonly<Record<InstrumentKind, readonly Feed[]>> = {
  index: ["index"],
  stock: ["program", "program-nxt"],
  bond: ["bond"],
};

/** Patterns of codes that can be added without a known name. */
const codePatterns: readonly (readonly [InstrumentKind, RegExp])[] = [
  ["index", /^[0-9]{4}$/],
  ["stock", /^[0-9][0-9A-Z]{5}$/],
  ["bond", /^KR[0-9A-Z]{10}$/],
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
  return { kind, code, instrument, keys: feedsOf[kind].map((feed) => ({ trId: trIdOf(feed), key: code })) };
}

/** Removes case and blanks (KOSPI200, kospi 200), and composes Korean syllables, which some systems decompose. */
function normalize(text: string): string {
  return text.normalize("NFC").toLowerCase().replaceAll(/\s/g, "");
}

import type { GatewayKey, Instrument, InstrumentKind } from "../gateway/pages";
import { apart, areInitials, initialsOf } from "./initials";
import { trIdOf, type Feed } from "./target";

interface Entry {
  readonly instrument: Instrument;
  readonly names: string;
  readonly initials: string;
}

/** What can be added to the watch list at once. */
export interface Suggestion {
  readonly kind: InstrumentKind;
  readonly code: string;
  /** Null where only the code is known. */
  readonly instrument: Instrument | null;
  readonly keys: readonly GatewayKey[];
}

const feedsOf: Readonly<Partial<Record<InstrumentKind, readonly Feed[]>>> = {
  index: ["index"],
  stock: ["program", "program-nxt"],
  bond: ["bond"],
};

/** Codes that can be asked for although no name is known of them. */
const forms: readonly (readonly [InstrumentKind, RegExp])[] = [
  ["index", /^[0-9]{4}$/],
  ["stock", /^[0-9][0-9A-Z]{5}$/],
  ["bond", /^KR[0-9A-Z]{10}$/],
];

/** The names of instruments, and what people mean by what they type: a code, a part of a name, or the initial consonants of a Korean one. */
export class Directory {
  private readonly entries: readonly Entry[];
  private readonly byCode: ReadonlyMap<string, Instrument>;

  constructor(instruments: readonly Instrument[]) {
    this.entries = instruments
      .filter((instrument) => feedsOf[instrument.kind] !== undefined)
      .map((instrument) => ({
        instrument,
        names: plain(`${instrument.name} ${instrument.englishName ?? ""}`),
        initials: initialsOf(plain(instrument.name)),
      }));
    this.byCode = new Map(this.entries.map(({ instrument }) => [instrument.code, instrument]));
  }

  find(code: string): Instrument | undefined {
    return this.byCode.get(code);
  }

  /** What a text may mean, the likeliest first. */
  search(text: string, most = 12): readonly Suggestion[] {
    const wanted = apart(plain(text));
    if (wanted === "") return [];
    const found = this.entries
      .map((entry) => ({ entry, rank: rankOf(entry, wanted) }))
      .filter(({ rank }) => rank < unranked)
      .sort((a, b) => a.rank - b.rank)
      .slice(0, most)
      .map(({ entry: { instrument } }) => suggestionOf(instrument.kind, instrument.code, instrument));
    return found.some(({ code }) => code === wanted.toUpperCase()) ? found : [...found, ...byForm(wanted.toUpperCase())].slice(0, most);
  }
}

const unranked = 9;

function rankOf({ instrument, names, initials }: Entry, wanted: string): number {
  const code = instrument.code.toLowerCase();
  if (code === wanted) return 0;
  if (names.startsWith(wanted)) return 1;
  if (code.startsWith(wanted)) return 2;
  if (areInitials(wanted) && initials.startsWith(wanted)) return 3;
  if (names.includes(wanted)) return 4;
  if (areInitials(wanted) && initials.includes(wanted)) return 5;
  return code.includes(wanted) ? 6 : unranked;
}

function byForm(code: string): readonly Suggestion[] {
  return forms.filter(([, form]) => form.test(code)).map(([kind]) => suggestionOf(kind, code, null));
}

function suggestionOf(kind: InstrumentKind, code: string, instrument: Instrument | null): Suggestion {
  return { kind, code, instrument, keys: (feedsOf[kind] ?? []).map((feed) => ({ trId: trIdOf(feed), key: code })) };
}

/** Without case and blanks, which people type as they like: KOSPI200, kospi 200. Some systems put syllables together of letters. */
function plain(text: string): string {
  return text.normalize("NFC").toLowerCase().replaceAll(/\s/g, "");
}

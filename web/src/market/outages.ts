import type { Span } from "./gaps";

/** One trouble, and the keys of which data are missing because of it. */
export interface Outage {
  from: number;
  /** Null while it goes on for any of them. */
  to: number | null;
  readonly reason: string;
  readonly targets: string[];
}

/** A key's gap begins with its own last record, so those of one trouble do not begin at the same second. */
const together = 15;

/** Puts the gaps of many keys together to what caused them, newest first. */
export function outagesOf(gaps: Iterable<readonly [target: string, spans: readonly Span[]]>): readonly Outage[] {
  const all = [...gaps].flatMap(([target, spans]) => spans.map((span) => ({ target, span }))).sort((a, b) => a.span.from - b.span.from);
  const outages: Outage[] = [];
  for (const { target, span } of all) {
    const known = outages.findLast((outage) => outage.reason === span.reason && span.from - outage.from <= together && !outage.targets.includes(target));
    if (known === undefined) {
      outages.push({ from: span.from, to: span.to, reason: span.reason, targets: [target] });
      continue;
    }
    known.targets.push(target);
    known.to = known.to === null || span.to === null ? null : Math.max(known.to, span.to);
  }
  return outages.reverse();
}

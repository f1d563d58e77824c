import type { Span } from "./gaps";

/** Gaps of several keys with the same cause. */
export interface Outage {
  from: number;
  /** Null while any of the gaps is open. */
  to: number | null;
  readonly reason: string;
  readonly targets: string[];
}

/** Seconds. A gap begins with the last record of its key, so gaps with the same cause begin at different times. */
const groupingWindow = 15;

/** Groups the gaps of many keys by cause, newest first. */
export function outagesOf(gaps: Iterable<readonly [target: string, spans: readonly Span[]]>): readonly Outage[] {
  const all = [...gaps].flatMap(([target, spans]) => spans.map((span) => ({ target, span }))).sort((a, b) => a.span.from - b.span.from);
  const outages: Outage[] = [];
  for (const { target, span } of all) {
    const outage = outages.findLast(
      (outage) => outage.reason === span.reason && span.from - outage.from <= groupingWindow && !outage.targets.includes(target),
    );
    if (outage === undefined) {
      outages.push({ from: span.from, to: span.to, reason: span.reason, targets: [target] });
      continue;
    }
    outage.targets.push(target);
    outage.to = outage.to === null || span.to === null ? null : Math.max(outage.to, span.to);
  }
  return outages.reverse();
}

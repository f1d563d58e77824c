import type { SinkStatus } from "../gateway/pages";
import { clockText, marketSeconds } from "../market/market-time";
import type { Localization } from "../text/localization";

/** The sink reads files that are written every second or two, so it is always a little behind. */
const normalLagSeconds = 30;

export interface SinkText {
  readonly text: string;
  readonly severity: "good" | "bad" | "plain";
}

/** How far the database is behind the recording, and what hinders it. */
export function sinkText(sink: SinkStatus | null, { texts, numbers }: Localization): SinkText {
  if (sink === null) return { text: "–", severity: "plain" };
  const lag = sink.lagBytes > 0 ? texts.sinkLag(numbers.bytes(sink.lagBytes), numbers.whole(sink.lagSeconds)) : "";
  if (!sink.isStoring) {
    const since = marketSeconds(sink.problemSince);
    const state = since === null ? texts.sinkEnded : texts.sinkProblem(clockText(since));
    return { text: [state, sink.problem ?? "", lag].filter((part) => part !== "").join(" · "), severity: "bad" };
  }
  const records = texts.sinkRecords(numbers.whole(sink.records));
  if (lag === "") return { text: `${texts.sinkCurrent} · ${records}`, severity: "good" };
  return { text: `${lag} · ${records}`, severity: sink.lagSeconds > normalLagSeconds ? "bad" : "good" };
}

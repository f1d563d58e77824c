import type { PublisherStatus } from "../gateway/pages";
import { clockText, marketSeconds } from "../market/market-time";
import type { Localization } from "../text/localization";

export interface PublisherText {
  readonly text: string;
  readonly severity: "good" | "bad" | "plain";
}

/** How far the cluster is behind the recording, and what hinders it. */
export function publisherText(publisher: PublisherStatus | null, { texts, numbers }: Localization): PublisherText {
  if (publisher === null) return { text: "–", severity: "plain" };
  const lag = publisher.lagSeconds > 0 ? texts.publisherLag(numbers.whole(publisher.lagSeconds)) : "";
  if (!publisher.isPublishing) {
    const since = marketSeconds(publisher.problemSince);
    const state = since === null ? texts.publisherEnded : texts.publisherProblem(clockText(since));
    return { text: [state, publisher.problem ?? "", lag].filter((part) => part !== "").join(" · "), severity: "bad" };
  }
  const count = texts.publisherCount(numbers.whole(publisher.published));
  return publisher.isLive
    ? { text: `${texts.publisherCurrent} · ${count}`, severity: "good" }
    : { text: [lag, count].filter((part) => part !== "").join(" · "), severity: "plain" };
}

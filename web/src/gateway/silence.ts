import type { StatusPage, UpstreamSession } from "./pages";

/** Seconds. The service sends a heartbeat about every 10 seconds if it has no data to send. */
const silenceLimit = 25;

/** Seconds since the last message on an open connection; null if within the limit. */
export function silenceOf({ phase, lastMessage }: UpstreamSession): number | null {
  return phase === "open" && lastMessage.secondsAgo !== null && lastMessage.secondsAgo > silenceLimit ? lastMessage.secondsAgo : null;
}

export function isUpstreamSilent({ upstream }: StatusPage): boolean {
  return upstream.some((session) => silenceOf(session) !== null);
}

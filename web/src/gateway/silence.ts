import type { StatusPage, UpstreamSession } from "./pages";

/** Seconds. The service sends a heartbeat about every 10 where it has nothing else to send. */
const limit = 25;

/** How long nothing has been heard on a connection that is open; null where that is not long yet. */
export function silenceOf({ phase, lastMessage }: UpstreamSession): number | null {
  return phase === "open" && lastMessage.secondsAgo !== null && lastMessage.secondsAgo > limit ? lastMessage.secondsAgo : null;
}

export function isUpstreamSilent({ upstream }: StatusPage): boolean {
  return upstream.some((session) => silenceOf(session) !== null);
}

import { Backoff } from "./backoff";
import type { Gateway } from "./gateway";
import { idOf, readItem, type Item } from "./items";

/** The gateway says something every 10 seconds at least. */
const silenceLimit = 25_000;

/** A message to the gateway may be 16 KiB long. */
const targetsAMessage = 200;

/** Milliseconds until what was refused is asked for again. */
const retryRefused = 60_000;

export type StreamState = "connecting" | "open" | "lost";

export interface StreamListener {
  /** An item has come. */
  item(item: Item): void;
  /** The connection stands or does not. */
  state(state: StreamState): void;
  /** A connection stands again: from the last id that was got on, or, where there was none, anew. */
  opened(resumes: boolean): void;
  /** The connection could not be made or was lost: what to do before the next attempt. A rejection ends the stream. */
  beforeRetry(): Promise<void>;
}

/**
 * The records of the keys that are wanted, over one WebSocket that is made anew whenever it is lost and goes on where it was. Wanted and had are two things: what has been confirmed is part of the next
 * connection's address, so that nothing of it is missed; the rest is asked for once the connection stands.
 */
export class Stream {
  private readonly wanted = new Set<string>();
  private readonly asked = new Set<string>();
  private readonly confirmed = new Set<string>();
  /** Asked for in vain: again in a while, when something else is given back, or on another connection. */
  private readonly refused = new Set<string>();
  private readonly backoff = new Backoff();
  private socket: WebSocket | null = null;
  private lastId: string | undefined;
  private lastHeard = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private isRunning = false;
  private isLost = false;
  private attempt = 0;

  constructor(
    private readonly gateway: Gateway,
    private readonly listener: StreamListener,
  ) {
    setInterval(() => this.checkSilence(), 5_000);
    setInterval(() => this.askAgain(), retryRefused);
    addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.hurry());
  }

  /** Begins, or begins anew after the stream had ended: who looks now may be somebody else. */
  start(): void {
    if (this.isRunning) return;
    this.lastId = undefined;
    this.confirmed.clear();
    this.isRunning = true;
    this.backoff.reset();
    this.connect();
  }

  /** Says which targets (`TRID:KEY`) are wanted. */
  want(targets: Iterable<string>): void {
    const before = [...this.wanted];
    this.wanted.clear();
    for (const target of targets) this.wanted.add(target);
    // What is given back may be the place that was missing for another.
    if (before.some((target) => !this.wanted.has(target))) this.refused.clear();
    this.ask();
  }

  private connect(): void {
    clearTimeout(this.retry);
    this.attempt++;
    this.listener.state(this.isLost ? "lost" : "connecting");
    const had = [...this.confirmed].filter((target) => this.wanted.has(target));
    const resumes = this.lastId !== undefined && had.length > 0;
    const parameters: Record<string, string> = { snapshot: "1", queue: "16384" };
    if (resumes) {
      parameters["subscribe"] = had.join(",");
      parameters["last_event_id"] = this.lastId!;
    }
    this.asked.clear();
    this.refused.clear();
    this.confirmed.clear();
    // Until this attempt has brought something they are what the next one is to go on with too.
    if (resumes) for (const target of had) this.confirmed.add(target);
    const socket = new WebSocket(this.gateway.streamUrl(parameters));
    this.socket = socket;
    this.lastHeard = performance.now();
    let hasOpened = false;
    socket.onopen = () => {
      hasOpened = true;
      this.lastHeard = performance.now();
      if (resumes) for (const target of had) this.asked.add(target);
      this.isLost = false;
      this.listener.opened(resumes);
      this.listener.state("open");
      this.ask();
    };
    socket.onmessage = ({ data }) => this.take(data as string);
    socket.onclose = () => {
      this.socket = null;
      this.lose(!hasOpened && resumes);
    };
  }

  private take(text: string): void {
    this.lastHeard = performance.now();
    const item = readItem(text);
    this.lastId = idOf(item) ?? this.lastId;
    if (item.kind === "subscribed") {
      this.backoff.reset();
      this.confirmed.add(`${item.subscribed.trId}:${item.subscribed.key}`);
    } else if (item.kind === "unsubscribed") {
      this.confirmed.delete(`${item.unsubscribed.trId}:${item.unsubscribed.key}`);
    } else if (item.kind === "refused" && item.refused.trId !== undefined) {
      const target = `${item.refused.trId}:${item.refused.key}`;
      this.confirmed.delete(target);
      if (this.asked.delete(target)) this.refused.add(target);
    }
    this.listener.item(item);
  }

  /** @param mayBeTurnedDown Whether it could be for its address, with what it was to go on from, that the connection was not made. */
  private lose(mayBeTurnedDown = false): void {
    this.isLost = true;
    this.listener.state("lost");
    this.prepareRetry(this.attempt, mayBeTurnedDown).catch(() => this.end());
  }

  private async prepareRetry(attempt: number, mayBeTurnedDown: boolean): Promise<void> {
    await this.listener.beforeRetry();
    // A gateway that cannot be reached has turned nothing down, and may well know how to go on once it can be.
    const isTurnedDown = mayBeTurnedDown && (await this.gateway.answers());
    if (attempt !== this.attempt) return; // Somebody was in a hurry meanwhile.
    if (isTurnedDown) this.lastId = undefined;
    this.retry = setTimeout(() => this.connect(), this.backoff.next());
  }

  /** Ends it: nothing comes any more until it is started again. */
  stop(): void {
    this.attempt++; // What is being prepared is for nothing.
    this.end();
  }

  private end(): void {
    this.isRunning = false;
    this.isLost = false;
    clearTimeout(this.retry);
    this.abandon();
  }

  /** The machine has woken up, or somebody looks at the page again: this is no time to wait for the next attempt. */
  private hurry(): void {
    if (!this.isRunning) return;
    if (this.socket === null) this.connect();
    else this.checkSilence();
  }

  private checkSilence(): void {
    if (this.socket === null || performance.now() - this.lastHeard < silenceLimit) return;
    this.abandon();
    this.lose();
  }

  /** Lets go of a connection, whatever it may still say. */
  private abandon(): void {
    const { socket } = this;
    if (socket === null) return;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    this.socket = null;
    socket.close();
  }

  /** A place may have become free meanwhile. */
  private askAgain(): void {
    this.refused.clear();
    this.ask();
  }

  private ask(): void {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    const more = [...this.wanted].filter((target) => !this.asked.has(target) && !this.refused.has(target));
    const fewer = [...this.asked].filter((target) => !this.wanted.has(target));
    for (const target of fewer) {
      this.asked.delete(target);
      this.confirmed.delete(target);
    }
    for (const target of more) this.asked.add(target);
    this.send("unsubscribe", fewer);
    this.send("subscribe", more);
  }

  private send(what: "subscribe" | "unsubscribe", targets: readonly string[]): void {
    for (let i = 0; i < targets.length; i += targetsAMessage) this.socket?.send(JSON.stringify({ [what]: targets.slice(i, i + targetsAMessage) }));
  }
}

import { Backoff } from "./backoff";
import type { Gateway } from "./gateway";
import { idOf, readItem, type Item } from "./items";

/** Milliseconds. The gateway sends a message at least every 10 seconds. */
const silenceLimit = 25_000;

/** Keeps messages to the gateway below its limit of 16 KiB. */
const targetsPerMessage = 200;

/** Milliseconds until refused targets are requested again. */
const refusedRetryInterval = 60_000;

export type StreamState = "connecting" | "open" | "lost";

export interface StreamListener {
  onItem(item: Item): void;
  onState(state: StreamState): void;
  /** A connection is open. @param resumes Whether it resumes after the last received id. */
  onOpened(resumes: boolean): void;
  /** Called before reconnecting. A rejection ends the stream. */
  beforeRetry(): Promise<void>;
}

/**
 * The records of a set of targets over one WebSocket, which reconnects and resumes where it stopped. Confirmed targets are part of the
 * next connection's address, so that none of their records are missed; the others are requested once the connection is open.
 */
export class Stream {
  private readonly targets = new Set<string>();
  private readonly requested = new Set<string>();
  private readonly confirmed = new Set<string>();
  /** Refused targets; requested again after an interval, when another target is removed, or on the next connection. */
  private readonly refused = new Set<string>();
  private readonly backoff = new Backoff();
  private socket: WebSocket | null = null;
  private lastId: string | undefined;
  private lastMessageAt = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private isRunning = false;
  private isLost = false;
  private attempt = 0;

  constructor(
    private readonly gateway: Gateway,
    private readonly listener: StreamListener,
  ) {
    setInterval(() => this.checkSilence(), 5_000);
    setInterval(() => this.retryRefused(), refusedRetryInterval);
    addEventListener("online", () => this.reconnectNow());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.reconnectNow());
  }

  /** Starts the stream, without resuming: after a stop, the viewer may be another consumer. */
  start(): void {
    if (this.isRunning) return;
    this.lastId = undefined;
    this.confirmed.clear();
    this.isRunning = true;
    this.backoff.reset();
    this.connect();
  }

  /** Sets the targets (`TRID:KEY`) of the stream. */
  setTargets(targets: Iterable<string>): void {
    const before = [...this.targets];
    this.targets.clear();
    for (const target of targets) this.targets.add(target);
    // A removed target frees a slot for a refused one.
    if (before.some((target) => !this.targets.has(target))) this.refused.clear();
    this.updateSubscriptions();
  }

  private connect(): void {
    clearTimeout(this.retry);
    this.attempt++;
    this.listener.onState(this.isLost ? "lost" : "connecting");
    const resumable = [...this.confirmed].filter((target) => this.targets.has(target));
    const resumes = this.lastId !== undefined && resumable.length > 0;
    const parameters: Record<string, string> = { snapshot: "1", queue: "16384", page: "1" };
    if (resumes) {
      parameters["subscribe"] = resumable.join(",");
      parameters["last_event_id"] = this.lastId!;
    }
    this.requested.clear();
    this.refused.clear();
    this.confirmed.clear();
    // If this attempt fails, the next one resumes the same targets.
    if (resumes) for (const target of resumable) this.confirmed.add(target);
    const socket = new WebSocket(this.gateway.streamUrl(parameters));
    this.socket = socket;
    this.lastMessageAt = performance.now();
    let hasOpened = false;
    socket.onopen = () => {
      hasOpened = true;
      this.lastMessageAt = performance.now();
      if (resumes) for (const target of resumable) this.requested.add(target);
      this.isLost = false;
      this.listener.onOpened(resumes);
      this.listener.onState("open");
      this.updateSubscriptions();
    };
    socket.onmessage = ({ data }) => this.onMessage(data as string);
    socket.onclose = () => {
      this.socket = null;
      this.onConnectionLost(!hasOpened && resumes);
    };
  }

  private onMessage(text: string): void {
    this.lastMessageAt = performance.now();
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
      if (this.requested.delete(target)) this.refused.add(target);
    }
    this.listener.onItem(item);
  }

  /** @param mayBeRejected Whether the gateway may have rejected the connection because it cannot resume from the requested id. */
  private onConnectionLost(mayBeRejected = false): void {
    this.isLost = true;
    this.listener.onState("lost");
    this.prepareRetry(this.attempt, mayBeRejected).catch(() => this.end());
  }

  private async prepareRetry(attempt: number, mayBeRejected: boolean): Promise<void> {
    await this.listener.beforeRetry();
    // An unreachable gateway has rejected nothing, and may still be able to resume later.
    const isRejected = mayBeRejected && (await this.gateway.isReachable());
    if (attempt !== this.attempt) return; // Another attempt has started meanwhile.
    if (isRejected) this.lastId = undefined;
    this.retry = setTimeout(() => this.connect(), this.backoff.next());
  }

  /** Closes the connection until the next start. */
  stop(): void {
    this.attempt++; // Cancels a pending retry.
    this.end();
  }

  private end(): void {
    this.isRunning = false;
    this.isLost = false;
    clearTimeout(this.retry);
    this.discardSocket();
  }

  /** Skips the delay before the next attempt: the machine has woken up, or the page is visible again. */
  private reconnectNow(): void {
    if (!this.isRunning) return;
    if (this.socket === null) this.connect();
    else this.checkSilence();
  }

  private checkSilence(): void {
    if (this.socket === null || performance.now() - this.lastMessageAt < silenceLimit) return;
    this.discardSocket();
    this.onConnectionLost();
  }

  /** Closes the socket and ignores its further events. */
  private discardSocket(): void {
    const { socket } = this;
    if (socket === null) return;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    this.socket = null;
    socket.close();
  }

  /** Requests refused targets again: a slot may have become free. */
  private retryRefused(): void {
    this.refused.clear();
    this.updateSubscriptions();
  }

  private updateSubscriptions(): void {
    if (this.socket?.readyState !== WebSocket.OPEN) return;
    const added = [...this.targets].filter((target) => !this.requested.has(target) && !this.refused.has(target));
    const removed = [...this.requested].filter((target) => !this.targets.has(target));
    for (const target of removed) {
      this.requested.delete(target);
      this.confirmed.delete(target);
    }
    for (const target of added) this.requested.add(target);
    this.send("unsubscribe", removed);
    this.send("subscribe", added);
  }

  private send(command: "subscribe" | "unsubscribe", targets: readonly string[]): void {
    for (let i = 0; i < targets.length; i += targetsPerMessage)
      this.socket?.send(JSON.stringify({ [command]: targets.slice(i, i + targetsPerMessage) }));
  }
}

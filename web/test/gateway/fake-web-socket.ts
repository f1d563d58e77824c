/** Stands in for the browser's WebSocket: a test says what becomes of a connection. */
export class FakeWebSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  /** All that were made, in their order. */
  static readonly made: FakeWebSocket[] = [];

  readonly url: URL;
  readonly sent: unknown[] = [];
  readyState = FakeWebSocket.CONNECTING;
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;

  constructor(url: URL) {
    this.url = url;
    FakeWebSocket.made.push(this);
  }

  static get newest(): FakeWebSocket {
    return FakeWebSocket.made.at(-1)!;
  }

  /** Those that the page holds: what it has closed, or lost, is none of them. */
  static get standing(): readonly FakeWebSocket[] {
    return FakeWebSocket.made.filter(({ readyState }) => readyState <= FakeWebSocket.OPEN);
  }

  /** The parameters of its address. */
  get parameters(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.url.searchParams);
  }

  send(text: string): void {
    if (this.readyState !== FakeWebSocket.OPEN) throw new Error("it is not open");
    this.sent.push(JSON.parse(text));
  }

  /** The page closes it. Browsers say so later, and only to who still listens. */
  close(): void {
    this.readyState = FakeWebSocket.CLOSING;
  }

  open(): void {
    this.readyState = FakeWebSocket.OPEN;
    this.onopen?.();
  }

  /** The gateway, or the network, ends it: also before it has opened. */
  lose(): void {
    this.readyState = FakeWebSocket.CLOSED;
    this.onclose?.();
  }

  receive(...items: readonly object[]): void {
    for (const item of items) this.onmessage?.({ data: JSON.stringify(item) });
  }
}

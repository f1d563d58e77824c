/** A fake of the browser's WebSocket, controlled by the test. */
export class FakeWebSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  /** All created sockets, in order. */
  static readonly created: FakeWebSocket[] = [];

  readonly url: URL;
  readonly sent: unknown[] = [];
  readyState = FakeWebSocket.CONNECTING;
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;

  constructor(url: URL) {
    this.url = url;
    FakeWebSocket.created.push(this);
  }

  static get newest(): FakeWebSocket {
    return FakeWebSocket.created.at(-1)!;
  }

  /** The sockets that are connecting or open. */
  static get active(): readonly FakeWebSocket[] {
    return FakeWebSocket.created.filter(({ readyState }) => readyState <= FakeWebSocket.OPEN);
  }

  /** The query parameters of the address. */
  get parameters(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.url.searchParams);
  }

  send(text: string): void {
    if (this.readyState !== FakeWebSocket.OPEN) throw new Error("the socket is not open");
    this.sent.push(JSON.parse(text));
  }

  /** Called by the page. Browsers raise `onclose` later. */
  close(): void {
    this.readyState = FakeWebSocket.CLOSING;
  }

  open(): void {
    this.readyState = FakeWebSocket.OPEN;
    this.onopen?.();
  }

  /** The gateway or the network closes the connection, possibly before it is open. */
  disconnect(): void {
    this.readyState = FakeWebSocket.CLOSED;
    this.onclose?.();
  }

  receive(...items: readonly object[]): void {
    for (const item of items) this.onmessage?.({ data: JSON.stringify(item) });
  }
}

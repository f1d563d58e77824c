import { CredentialsNeeded, type Gateway } from "./gateway/gateway";
import type { HistoryPage } from "./gateway/pages";

/** Questions at once. */
const together = 4;
const pause = 1_000;
const attempts = 5;

/** Fetches what has happened to keys before the page looked, a few at a time and at the pace that the gateway allows. */
export class Histories {
  private readonly queue: { readonly trId: string; readonly key: string }[] = [];
  private running = 0;

  constructor(
    private readonly gateway: Gateway,
    private readonly take: (history: HistoryPage) => void,
  ) {}

  ask(trId: string, key: string): void {
    if (this.queue.some((waiting) => waiting.trId === trId && waiting.key === key)) return;
    this.queue.push({ trId, key });
    if (this.running < together) void this.run();
  }

  private async run(): Promise<void> {
    this.running++;
    for (let next = this.queue.shift(); next !== undefined; next = this.queue.shift()) {
      const history = await this.fetch(next.trId, next.key);
      if (history !== null) this.take(history);
    }
    this.running--;
  }

  private async fetch(trId: string, key: string): Promise<HistoryPage | null> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.gateway.history(trId, key);
      } catch (error) {
        // Without its morning a chart begins where the page did; that is no reason to show nothing.
        if (error instanceof CredentialsNeeded || attempt === attempts) return null;
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  }
}

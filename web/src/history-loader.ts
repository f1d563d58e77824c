import { CredentialsRequiredError, type Gateway } from "./gateway/gateway";
import type { HistoryPage } from "./gateway/pages";

/** Concurrent requests. */
const maxConcurrent = 4;
const retryDelay = 1_000;
const maxAttempts = 5;

/** Loads the histories of keys, a few at a time, and retries failed requests. */
export class HistoryLoader {
  private readonly queue: { readonly trId: string; readonly key: string }[] = [];
  private running = 0;

  constructor(
    private readonly gateway: Gateway,
    private readonly onLoaded: (history: HistoryPage) => void,
  ) {}

  load(trId: string, key: string): void {
    if (this.queue.some((waiting) => waiting.trId === trId && waiting.key === key)) return;
    this.queue.push({ trId, key });
    if (this.running < maxConcurrent) void this.run();
  }

  private async run(): Promise<void> {
    this.running++;
    for (let next = this.queue.shift(); next !== undefined; next = this.queue.shift()) {
      const history = await this.fetch(next.trId, next.key);
      if (history !== null) this.onLoaded(history);
    }
    this.running--;
  }

  private async fetch(trId: string, key: string): Promise<HistoryPage | null> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.gateway.history(trId, key);
      } catch (error) {
        // Without its history a chart begins when the page was opened.
        if (error instanceof CredentialsRequiredError || attempt === maxAttempts) return null;
        await new Promise((resolve) => setTimeout(resolve, retryDelay));
      }
    }
  }
}

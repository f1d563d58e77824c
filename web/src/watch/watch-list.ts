import type { GatewayKey } from "../gateway/pages";
import { isNotice, parseTarget, shortText, targetOf } from "./target";

const member = "watch=";

/** What is watched, in the order in which it was added. Kept in the page's address, so that a view can be shared; order notices are nobody else's business and not in it. */
export class WatchList {
  private keys: GatewayKey[] = [];

  constructor(private readonly changed: () => void) {}

  get all(): readonly GatewayKey[] {
    return this.keys;
  }

  has(key: GatewayKey): boolean {
    return this.keys.some((known) => known.trId === key.trId && known.key === key.key);
  }

  add(...keys: readonly GatewayKey[]): boolean {
    const fresh = keys.filter((key) => !isNotice(key) && !this.has(key));
    if (fresh.length === 0) return false;
    this.keys = [...this.keys, ...fresh];
    this.changed();
    return true;
  }

  remove(...keys: readonly GatewayKey[]): void {
    const gone = new Set(keys.map((key) => targetOf(key.trId, key.key)));
    const rest = this.keys.filter((key) => !gone.has(targetOf(key.trId, key.key)));
    if (rest.length === this.keys.length) return;
    this.keys = rest;
    this.changed();
  }

  replace(keys: readonly GatewayKey[]): void {
    this.keys = [];
    for (const key of keys) if (!isNotice(key) && !this.has(key)) this.keys.push(key);
    this.changed();
  }

  /** What stands behind the # of the address. */
  get address(): string {
    return `#${member}${this.keys.map(shortText).join(",")}`;
  }
}

/** Reads a list from what stands behind the # of an address; null where there is none. What is no key is left out, and said. */
export function readAddress(hash: string): { readonly keys: readonly GatewayKey[]; readonly unknown: readonly string[] } | null {
  const part = hash
    .replace(/^#/, "")
    .split("&")
    .find((candidate) => candidate.startsWith(member));
  if (part === undefined) return null;
  const keys: GatewayKey[] = [];
  const unknown: string[] = [];
  for (const text of decode(part.slice(member.length)).split(",")) {
    if (text.trim() === "") continue;
    const key = parseTarget(text);
    if (key === null || isNotice(key)) unknown.push(text.trim());
    else keys.push(key);
  }
  return { keys, unknown };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

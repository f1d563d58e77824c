import type { GatewayKey } from "../gateway/pages";
import { isNotice, parseTarget, shortText, targetOf } from "./target";

const prefix = "watch=";

/** The maximum number of keys in an address: the gateway's limit for one consumer. */
const maxKeys = 400;

/** Limits on the reported invalid keys: their number, and the length of each. */
const maxReported = 10;
const maxReportedLength = 40;

/**
 * The watched keys, in the order of addition. They are part of the page's address, so that a view can be shared. Order notices are private
 * and never part of it.
 */
export class WatchList {
  private keys: GatewayKey[] = [];

  constructor(private readonly onChanged: () => void) {}

  get all(): readonly GatewayKey[] {
    return this.keys;
  }

  has(key: GatewayKey): boolean {
    return this.keys.some((known) => known.trId === key.trId && known.key === key.key);
  }

  add(...keys: readonly GatewayKey[]): boolean {
    const added = keys.filter((key) => isWatchable(key) && !this.has(key));
    if (added.length === 0) return false;
    this.keys = [...this.keys, ...added];
    this.onChanged();
    return true;
  }

  remove(...keys: readonly GatewayKey[]): void {
    const removed = new Set(keys.map((key) => targetOf(key.trId, key.key)));
    const rest = this.keys.filter((key) => !removed.has(targetOf(key.trId, key.key)));
    if (rest.length === this.keys.length) return;
    this.keys = rest;
    this.onChanged();
  }

  replace(keys: readonly GatewayKey[]): void {
    this.keys = [];
    for (const key of keys) if (isWatchable(key) && !this.has(key)) this.keys.push(key);
    this.onChanged();
  }

  /** The fragment of the page's address. */
  get address(): string {
    return `#${prefix}${this.keys.map(shortText).join(",")}`;
  }
}

/** Reads a list from the fragment of an address; null if there is none. Invalid keys are returned separately. */
export function readAddress(
  hash: string,
  limit = maxKeys,
): { readonly keys: readonly GatewayKey[]; readonly invalid: readonly string[] } | null {
  const part = hash
    .replace(/^#/, "")
    .split("&")
    .find((candidate) => candidate.startsWith(prefix));
  if (part === undefined) return null;
  const keys: GatewayKey[] = [];
  const invalid: string[] = [];
  for (const text of decode(part.slice(prefix.length)).split(",")) {
    if (text.trim() === "") continue;
    const key = parseTarget(text);
    if (key === null || isNotice(key) || keys.length >= limit) invalid.push(text.trim());
    else if (!keys.some((known) => known.trId === key.trId && known.key === key.key)) keys.push(key);
  }
  return { keys, invalid: shortened(invalid) };
}

/** Whether this page shows a key, and reads the same key from an address. */
function isWatchable(key: GatewayKey): boolean {
  const read = parseTarget(shortText(key));
  return read !== null && read.trId === key.trId && read.key === key.key && !isNotice(key);
}

function shortened(texts: readonly string[]): readonly string[] {
  const reported = texts
    .slice(0, maxReported)
    .map((text) => (text.length > maxReportedLength ? `${text.slice(0, maxReportedLength)}…` : text));
  return texts.length > maxReported ? [...reported, "…"] : reported;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
